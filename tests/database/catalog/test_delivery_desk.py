"""The desk arranges delivery: options, communes, places, slots."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import OptionKind
from shop.catalog.errors import CycleOver, OptionUnknown, PickupUnknown, SlotTaken
from shop.catalog.models import DeliverySlot
from shop.catalog.queries import delivery as queries
from shop.catalog.queries import desk
from shop.catalog.services import cycles, delivery, delivery_slots, slots
from shop.catalog.services.delivery import OptionTerms
from shop.catalog.services.delivery_slots import SlotPlan
from shop.kernel.errors import InvalidInput
from tests.factories.orders import NOW, Scene, make_scene

PARIS = ZoneInfo("Europe/Paris")
TERMS = OptionTerms("Relais du lundi", "", "", "", 1500, 0, None)


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


def option_of(session: Session, scene: Scene, kind: OptionKind) -> int:
    found = queries.options(session, scene.market.id)
    return next(card.id for card in found if card.kind is kind)


def plan(scene: Scene, **over: object) -> SlotPlan:
    values = {
        "starts_at": time(8),
        "ends_at": time(12),
        "every": None,
        "capacity": 10,
        "cutoff_at": scene.cycle.closes_at,
        **over,
    }
    return SlotPlan(**values)  # type: ignore[arg-type]


def test_home_slots_are_cut_into_parts_of_the_day_of_delivery(
    session: Session, scene: Scene
) -> None:
    home = option_of(session, scene, OptionKind.HOME)
    wanted = plan(scene, every=timedelta(hours=2))
    assert (
        delivery_slots.make_slots(session, scene.market.id, scene.cycle.id, home, wanted, PARIS)
        == 2
    )
    assert (
        delivery_slots.make_slots(session, scene.market.id, scene.cycle.id, home, wanted, PARIS)
        == 0
    )
    made = session.execute(
        select(DeliverySlot.starts_at, DeliverySlot.ends_at)
        .where(DeliverySlot.option_id == home, DeliverySlot.capacity == 10)
        .order_by(DeliverySlot.starts_at)
    ).all()
    assert [tuple(row) for row in made] == [
        (datetime(2026, 11, 26, 7, tzinfo=UTC), datetime(2026, 11, 26, 9, tzinfo=UTC)),
        (datetime(2026, 11, 26, 9, tzinfo=UTC), datetime(2026, 11, 26, 11, tzinfo=UTC)),
    ]


def test_relay_slots_open_at_each_place(session: Session, scene: Scene) -> None:
    relay = option_of(session, scene, OptionKind.RELAY)
    made = delivery_slots.make_slots(
        session, scene.market.id, scene.cycle.id, relay, plan(scene), PARIS
    )
    assert made == 1


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"ends_at": time(7)}, "ends_at"),
        ({"capacity": 0}, "capacity"),
        ({"every": timedelta(minutes=5)}, "every"),
    ],
)
def test_a_slot_that_makes_no_sense_is_refused_at_its_field(
    session: Session, scene: Scene, over: dict[str, object], field: str
) -> None:
    home = option_of(session, scene, OptionKind.HOME)
    with pytest.raises(InvalidInput) as refusal:
        delivery_slots.make_slots(
            session, scene.market.id, scene.cycle.id, home, plan(scene, **over), PARIS
        )
    assert refusal.value.facts["field"] == field


def test_no_slot_takes_orders_after_the_sale(session: Session, scene: Scene) -> None:
    home = option_of(session, scene, OptionKind.HOME)
    late = plan(scene, cutoff_at=scene.cycle.closes_at + timedelta(minutes=1))
    with pytest.raises(InvalidInput) as refusal:
        delivery_slots.make_slots(session, scene.market.id, scene.cycle.id, home, late, PARIS)
    assert refusal.value.facts["field"] == "cutoff_at"
    cycles.close_cycle(session, scene.cycle.id, at=NOW)
    with pytest.raises(CycleOver):
        delivery_slots.make_slots(
            session, scene.market.id, scene.cycle.id, home, plan(scene), PARIS
        )


def test_a_slot_keeps_room_for_the_orders_it_has(session: Session, scene: Scene) -> None:
    slot_id = scene.slots["relay"]
    for _ in range(3):
        slots.take(session, slot_id, NOW)
    with pytest.raises(SlotTaken) as refusal:
        delivery_slots.set_capacities(session, scene.market.id, scene.cycle.id, {slot_id: 2})
    assert refusal.value.facts == {"slot_id": slot_id, "taken": 3}
    delivery_slots.set_capacities(session, scene.market.id, scene.cycle.id, {slot_id: 3})
    assert queries.slot(session, slot_id).left == 0


def test_slots_of_last_week_are_opened_again_at_the_same_hours(
    session: Session, scene: Scene
) -> None:
    week = timedelta(weeks=1)
    card = scene.cycle
    dates = cycles.CycleDates(
        card.opens_at + week, card.closes_at + week, card.answers_by + week,
        card.collects_on + week, card.delivers_on + week,
    )  # fmt: skip
    later = cycles.draft(session, scene.market.id, code="49", name="49", dates=dates)
    assert delivery_slots.repeat_slots(session, scene.market.id, later, card.id, PARIS) == 3
    before = {slot.option.id: slot for slot in queries.slots(session, card.id)}
    for slot in queries.slots(session, later):
        assert slot.starts_at == before[slot.option.id].starts_at + week
        assert slot.taken == 0


def test_communes_are_served_once_and_can_be_left(session: Session, scene: Scene) -> None:
    home = option_of(session, scene, OptionKind.HOME)
    assert delivery.add_communes(session, scene.market.id, home, ["83023", "83137"]) == 1
    assert desk.communes_of(session, home) == ["83023", "83137"]
    assert delivery.remove_communes(session, scene.market.id, home, ["83023"]) == 1
    assert desk.communes_of(session, home) == ["83137"]
    relay = option_of(session, scene, OptionKind.RELAY)
    with pytest.raises(OptionUnknown):
        delivery.add_communes(session, scene.market.id, relay, ["83023"])


def test_another_market_cannot_touch_what_is_not_its_own(session: Session, scene: Scene) -> None:
    other = make_scene(session)
    relay = option_of(session, scene, OptionKind.RELAY)
    place = queries.pickup_points(session, scene.market.id)[0].id
    with pytest.raises(OptionUnknown):
        delivery.change_option(session, other.market.id, relay, TERMS)
    with pytest.raises(OptionUnknown):
        delivery.retire_option(session, other.market.id, relay, at=NOW)
    with pytest.raises(PickupUnknown):
        delivery.retire_point(session, other.market.id, place, at=NOW)
    with pytest.raises(OptionUnknown):
        delivery_slots.make_slots(
            session, other.market.id, other.cycle.id, relay, plan(scene), PARIS
        )


def test_free_delivery_cannot_begin_below_the_minimum(session: Session, scene: Scene) -> None:
    terms = OptionTerms("Relais", "", "", "", 1500, 0, 1400)
    with pytest.raises(InvalidInput) as refusal:
        delivery.add_option(session, scene.market.id, OptionKind.RELAY, terms)
    assert refusal.value.facts["field"] == "free_from_cents"
