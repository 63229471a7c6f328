"""Goods that come in are counted against what was promised, and what lacks is shared out."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import ShortageRule
from shop.catalog.models import Market
from shop.infra.outbox import OutboxMessage
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.terms import ReceiptPlace
from shop.logistics.errors import ReasonMissing, UseByPassed
from shop.logistics.models import GoodsReceipt
from shop.logistics.queries import receipts
from shop.logistics.services import collection, driving
from shop.logistics.services.collection import Brought
from shop.orders.domain.terms import ShortageReason
from shop.orders.errors import AnswerRefused, AnswerTooLate
from shop.orders.models import OrderLine, PurchaseOrder, PurchaseOrderLine
from shop.orders.queries import demand, purchase_orders
from tests.factories.field import LEFT_AT, PICKED_AT, Day, deed, make_day
from tests.factories.fulfilment import answer_with, asked_lines, purchase_of
from tests.factories.orders import make_scene


@pytest.fixture
def day(session: Session) -> Day:
    return make_day(session, make_scene(session), orders=3)


def count(
    session: Session,
    day: Day,
    less: dict[str, int],
    *,
    key: uuid.UUID | None = None,
    **noted: object,
) -> bool:
    """Everything of the first farm as it was promised, but ``less`` by the name of the offer."""
    purchase = purchase_of(session, day.scene.producers[0])
    wanted = {day.scene.offers[name]: amount for name, amount in less.items()}
    page = purchase_orders.by_id(session, purchase)
    promised = {line.line_id: line.expected for line in page.lines}
    said = []
    for offer, (line, _ordered) in asked_lines(session, purchase).items():
        amount = wanted.get(offer, promised[line])
        reason = ShortageReason.DAMAGED if amount < promised[line] else None
        more = noted if offer in wanted else {}
        said.append(Brought(line, amount, **{"reason": reason, **more}))  # type: ignore[arg-type]
    return collection.receive(
        session,
        purchase,
        said,
        key=key or uuid.uuid4(),
        place=ReceiptPlace.HUB,
        device_at=PICKED_AT,
        at=PICKED_AT,
        by=day.preparer,
    )


def given(session: Session, day: Day, name: str) -> list[int | None]:
    session.expire_all()
    return [
        session.get_one(OrderLine, day.lines[order, name]).confirmed for order in sorted(day.orders)
    ]


def received(session: Session, day: Day, name: str) -> int | None:
    return session.scalar(
        select(PurchaseOrderLine.received).where(
            PurchaseOrderLine.offer_id == day.scene.offers[name]
        )
    )


def told(session: Session) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(OutboxMessage)
            .where(OutboxMessage.topic == "mail.order_changed")
        )
        or 0
    )


def test_all_that_was_promised_came(session: Session, day: Day) -> None:
    assert count(session, day, {})
    assert given(session, day, "chicken") == [1, 1, 1]
    assert received(session, day, "carrots") == 3000
    purchase = session.get_one(PurchaseOrder, purchase_of(session, day.scene.producers[0]))
    assert purchase.state == "collected"
    assert told(session) == 0


def test_what_lacks_goes_from_the_last_who_ordered_and_they_are_told(
    session: Session, day: Day
) -> None:
    count(session, day, {"yogurt": 3})
    assert given(session, day, "yogurt") == [2, 1, 0]
    line = session.get_one(OrderLine, day.lines[day.orders[2], "yogurt"])
    assert line.shortage is ShortageReason.NOT_SUPPLIED
    assert told(session) == 2


def test_a_market_may_share_what_lacks_among_all(session: Session, day: Day) -> None:
    market = session.get_one(Market, day.scene.market.id)
    market.shortage_rule = ShortageRule.PRO_RATA
    session.flush()
    count(session, day, {"carrots": 1500})
    assert given(session, day, "carrots") == [500, 500, 500]


def test_a_form_sent_twice_is_one_count_and_the_hub_corrects_the_farm(
    session: Session, day: Day
) -> None:
    key = uuid.uuid4()
    assert count(session, day, {"chicken": 1}, key=key, lot="L12")
    rows = select(func.count()).select_from(GoodsReceipt)
    kept = session.scalar(rows)
    assert not count(session, day, {"chicken": 1}, key=key, lot="L12")
    assert session.scalar(rows) == kept
    assert given(session, day, "chicken") == [1, 0, 0]
    assert count(session, day, {"chicken": 3})
    assert given(session, day, "chicken") == [1, 1, 1]
    assert received(session, day, "chicken") == 3


def test_less_than_promised_wants_a_reason_and_nothing_changes(session: Session, day: Day) -> None:
    with pytest.raises(ReasonMissing):
        count(session, day, {"chicken": 1}, reason=None)
    assert received(session, day, "chicken") is None
    assert given(session, day, "chicken") == [None, None, None]


def test_what_the_farm_declared_is_what_is_expected(session: Session, day: Day) -> None:
    purchase = purchase_of(session, day.scene.producers[0])
    answer_with(session, purchase, {day.scene.offers["yogurt"]: 4}, at=PICKED_AT)
    count(session, day, {"yogurt": 4}, reason=None)
    assert given(session, day, "yogurt") == [2, 2, 0]
    count(session, day, {"yogurt": 6})
    assert given(session, day, "yogurt") == [2, 2, 2]
    page = purchase_orders.by_id(session, purchase)
    line = next(each for each in page.lines if each.offer.id == day.scene.offers["yogurt"])
    assert (line.ordered.amount, line.expected, line.received and line.received.amount) == (6, 4, 6)
    with pytest.raises(AnswerTooLate):
        answer_with(session, purchase, {}, at=PICKED_AT)


def test_more_than_ordered_may_come_but_nobody_gets_more(session: Session, day: Day) -> None:
    count(session, day, {"chicken": 5})
    assert received(session, day, "chicken") == 5
    assert given(session, day, "chicken") == [1, 1, 1]
    with pytest.raises(InvalidInput):
        count(session, day, {"chicken": 10})


def test_goods_past_their_date_are_not_taken_in(session: Session, day: Day) -> None:
    delivers_on = day.scene.cycle.delivers_on
    with pytest.raises(UseByPassed):
        count(session, day, {"yogurt": 6}, use_by_on=delivers_on - timedelta(days=1))
    assert count(session, day, {"yogurt": 6}, use_by_on=delivers_on, lot="Y7", temperature_dc=62)
    page = purchase_orders.by_id(session, purchase_of(session, day.scene.producers[0]))
    farm = receipts.of_purchase(session, page)
    line = next(each for each in page.lines if each.offer.id == day.scene.offers["yogurt"])
    kept = farm.counts[line.line_id]
    assert (kept.lot, kept.use_by_on, kept.temperature_dc) == ("Y7", delivers_on, 62)
    assert kept.is_too_warm(line.offer.temperature_class)
    assert kept.by == "Delphine Marcellin"


def test_a_line_of_another_farm_is_refused(session: Session, day: Day) -> None:
    other = purchase_of(session, day.scene.producers[1])
    foreign = next(iter(asked_lines(session, other).values()))[0]
    with pytest.raises(AnswerRefused):
        collection.receive(
            session,
            purchase_of(session, day.scene.producers[0]),
            [Brought(foreign, 1)],
            key=uuid.uuid4(),
            place=ReceiptPlace.HUB,
            device_at=PICKED_AT,
            at=PICKED_AT,
            by=None,
        )
    assert session.scalar(select(func.count()).select_from(GoodsReceipt)) == 0


def test_the_driver_counts_at_the_farm(session: Session, day: Day) -> None:
    purchase = purchase_of(session, day.scene.producers[0])
    lines = asked_lines(session, purchase)
    chicken = lines[day.scene.offers["chicken"]][0]
    said = [
        Brought(line, 2 if line == chicken else ordered, ShortageReason.NOT_SUPPLIED)
        for line, ordered in lines.values()
    ]
    for _ in range(2):
        driving.serve(
            session, day.farm, deed(day), driver_id=day.driver, receiver="Odile", brought=said,
            at=LEFT_AT,
        )  # fmt: skip
    assert given(session, day, "chicken") == [1, 1, 0]
    places = session.scalars(select(GoodsReceipt.place).distinct()).all()
    assert places == [ReceiptPlace.FARM]
    assert session.get_one(PurchaseOrder, purchase).state == "collected"


def test_a_farm_that_brings_nothing_at_all_has_refused_and_may_change_its_mind(
    session: Session, day: Day
) -> None:
    purchase = purchase_of(session, day.scene.producers[1])
    nothing = {day.scene.offers["honey"]: 0}
    answer_with(session, purchase, nothing, at=PICKED_AT, note="Plus une goutte.")
    assert session.get_one(PurchaseOrder, purchase).state == "refused"
    assert given(session, day, "honey") == [0, 0, 0]
    answer_with(session, purchase, nothing, at=PICKED_AT)
    assert session.get_one(PurchaseOrder, purchase).state == "refused"
    answer_with(session, purchase, {}, at=PICKED_AT)
    assert session.get_one(PurchaseOrder, purchase).state == "accepted"
    assert given(session, day, "honey") == [2, 2, 2]
    answer_with(session, purchase, nothing, at=PICKED_AT)
    loads = demand.supply_loads(session, day.scene.cycle.id)
    assert [load.producer_id for load in loads] == [day.scene.producers[0]]
