"""A basket becomes an order once, with a copy of all that was agreed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TaxRegime
from shop.catalog.errors import SlotFull
from shop.catalog.models import DeliverySlot, Offer, Producer
from shop.catalog.services import allotment
from shop.orders.domain.terms import PaymentKind
from shop.orders.errors import (
    BasketLapsed,
    BasketUnknown,
    BelowMinimum,
    ContactMissing,
    DeliveryMissing,
    TermsNotAccepted,
)
from shop.orders.models import Basket, Order, OrderLine, Payment, SellerOrder
from shop.orders.queries.basket import Visitor
from shop.orders.services import basket, place_order
from shop.orders.services.place_order import Placed
from tests.factories.orders import (
    NOW,
    Scene,
    fill_in,
    make_offer,
    make_order,
    make_person,
    make_scene,
)


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


def place(
    session: Session, scene: Scene, kept: basket.Kept, *, terms: bool = True, minutes: int = 0
) -> Placed:
    return place_order.place(
        session,
        Visitor(token=kept.token),
        scene.market,
        scene.cycle,
        kept.basket_id,
        language="fr",
        terms_accepted=terms,
        now=NOW + timedelta(minutes=minutes),
    )


def filled(session: Session, scene: Scene, slot: str = "relay", **wanted: int) -> basket.Kept:
    amounts = {scene.offers[name]: amount for name, amount in wanted.items()}
    kept = basket.set_lines(session, Visitor(), scene.market, scene.cycle, amounts, NOW)
    fill_in(session, scene, kept.basket_id, slot=slot)
    return kept


def test_the_order_keeps_what_was_agreed_that_day(session: Session, scene: Scene) -> None:
    kept = filled(session, scene, chicken=1, yogurt=2)
    placed = place(session, scene, kept)
    session.execute(update(Offer).values(price_cents=9999))
    line = session.scalars(
        select(OrderLine).where(OrderLine.offer_id == scene.offers["chicken"])
    ).one()
    assert (line.price_cents, line.nominal_g, line.ordered) == (1890, 1200, 1)
    assert (line.estimate_cents, line.ceiling_cents, line.tax_rate_bp) == (2268, 2608, 550)
    order = session.get_one(Order, placed.order_id)
    assert order.goods_cents == 2268 + 640
    assert order.deposit_cents == 40
    assert (order.estimate_cents, order.ceiling_cents) == (2948, 3288)
    assert (order.terms_version, order.locale, order.sort_key) == ("2026-10", "fr", "martin jeanne")
    assert (order.address, order.commune) == ("Place Carami", "Brignoles")
    assert order.pay_by == NOW + timedelta(minutes=20)


def test_each_seller_has_a_part_of_the_order(session: Session, scene: Scene) -> None:
    placed = place(session, scene, filled(session, scene, chicken=1, honey=1, carrots=500))
    parts = session.execute(
        select(SellerOrder.producer_id, OrderLine.offer_id)
        .join(OrderLine, OrderLine.seller_order_id == SellerOrder.id)
        .where(SellerOrder.order_id == placed.order_id)
    ).all()
    first, second = scene.producers
    assert sorted(tuple(part) for part in parts) == sorted(
        [
            (first, scene.offers["chicken"]),
            (first, scene.offers["carrots"]),
            (second, scene.offers["honey"]),
        ]
    )


def test_a_seller_without_tax_has_lines_without_tax(session: Session, scene: Scene) -> None:
    session.execute(
        update(Producer).where(Producer.id == scene.producers[1]).values(tax_regime=TaxRegime.RFA)
    )
    placed = place(session, scene, filled(session, scene, chicken=1, honey=1))
    lines = session.execute(
        select(OrderLine.offer_id, OrderLine.tax_rate_bp).where(
            OrderLine.order_id == placed.order_id
        )
    )
    rates = {line.offer_id: line.tax_rate_bp for line in lines}
    assert rates == {scene.offers["chicken"]: 550, scene.offers["honey"]: 0}


def test_pressing_twice_gives_the_same_order(session: Session, scene: Scene) -> None:
    kept = filled(session, scene, chicken=1)
    first = place(session, scene, kept)
    second = place(session, scene, kept)
    assert (first.is_new, second.is_new) == (True, False)
    assert (second.order_id, second.token, second.number) == (
        first.order_id,
        first.token,
        first.number,
    )
    offer = session.execute(
        select(Offer.held, Offer.committed).where(Offer.id == scene.offers["chicken"])
    ).one()
    assert offer == (0, 1)
    taken = session.scalar(
        select(DeliverySlot.taken).where(DeliverySlot.id == scene.slots["relay"])
    )
    assert taken == 1


def test_below_the_minimum_it_says_how_much_is_missing(session: Session, scene: Scene) -> None:
    kept = filled(session, scene, honey=1, yogurt=1)
    with pytest.raises(BelowMinimum) as refused:
        place(session, scene, kept)
    assert refused.value.facts == {"field": "slot_id", "minimum": 1500, "missing": 230}


def test_the_fee_falls_away_from_its_threshold_on(session: Session, scene: Scene) -> None:
    small = place(session, scene, filled(session, scene, "home", honey=3))
    large = place(session, scene, filled(session, scene, "home", honey=7))
    fees = [session.get_one(Order, placed.order_id).fee_cents for placed in (small, large)]
    assert fees == [490, 0]


def test_a_home_outside_the_communes_served_is_refused(session: Session, scene: Scene) -> None:
    kept = filled(session, scene, "home", honey=4)
    session.execute(update(Basket).where(Basket.id == kept.basket_id).values(commune_insee="83137"))
    with pytest.raises(DeliveryMissing) as refused:
        place(session, scene, kept)
    assert refused.value.facts == {"field": "commune"}


def test_what_is_not_said_yet_is_named(session: Session, scene: Scene) -> None:
    kept = filled(session, scene, honey=4)
    with pytest.raises(TermsNotAccepted):
        place(session, scene, kept, terms=False)
    session.execute(update(Basket).where(Basket.id == kept.basket_id).values(contact_phone=None))
    with pytest.raises(ContactMissing) as refused:
        place(session, scene, kept)
    assert refused.value.facts == {"field": "contact_phone"}


def test_a_full_slot_takes_no_order(session: Session) -> None:
    scene = make_scene(session, capacity=1)
    place(session, scene, filled(session, scene, honey=2))
    with pytest.raises(SlotFull):
        place(session, scene, filled(session, scene, honey=2))


def test_a_lapsed_basket_is_not_ordered(session: Session, scene: Scene) -> None:
    kept = filled(session, scene, honey=2)
    basket.lapse_expired(session, NOW + timedelta(minutes=30))
    with pytest.raises(BasketLapsed):
        place(session, scene, kept, minutes=31)


def test_nobody_orders_the_basket_of_somebody_else(session: Session, scene: Scene) -> None:
    kept = filled(session, scene, honey=2)
    with pytest.raises(BasketUnknown):
        place_order.place(
            session,
            Visitor(person_id=make_person(session)),
            scene.market,
            scene.cycle,
            kept.basket_id,
            language="fr",
            terms_accepted=True,
            now=NOW,
        )


def test_a_delivery_far_away_keeps_the_card_instead_of_holding_money(
    session: Session, scene: Scene
) -> None:
    near = make_order(session, scene)
    session.execute(
        update(DeliverySlot).values(
            starts_at=NOW + timedelta(days=7), ends_at=NOW + timedelta(days=7, hours=2)
        )
    )
    session.expire_all()
    far = make_order(session, scene)
    kinds = [
        session.scalars(select(Payment.kind).where(Payment.order_id == placed.order_id)).one()
        for placed in (near, far)
    ]
    assert kinds == [PaymentKind.CARD_HOLD, PaymentKind.CARD_KEPT]


def test_a_canceled_order_gives_goods_and_place_back(session: Session, scene: Scene) -> None:
    placed = make_order(session, scene, {"honey": 5})
    assert place_order.cancel(session, placed.order_id, at=NOW, reason="changed their mind")
    assert not place_order.cancel(session, placed.order_id, at=NOW, reason="again")
    offer = session.execute(
        select(Offer.held, Offer.committed).where(Offer.id == scene.offers["honey"])
    ).one()
    assert offer == (0, 0)
    taken = session.scalar(
        select(DeliverySlot.taken).where(DeliverySlot.id == scene.slots["relay"])
    )
    assert taken == 0
    assert allotment.check(session) == []


def test_twelve_lines_take_as_many_statements_as_two(session: Session, scene: Scene) -> None:
    more = {
        f"p{number}": make_offer(
            session, scene.cycle.id, scene.producers[number % 2], f"P{number}", price_cents=900
        )
        for number in range(12)
    }
    scene.offers.update(more)
    counts = []
    for names in (["p0", "p1"], list(more)):
        kept = filled(session, scene, **dict.fromkeys(names, 1))
        statements: list[str] = []

        def note(*args: object, kept: list[str] = statements) -> None:
            kept.append(str(args[2]))

        engine = session.get_bind().engine
        event.listen(engine, "before_cursor_execute", note)
        place(session, scene, kept)
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts == [16, 16]
