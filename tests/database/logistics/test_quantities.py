"""Whatever happens in whatever order: nobody pays or gets more than what was agreed."""

from __future__ import annotations

import uuid
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.kernel.errors import ShopError
from shop.kernel.lifecycle import IllegalTransition
from shop.logistics.domain.terms import PickingKind, ReceiptPlace
from shop.logistics.models import PickingEntry
from shop.logistics.services import collection, driving, picking
from shop.logistics.services.collection import Brought
from shop.logistics.services.picking import Said
from shop.orders.domain.terms import ShortageReason
from shop.orders.models import Order, OrderLine, PurchaseOrderLine
from tests.factories.field import LEFT_AT, PICKED_AT, Day, deed, make_day
from tests.factories.fulfilment import answer_with, asked_lines, purchase_of
from tests.factories.orders import make_scene

NAMES = st.sampled_from(["chicken", "honey", "carrots", "yogurt"])
KEYS = [uuid.UUID(int=number) for number in range(6)]

SAY = st.tuples(
    st.just("say"),
    NAMES,
    st.sampled_from(KEYS),
    st.sampled_from(PickingKind),
    st.integers(0, 3) | st.integers(0, 2500),
    st.none() | st.integers(0, 4000),
    st.none() | st.sampled_from(ShortageReason),
    st.booleans(),
)
ANSWER = st.tuples(st.just("answer"), NAMES, st.integers(0, 2) | st.integers(0, 2000))
RECEIVE = st.tuples(st.just("receive"), NAMES, st.integers(0, 3) | st.integers(0, 4000))
DRIVE = st.tuples(st.sampled_from(["load", "depart", "serve", "refuse", "fail"]))
EVENTS = st.lists(st.one_of(SAY, SAY, SAY, ANSWER, RECEIVE, DRIVE), max_size=14)


def happen(session: Session, day: Day, event: tuple[object, ...]) -> None:
    match event:
        case ("say", str(name), uuid.UUID() as key, PickingKind() as kind, int(amount), *more):
            weight_g, reason, sure = more
            entry = Said(
                key, day.lines[day.orders[0], name], kind, amount, PICKED_AT,
                weight_g, reason, sure=bool(sure),  # type: ignore[arg-type]
            )  # fmt: skip
            picking.record(session, [entry], by=None, at=PICKED_AT)
        case ("answer", str(name), int(amount)):
            maker = day.scene.producers[1 if name == "honey" else 0]
            offer = day.scene.offers[name]
            answer_with(session, purchase_of(session, maker), {offer: amount}, at=PICKED_AT)
        case ("receive", str(name), int(amount)):
            receive(session, day, name, amount)
        case ("load",):
            driving.load(session, day.round_id, driver_id=day.driver, at=LEFT_AT)
        case ("depart",):
            driving.depart(session, day.round_id, driver_id=day.driver, at=LEFT_AT)
        case ("serve",) | ("refuse",):
            refused = day.orders if event == ("refuse",) else []
            driving.serve(
                session, day.last, deed(day), driver_id=day.driver, receiver="Léa",
                refused=refused, at=LEFT_AT,
            )  # fmt: skip
        case _:
            driving.fail(
                session, day.last, deed(day), driver_id=day.driver, note="Closed", at=LEFT_AT
            )


def receive(session: Session, day: Day, name: str, amount: int) -> None:
    purchase = purchase_of(session, day.scene.producers[1 if name == "honey" else 0])
    line = asked_lines(session, purchase)[day.scene.offers[name]][0]
    collection.receive(
        session, purchase, [Brought(line, amount, ShortageReason.DAMAGED)],
        key=uuid.uuid4(), place=ReceiptPlace.HUB, device_at=PICKED_AT, at=PICKED_AT, by=None,
    )  # fmt: skip


def assert_nobody_is_promised_more_than_came(session: Session) -> None:
    promised = dict(
        session.execute(
            select(OrderLine.offer_id, func.sum(OrderLine.confirmed))
            .join(Order, Order.id == OrderLine.order_id)
            .where(Order.state == "firm")
            .group_by(OrderLine.offer_id)
        ).all()
    )
    for line in session.scalars(select(PurchaseOrderLine)):
        there = line.confirmed if line.received is None else line.received
        if there is not None and promised.get(line.offer_id) is not None:
            assert promised[line.offer_id] == min(there, line.ordered)


def assert_nothing_is_too_much(session: Session, order_id: int) -> None:
    session.expire_all()
    order = session.get_one(Order, order_id)
    rows = session.scalars(select(OrderLine).where(OrderLine.order_id == order_id)).all()
    for line in rows:
        most = line.ordered if line.unit == "piece" else 2 * line.ordered
        assert line.picked is None or 0 <= line.picked <= most
        assert line.delivered is None or line.delivered <= (line.picked or 0)
        assert line.billed_cents is None or 0 <= line.billed_cents <= line.ceiling_cents
        assert (line.picked is None) == (line.billed_cents is None)
        if line.picked == 0:
            assert line.billed_cents == 0
    if all(line.billed_cents is not None for line in rows):
        assert order.final_cents is not None
        assert order.final_cents <= order.ceiling_cents
        billed = sum(line.billed_cents or 0 for line in rows)
        assert order.final_cents >= min(billed, order.ceiling_cents)
    else:
        assert order.final_cents is None
    if order.state == "fulfilled":
        assert all(line.delivered is not None for line in rows)
    keys = session.scalars(select(PickingEntry.key)).all()
    assert len(keys) == len(set(keys))


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(events=EVENTS)
def test_no_order_of_events_makes_anybody_pay_or_get_too_much(
    session: Session, events: list[tuple[object, ...]]
) -> None:
    outer = session.begin_nested()
    day = make_day(session, make_scene(session), orders=1)
    for event in events:
        with suppress(ShopError, IllegalTransition), session.begin_nested():
            happen(session, day, event)
        assert_nothing_is_too_much(session, day.orders[0])
        assert_nobody_is_promised_more_than_came(session)
    outer.rollback()
    session.expunge_all()
