"""An hour that the trucks cannot keep any more is not promised, and the basket stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.catalog.models import DeliverySlot
from shop.infra.ports import plug
from shop.kernel.money import Money
from shop.orders.models import Order
from shop.orders.ports.delivering import DeliveryAdvisor, SlotAdvice, SlotAsk
from tests.factories.visiting import Customer
from tests.harness.application import PORTS


@dataclass
class Trucks:
    """Trucks that are full when told so."""

    full: set[int] = field(default_factory=set)
    near: set[int] = field(default_factory=set)
    asked: list[tuple[int, datetime]] = field(default_factory=list)

    def said(self, ask: SlotAsk) -> SlotAdvice:
        return SlotAdvice(ask.slot_id not in self.full, Money(120), ask.slot_id in self.near)

    def advise(
        self,
        session: Session,
        cycle_id: int,
        asks: Sequence[SlotAsk],
        *,
        lon: float | None,
        lat: float | None,
        fill: Mapping[TemperatureClass, int],
    ) -> Mapping[int, SlotAdvice]:
        return {ask.slot_id: self.said(ask) for ask in asks}

    def promise(
        self,
        session: Session,
        cycle_id: int,
        ask: SlotAsk,
        *,
        lon: float | None,
        lat: float | None,
        fill: Mapping[TemperatureClass, int],
        order_id: int,
    ) -> SlotAdvice | None:
        self.asked.append((ask.slot_id, ask.starts_at))
        return self.said(ask)


@pytest.fixture
def trucks(app: Flask, customer: Customer) -> Iterator[Trucks]:
    usual = dict(app.extensions[PORTS])
    made = Trucks()
    plug(app, {DeliveryAdvisor: made})
    yield made
    app.extensions[PORTS].clear()
    app.extensions[PORTS].update(usual)


def ready(customer: Customer, slot: str = "relay") -> str:
    customer.client.set_cookie("language", "en")
    customer.put(chicken=1, honey=2)
    customer.choose(slot)
    customer.introduce()
    return customer.basket_id()


def taken(session: Session, customer: Customer, slot: str = "relay") -> int:
    session.expire_all()
    return session.get_one(DeliverySlot, customer.scene.slots[slot]).taken


def test_the_trucks_are_asked_again_when_the_order_is_made(
    customer: Customer, trucks: Trucks
) -> None:
    basket = ready(customer)
    assert trucks.asked == []
    assert customer.confirm(basket).status_code == 303
    assert [slot for slot, _ in trucks.asked] == [customer.scene.slots["relay"]]


def test_a_slot_that_closed_meanwhile_is_said_and_the_basket_is_kept(
    customer: Customer, trucks: Trucks, session: Session
) -> None:
    basket = ready(customer)
    trucks.full.add(customer.scene.slots["relay"])
    answer = customer.confirm(basket)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/checkout/delivery")
    page = customer.get("/checkout/delivery").text
    assert "The last place at that hour is taken. Please choose another one." in page
    assert "Poulet fermier" in customer.get("/basket").text
    assert session.scalar(select(func.count()).select_from(Order)) == 0
    assert taken(session, customer) == 0
    trucks.full.clear()
    assert "/pay" in str(customer.confirm(basket).headers["Location"])
    assert taken(session, customer) == 1


def test_an_hour_that_no_truck_can_keep_is_shown_full_and_a_near_one_is_named(
    customer: Customer, trucks: Trucks
) -> None:
    customer.client.set_cookie("language", "en")
    customer.put(chicken=1, honey=2)
    home = customer.scene.slots["home"]
    trucks.full.add(home)
    assert "full" in customer.get("/checkout/delivery?insee=83023").text
    trucks.full.clear()
    trucks.near.add(home)
    assert "the truck already comes by" in customer.get("/checkout/delivery?insee=83023").text
