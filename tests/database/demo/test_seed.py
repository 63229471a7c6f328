"""The whole demonstration, in a database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.accounts.services import people
from shop.billing.queries import till as tills
from shop.catalog.models import DeliverySlot, Market, Offer, Producer, Product
from shop.catalog.services import allotment
from shop.demo import weeks
from shop.demo.people import PASSWORD, demo_accounts
from shop.demo.seed import NotEmpty, Seeded, seed
from shop.infra import outbox
from shop.kernel.money import Money
from shop.logistics.models import Crate, Stop, StopOrder, TruckRound
from shop.logistics.queries import exchange
from shop.logistics.services import plan_edits
from shop.orders.domain.terms import PaymentKind
from shop.orders.models import (
    Dispute,
    Order,
    OrderLine,
    Payment,
    PurchaseOrder,
    PurchaseOrderLine,
    Refund,
)
from shop.orders.queries import accounts, contracts, organisations
from shop.orders.services import vouchers
from tests.harness.application import engine_of

TODAY = date(2026, 11, 26)
NOW = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(app: Flask) -> Iterator[tuple[Session, Seeded]]:
    """The demo, made once for this file and taken back at its end."""
    with engine_of(app).connect() as connection, Session(connection) as session:
        yield session, seed(session, today=TODAY, now=NOW, gateway=None)
        session.rollback()


@pytest.fixture
def made(demo: tuple[Session, Seeded]) -> Session:
    return demo[0]


def count(session: Session, *conditions: object) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0  # type: ignore[arg-type]


def test_it_is_made_in_an_empty_database_only(made: Session) -> None:
    with pytest.raises(NotEmpty):
        seed(made, today=TODAY, now=NOW, gateway=None)
    assert count(made, Market.id > 0) == 1


def test_it_has_the_farms_and_the_products_of_its_data(made: Session) -> None:
    assert count(made, Producer.id > 0) == 25
    assert count(made, Product.id > 0) == 401


def test_its_books_balance_to_the_cent(made: Session) -> None:
    proofs = accounts.prove(made)
    assert [proof.name for proof in proofs if not proof.holds] == []
    rare = {
        "purses_are_not_overdrawn",
        "direct_contracts_stay_apart",
        "refunds_are_entered",
        "refunds_within_the_sale",
        "disputes_are_entered",
    }
    assert min(proof.checked for proof in proofs if proof.name not in rare) > 500


def test_its_goods_add_up(made: Session) -> None:
    assert allotment.check(made) == []
    ordered = (
        select(func.coalesce(func.sum(OrderLine.ordered), 0))
        .join(Order, Order.id == OrderLine.order_id)
        .where(OrderLine.offer_id == Offer.id, Order.state != "canceled")
        .scalar_subquery()
    )
    assert count(made, Offer.committed != ordered) == 0


def test_its_slots_count_their_orders(made: Session) -> None:
    taken = (
        select(func.count())
        .where(Order.slot_id == DeliverySlot.id, Order.state != "canceled")
        .scalar_subquery()
    )
    assert count(made, DeliverySlot.taken != taken) == 0


def test_what_was_asked_of_producers_is_what_customers_ordered(made: Session) -> None:
    ordered = (
        select(func.sum(OrderLine.ordered))
        .join(Order, Order.id == OrderLine.order_id)
        .where(OrderLine.offer_id == PurchaseOrderLine.offer_id, Order.state != "canceled")
        .scalar_subquery()
    )
    assert count(made, PurchaseOrderLine.ordered != ordered) == 0
    given = (
        select(func.sum(OrderLine.confirmed))
        .join(Order, Order.id == OrderLine.order_id)
        .where(OrderLine.offer_id == PurchaseOrderLine.offer_id, Order.state != "canceled")
        .scalar_subquery()
    )
    assert count(made, PurchaseOrderLine.confirmed != given) == 0


def test_one_producer_has_not_answered_and_two_bring_less_today(made: Session) -> None:
    today = select(Order.cycle_id).where(Order.state == "firm").limit(1).scalar_subquery()
    asked = made.scalars(select(PurchaseOrder).where(PurchaseOrder.cycle_id == today)).all()
    assert sum(each.answered_at is None for each in asked) == 1
    assert sum(each.note is not None for each in asked) == 2


def test_rounds_are_driven_as_far_as_the_hour_says_and_the_driver_is_in_the_middle_of_one(
    made: Session,
) -> None:
    states = {"done": TruckRound.ends_at <= NOW, "underway": TruckRound.starts_at <= NOW}
    for state, rule in states.items():
        assert made.scalars(select(TruckRound).where(TruckRound.state == state, ~rule)).all() == []
        assert made.scalars(select(TruckRound).where(TruckRound.state == state)).all()
    email = next(each.email for each in demo_accounts() if each.role == "driver")
    driver_id = people.verify(made, email=email, password=PASSWORD)
    underway = made.scalars(
        select(TruckRound).where(TruckRound.state == "underway", TruckRound.driver_id == driver_id)
    ).one()
    stops = set(made.scalars(select(Stop.state).where(Stop.round_id == underway.id)))
    assert stops == {"served", "planned"}


def test_no_truck_on_the_road_breaks_a_rule(made: Session) -> None:
    cycle_id = made.scalars(
        select(TruckRound.cycle_id).where(TruckRound.state == "underway").limit(1)
    ).one()
    _, desk, worth = plan_edits.look(made, cycle_id, NOW)
    assert desk.is_underway
    assert worth.violations == ()


def test_the_demo_of_a_night_stands_on_the_day_before() -> None:
    night = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
    assert weeks.day_shown(night) == date(2026, 11, 25)
    assert weeks.day_shown(NOW) == TODAY
    assert weeks.day_shown(datetime(2026, 11, 26, 21, 0, tzinfo=UTC)) == TODAY


def test_every_order_of_today_is_on_a_round_with_its_crates(made: Session) -> None:
    due = set(made.scalars(select(Order.id).where(Order.state.in_(("firm", "fulfilled")))))
    assert due <= set(made.scalars(select(StopOrder.order_id)))
    assert due <= set(made.scalars(select(Crate.order_id).where(Crate.stop_id.is_not(None))))


def test_crates_are_where_their_orders_are(made: Session) -> None:
    settled = select(Order.id).where(Order.state == "settled")
    handed = select(Crate.order_id).where(Crate.state == "handed_over")
    crated = select(Crate.order_id)
    assert count(made, Order.id.in_(settled), Order.id.in_(crated), Order.id.not_in(handed)) == 0
    assert count(made, Order.state == "firm", Order.id.in_(handed)) == 0


def test_delivered_orders_are_paid_for_what_was_delivered(made: Session) -> None:
    rows = made.execute(
        select(Order.final_cents, Payment.captured_cents, Payment.ceiling_cents)
        .join(Payment, Payment.order_id == Order.id)
        .where(Order.state == "settled", Payment.state == "captured")
    ).all()
    assert len(rows) > 500
    assert all(final == captured <= ceiling for final, captured, ceiling in rows)


def test_the_six_accounts_sign_in(made: Session) -> None:
    assert [each.role for each in demo_accounts()] == [
        "consumer",
        "producer",
        "preparer",
        "driver",
        "relay_host",
        "desk",
    ]
    for each in demo_accounts():
        assert people.verify(made, email=each.email, password=each.password)


def test_nothing_is_left_for_the_worker_to_do(made: Session) -> None:
    assert outbox.waiting(made) == {"waiting": 0, "given_up": 0}


def test_orders_of_a_neighboring_shop_have_their_routes(made: Session) -> None:
    market_id = made.scalars(select(Market.id)).one()
    (card,) = exchange.recent(made, market_id)
    _card, result = exchange.by_id(made, market_id, card.id)
    assert (card.name, card.state, card.orders, card.lines) == ("halle-voisine.json", "done", 3, 7)
    assert result is not None
    assert result.unserved == []
    assert sum(len(stop.lines) for route in result.routes for stop in route.stops) == 14
    assert [route.starts_at.hour for route in result.routes] == [5]


def test_every_way_of_paying_has_something_to_look_at(made: Session) -> None:
    (card,) = tills.all_tills(made)
    assert len(tills.entries_of(made, card)) > 10
    assert tills.check(made, card) == []
    assert {row.period.value for row in tills.closings(made, card)} == {"day"}
    market_id = card.market_id
    assert [each.value.cents for each in vouchers.of_market(made, market_id)] == [2000]
    assert {each.state for each in contracts.contracts(made, market_id=market_id)} == {
        "offered",
        "signed",
    }
    (account,) = organisations.of_market(made, market_id, TODAY)
    assert account.owed > Money.zero()
    kinds = set(made.scalars(select(Payment.kind).where(Payment.state == "captured")))
    assert PaymentKind.DEBIT_KEPT in kinds
    assert made.scalars(select(Dispute.state)).all() == ["won"]
    assert made.scalars(select(Refund.state)).all() == ["done"]
    on_spot = count(made, Order.spot_cents > 0, Order.state.in_(("firm", "fulfilled")))
    assert on_spot > 0
