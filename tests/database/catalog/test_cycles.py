"""Sales open and close by the clock or by hand, once, and their dates make sense."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.catalog.errors import CycleUnknown
from shop.catalog.models import Cycle
from shop.catalog.services import cycles
from shop.catalog.services.cycles import CycleDates
from shop.infra.outbox import OutboxMessage
from shop.infra.transitions import Transition
from shop.kernel.errors import InvalidInput
from shop.kernel.lifecycle import IllegalTransition
from tests.factories.orders import NOW, Scene, make_scene

DATES = CycleDates(
    opens_at=NOW + timedelta(days=4),
    closes_at=NOW + timedelta(days=7),
    answers_by=NOW + timedelta(days=8),
    collects_on=date(2026, 12, 2),
    delivers_on=date(2026, 12, 3),
)


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


def drafted(session: Session, scene: Scene, code: str = "2026-49") -> int:
    return cycles.draft(session, scene.market.id, code=code, name="Semaine 49", dates=DATES)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"closes_at": DATES.opens_at}, "closes_at"),
        ({"answers_by": DATES.closes_at}, "answers_by"),
        ({"collects_on": date(2026, 11, 29)}, "collects_on"),
        ({"delivers_on": date(2026, 12, 1)}, "delivers_on"),
    ],
)
def test_each_date_comes_after_the_one_before(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace(DATES, **change).refuse_nonsense()  # type: ignore[arg-type]
    assert refused.value.facts["field"] == field


def test_a_code_is_taken_once_in_a_market(session: Session, scene: Scene) -> None:
    drafted(session, scene)
    with pytest.raises(InvalidInput) as refused:
        drafted(session, scene)
    assert refused.value.facts == {"field": "code", "reason": "taken"}
    other = make_scene(session)
    assert drafted(session, other)


def test_a_draft_opens_and_closes_by_the_clock(session: Session, scene: Scene) -> None:
    key = drafted(session, scene)
    assert key not in cycles.due_to_open(session, DATES.opens_at - timedelta(seconds=1))
    assert key in cycles.due_to_open(session, DATES.opens_at)
    assert key not in cycles.due_to_open(session, DATES.closes_at)
    cycles.open_cycle(session, key, at=DATES.opens_at)
    assert key not in cycles.due_to_close(session, DATES.closes_at - timedelta(seconds=1))
    assert key in cycles.due_to_close(session, DATES.closes_at)


def test_opened_early_by_hand_it_sells_from_then_on(session: Session, scene: Scene) -> None:
    key = drafted(session, scene)
    cycles.open_cycle(session, key, at=NOW, by=7)
    cycle = session.get_one(Cycle, key)
    assert (cycle.state, cycle.opens_at) == ("open", NOW)
    by = session.scalars(
        select(Transition.by_person_id).where(
            Transition.subject == "sales_cycle", Transition.subject_id == key
        )
    ).one()
    assert by == 7


def test_closed_early_by_hand_it_ends_then_and_asks_for_what_follows_once(
    session: Session, scene: Scene
) -> None:
    key = scene.cycle.id
    cycles.close_cycle(session, key, at=NOW, reason="the desk")
    cycle = session.get_one(Cycle, key)
    assert (cycle.state, cycle.closed_at, cycle.closes_at) == ("closed", NOW, NOW)
    with pytest.raises(IllegalTransition):
        cycles.close_cycle(session, key, at=NOW)
    with pytest.raises(IllegalTransition):
        cycles.open_cycle(session, key, at=NOW)
    posted = session.scalar(select(func.count()).where(OutboxMessage.topic == cycles.CLOSED_TOPIC))
    assert posted == 1


def test_an_unknown_cycle_is_refused(session: Session) -> None:
    with pytest.raises(CycleUnknown):
        cycles.close_cycle(session, 999_999, at=NOW)
