"""What preparers say: priced at once, counted once, asked about when it is strange."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.kernel.errors import InvalidInput
from shop.logistics.errors import ReasonMissing, WeightSuspicious
from shop.logistics.models import PickingEntry
from shop.logistics.queries import picking as queries
from shop.logistics.services import crates, driving, picking
from shop.logistics.services.picking import Said
from shop.orders.domain.terms import ShortageReason
from shop.orders.errors import LineUnknown, OrderNotInPreparation
from shop.orders.models import Order
from tests.factories.field import (
    LEFT_AT,
    PICKED_AT,
    Day,
    all_picked,
    crate_states,
    deed,
    line_of,
    make_day,
    said,
)
from tests.factories.fulfilment import answer_with, purchase_of
from tests.factories.orders import make_scene


@pytest.fixture
def day(session: Session) -> Day:
    return make_day(session, make_scene(session))


def say(session: Session, day: Day, *entries: Said) -> int:
    return picking.record(session, entries, by=day.preparer, at=PICKED_AT)


def kept(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(PickingEntry)) or 0


def test_a_weighed_chicken_costs_its_weight(session: Session, day: Day) -> None:
    line = day.lines[day.orders[0], "chicken"]
    say(session, day, said(line, 1, 1234))
    assert (line_of(session, line).picked_g, line_of(session, line).billed_cents) == (1234, 2332)


def test_a_heavy_chicken_costs_no_more_than_was_announced(session: Session, day: Day) -> None:
    line = day.lines[day.orders[0], "chicken"]
    say(session, day, said(line, 1, 1490))
    assert line_of(session, line).billed_cents == 2608


def test_an_entry_sent_twice_counts_once(session: Session, day: Day) -> None:
    line = day.lines[day.orders[0], "chicken"]
    entry = said(line, 1, 1234)
    assert say(session, day, entry) == 1
    assert say(session, day, entry) == 0
    assert say(session, day, entry, entry) == 0
    assert kept(session) == 1


def test_an_old_entry_that_arrives_again_does_not_undo_a_newer_one(
    session: Session, day: Day
) -> None:
    line = day.lines[day.orders[0], "chicken"]
    old = said(line, 1, 1234)
    say(session, day, old)
    say(session, day, said(line, 1, 1300))
    say(session, day, old)
    assert line_of(session, line).picked_g == 1300


@pytest.mark.parametrize("weight_g", [899, 1501])
def test_a_strange_weight_is_asked_about_and_kept_when_it_is_right(
    session: Session, day: Day, weight_g: int
) -> None:
    line = day.lines[day.orders[0], "chicken"]
    with pytest.raises(WeightSuspicious) as asked:
        say(session, day, said(line, 1, weight_g))
    assert asked.value.facts == {"weight_g": weight_g, "least_g": 900, "most_g": 1500}
    assert kept(session) == 0
    assert line_of(session, line).picked is None
    say(session, day, said(line, 1, weight_g, sure=True))
    assert line_of(session, line).picked_g == weight_g


def test_ten_times_the_carrots_cannot_be_meant(session: Session, day: Day) -> None:
    line = day.lines[day.orders[0], "carrots"]
    with pytest.raises(InvalidInput) as refused:
        say(session, day, said(line, 10_000, 10_000, sure=True))
    assert refused.value.facts["reason"] == "too_much"


def test_more_pieces_than_ordered_cannot_be_meant(session: Session, day: Day) -> None:
    with pytest.raises(InvalidInput) as refused:
        say(session, day, said(day.lines[day.orders[0], "honey"], 3))
    assert refused.value.facts["reason"] == "too_much"


def test_a_weighed_piece_without_its_weight_is_asked_for(session: Session, day: Day) -> None:
    with pytest.raises(InvalidInput) as refused:
        say(session, day, said(day.lines[day.orders[0], "chicken"], 1))
    assert refused.value.facts == {"field": "weight_g", "reason": "missing"}


def test_fewer_pieces_want_a_reason_and_are_paid_as_they_are(session: Session, day: Day) -> None:
    line = day.lines[day.orders[0], "honey"]
    with pytest.raises(ReasonMissing) as asked:
        say(session, day, said(line, 1))
    assert asked.value.facts["expected"] == 2
    say(session, day, said(line, 1, reason=ShortageReason.DAMAGED))
    row = line_of(session, line)
    assert (row.picked, row.billed_cents, row.shortage) == (1, 950, ShortageReason.DAMAGED)


def test_a_weight_far_below_what_was_ordered_is_a_partial_shortage(
    session: Session, day: Day
) -> None:
    line = day.lines[day.orders[0], "chicken"]
    say(session, day, said(line, 1, 959))
    assert line_of(session, line).shortage is ShortageReason.UNDER_WEIGHT
    say(session, day, said(line, 1, 960))
    assert line_of(session, line).shortage is None


def test_what_the_farm_does_not_bring_needs_no_word_and_keeps_its_reason(
    session: Session, day: Day
) -> None:
    session.flush()
    asked = purchase_of(session, day.scene.producers[1])
    answer_with(session, asked, {day.scene.offers["honey"]: 3}, at=PICKED_AT)
    first, second = (day.lines[order, "honey"] for order in day.orders)
    say(session, day, said(first, 2), said(second, 1))
    row = line_of(session, second)
    assert (row.picked, row.shortage) == (1, ShortageReason.NOT_SUPPLIED)
    say(session, day, said(second, 0, undone=True))
    assert line_of(session, second).shortage is ShortageReason.NOT_SUPPLIED


def test_taking_an_entry_back_leaves_the_line_as_it_was(session: Session, day: Day) -> None:
    line = day.lines[day.orders[0], "chicken"]
    say(session, day, *all_picked(day, day.orders[0]))
    final = session.get_one(Order, day.orders[0]).final_cents
    assert final == 2332 + 1900 + 280 + 640 + 40
    say(session, day, said(line, 0, undone=True))
    row = line_of(session, line)
    assert (row.picked, row.picked_g, row.billed_cents) == (None, None, None)
    assert session.get_one(Order, day.orders[0]).final_cents is None


def test_crates_are_ready_when_every_line_was_said_and_open_again_when_one_is_taken_back(
    session: Session, day: Day
) -> None:
    order = day.orders[0]
    *most, last = all_picked(day, order)
    say(session, day, *most)
    assert set(crate_states(session, order)) == {"expected"}
    say(session, day, last)
    assert set(crate_states(session, order)) == {"received"}
    say(session, day, said(last.line_id, 0, undone=True))
    assert set(crate_states(session, order)) == {"expected"}


def test_a_crate_with_nothing_in_it_does_not_travel(session: Session, day: Day) -> None:
    order = day.orders[0]
    lost = [
        said(day.lines[order, name], 0, reason=ShortageReason.NOT_SUPPLIED)
        for name in ("chicken", "honey", "carrots", "yogurt")
    ]
    say(session, day, *lost)
    assert set(crate_states(session, order)) == {"missing"}
    assert session.get_one(Order, order).final_cents == 0
    say(session, day, said(day.lines[order, "honey"], 2))
    assert set(crate_states(session, order)) == {"received"}


def test_an_order_that_has_left_cannot_be_picked_any_more(session: Session, day: Day) -> None:
    driving.serve(session, day.last, deed(day), driver_id=day.driver, receiver="Léa", at=LEFT_AT)
    with pytest.raises(OrderNotInPreparation):
        say(session, day, said(day.lines[day.orders[1], "chicken"], 1, 1234))
    assert kept(session) == 0


def test_a_line_that_does_not_exist_is_refused(session: Session, day: Day) -> None:
    with pytest.raises(LineUnknown):
        say(session, day, said(10**9, 1, key=uuid.uuid4()))


def test_crates_are_numbered_once(session: Session, day: Day) -> None:
    made = crates.make_crates(session, day.scene.cycle.id)
    assert crates.make_crates(session, day.scene.cycle.id) == made
    assert made == sum(len(crates.of_order(session, order)) for order in day.orders)


def test_the_list_is_in_loading_order_with_what_is_left(session: Session, day: Day) -> None:
    say(session, day, *all_picked(day, day.orders[0])[:3])
    found = queries.orders_to_pick(session, day.scene.cycle.id)
    assert [(each.order_id, each.rank, each.left) for each in found] == [
        (day.orders[1], 3, 4),
        (day.orders[0], 2, 1),
    ]
    products = dict(queries.products_to_pick(session, day.scene.cycle.id))
    progress = {each.product_name: (each.said, each.lines) for each in products["Ferme des Avens"]}
    assert progress == {"Carottes": (1, 2), "Poulet fermier": (1, 2), "Yaourt de brebis": (0, 2)}
