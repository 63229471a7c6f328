"""Tills, credit and vouchers for tests of paying in parts."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.billing.queries.till import TillCard
from shop.billing.services import till
from shop.billing.services.till import Taking, Who
from shop.catalog.domain.terms import SpotWay
from shop.catalog.models import DeliveryOption
from shop.kernel.money import Money
from shop.orders.domain.ledger import Account
from shop.orders.domain.terms import AccountKind
from shop.orders.models import Order
from shop.orders.services import closing, purses, settlement
from shop.orders.services.tenders import Wish
from tests.factories.fulfilment import CLOSED_AT, hand_over
from tests.factories.orders import Scene, make_order, make_person

ON_SPOT = Wish(on_spot=True)
DAY = date(2026, 11, 26)
"""The day on which the scene delivers."""

_numbers = itertools.count(1)


def accept(session: Session, scene: Scene, *ways: SpotWay) -> None:
    """Let customers pay on the spot in these ways, everywhere in the market."""
    session.execute(
        update(DeliveryOption)
        .where(DeliveryOption.market_id == scene.market.id)
        .values(spot_ways=[way.value for way in ways or tuple(SpotWay)])
    )


def give_credit(session: Session, scene: Scene, person_id: int, cents: int) -> None:
    """Put credit on somebody's account."""
    purses.put(
        session,
        purses.credit_of(person_id),
        Money(cents),
        market_id=scene.market.id,
        source=Account(AccountKind.MARKET, scene.market.id),
        key=f"test-credit:{next(_numbers)}",
        kind="goodwill",
    )


def delivered_on_spot(
    session: Session, scene: Scene, wanted: dict[str, int], *, person_id: int | None = None
) -> int:
    """An order to be paid on the spot, delivered as ordered and not yet paid; its key."""
    made = make_order(session, scene, wanted, person_id=person_id, wish=ON_SPOT)
    deliver(session, scene, made.order_id)
    return made.order_id


def deliver(session: Session, scene: Scene, order_id: int) -> None:
    """Close the sale, deliver as ordered, and let the worker's part happen."""
    session.expire_all()
    closing.confirm_orders(session, scene.cycle.id, at=CLOSED_AT)
    session.expire_all()
    hand_over(session, scene, order_id)
    session.expire_all()
    settle(session, order_id)


def settle(session: Session, order_id: int) -> str:
    """What the worker does after a delivery or a payment; where the order stands."""
    settlement.prepare(session, order_id, at=CLOSED_AT + timedelta(days=2))
    session.expire_all()
    return session.scalars(select(Order.state).where(Order.id == order_id)).one()


def desk_till(session: Session, scene: Scene) -> TillCard:
    return till.open_till(session, scene.market.id, "desk", "Bureau")


def somebody(session: Session, day: date = DAY, hour: int = 16) -> Who:
    """Who stands at the till that day."""
    person_id = make_person(session, "Odile Caisse")
    return Who(
        person_id,
        "Odile Caisse",
        datetime(day.year, day.month, day.day, hour, tzinfo=CLOSED_AT.tzinfo),
        day,
    )


def taking(order_id: int, cents: int, way: SpotWay = SpotWay.CASH, key: str = "") -> Taking:
    return Taking(
        key or f"key-{next(_numbers)}",
        order_id,
        way,
        Money(cents),
        cheque_number="0001234" if way is SpotWay.CHEQUE else "",
        cheque_bank="Crédit Agricole" if way is SpotWay.CHEQUE else "",
        cheque_payee="Marché du Var" if way is SpotWay.CHEQUE else "",
    )


def take(session: Session, scene: Scene, order_id: int, cents: int, way: SpotWay) -> None:
    """Take money for an order at the desk."""
    till.take(
        session, desk_till(session, scene), taking(order_id, cents, way), somebody(session),
        any_way=True,
    )  # fmt: skip
