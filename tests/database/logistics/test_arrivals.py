"""What is expected of a round follows what happens to it, and only who is concerned is written."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shop.infra.outbox import OutboxMessage
from shop.kernel.errors import InvalidInput
from shop.logistics.errors import RoundUnknown
from shop.logistics.models import ArrivalScore, Stop, StopEstimate
from shop.logistics.queries import arrivals as known
from shop.logistics.services import arrivals, driving
from shop.logistics.services.arrivals import LETTER_TOPIC
from tests.factories.field import LEFT_AT, Day, deed, make_day
from tests.factories.orders import make_person, make_scene

MINUTE = timedelta(minutes=1)


@pytest.fixture
def day(session: Session) -> Day:
    made = make_day(session, make_scene(session), orders=3)
    # About half an hour from stop to stop, as planned.
    session.execute(update(Stop).values(lon=6.05 + 0.24 * Stop.position, lat=43.41))
    return made


def leave(session: Session, day: Day, at: datetime = LEFT_AT) -> None:
    driving.depart(session, day.round_id, driver_id=day.driver, at=at)


def guess(session: Session, stop_id: int) -> StopEstimate:
    session.expire_all()
    return session.scalars(select(StopEstimate).where(StopEstimate.stop_id == stop_id)).one()


def letters(session: Session) -> list[int]:
    """How many letters each order was promised so far, by the numbers they carry."""
    rows = session.scalars(
        select(OutboxMessage).where(OutboxMessage.topic == LETTER_TOPIC).order_by(OutboxMessage.id)
    )
    return [row.payload["count"] for row in rows]


def serve(session: Session, day: Day, stop_id: int, at: datetime) -> None:
    driving.serve(session, stop_id, deed(day, at=at), driver_id=day.driver, receiver="Odile", at=at)


def test_homes_are_written_once_the_round_leaves_and_a_relay_is_not(
    session: Session, day: Day
) -> None:
    arrivals.refresh(session, [day.round_id], at=LEFT_AT - timedelta(hours=2))
    assert letters(session) == []
    before = guess(session, day.last)
    wide = before.latest_at - before.earliest_at
    leave(session, day)
    assert letters(session) == [1]
    after = guess(session, day.last)
    assert after.latest_at - after.earliest_at < wide
    assert after.told_from is not None
    assert after.told_until is not None
    assert after.told_from <= after.earliest_at < after.latest_at <= after.told_until
    assert guess(session, day.relay).told_at is None


def test_what_happens_moves_the_stops_ahead_but_a_letter_that_holds_is_enough(
    session: Session, day: Day
) -> None:
    leave(session, day)
    expected = guess(session, day.last).expected_at
    came = guess(session, day.farm).expected_at + 6 * MINUTE
    driving.arrive(session, day.farm, driver_id=day.driver, at=came)
    serve(session, day, day.farm, came + 10 * MINUTE)
    later = guess(session, day.last).expected_at - expected
    assert 3 * MINUTE <= later <= 12 * MINUTE
    assert letters(session) == [1]


def test_a_second_letter_leaves_when_the_first_is_no_longer_true_and_only_then(
    session: Session, day: Day
) -> None:
    leave(session, day)
    told_until = guess(session, day.last).told_until
    arrivals.tell_late(
        session, day.round_id, 60, driver_id=day.driver, reason="crevaison", at=LEFT_AT + MINUTE
    )
    assert letters(session) == [1, 2]
    again = guess(session, day.last)
    assert again.told_until is not None
    assert told_until is not None
    assert again.told_until >= told_until + 60 * MINUTE
    arrivals.refresh(session, [day.round_id], at=LEFT_AT + 10 * MINUTE)
    assert letters(session) == [1, 2]


def test_a_delay_counts_until_the_next_stop_says_better(session: Session, day: Day) -> None:
    leave(session, day)
    on_time = guess(session, day.relay).expected_at
    arrivals.tell_late(
        session, day.round_id, 30, driver_id=day.driver, reason="", at=LEFT_AT + MINUTE
    )
    assert guess(session, day.relay).expected_at == on_time + 30 * MINUTE
    assert known.told_late(session, [day.round_id])[day.round_id].minutes == 30
    came = guess(session, day.farm).expected_at - 25 * MINUTE
    driving.arrive(session, day.farm, driver_id=day.driver, at=came)
    assert known.told_late(session, [day.round_id]) == {}
    assert guess(session, day.relay).expected_at < on_time + 20 * MINUTE


def test_every_stop_that_is_reached_teaches_once(session: Session, day: Day) -> None:
    leave(session, day)
    base = guess(session, day.farm).base_at
    came = base + 4 * MINUTE
    driving.arrive(session, day.farm, driver_id=day.driver, at=came)
    serve(session, day, day.farm, came + 5 * MINUTE)
    arrivals.refresh(session, [day.round_id], at=came + 6 * MINUTE)
    scores = session.scalars(select(ArrivalScore).order_by(ArrivalScore.horizon)).all()
    assert [(row.horizon, row.stop_id) for row in scores] == [
        ("last", day.farm),
        ("left", day.farm),
    ]
    assert {row.off_s for row in scores} == {int((came - base).total_seconds())}


def test_who_waits_for_a_door_to_open_teaches_nothing(session: Session, day: Day) -> None:
    stop = session.get_one(Stop, day.farm)
    stop.window_from = stop.arrives_at
    stop.window_until = stop.arrives_at + 60 * MINUTE
    session.flush()
    leave(session, day)
    assert guess(session, day.farm).expected_at == stop.window_from
    driving.arrive(session, day.farm, driver_id=day.driver, at=LEFT_AT + 5 * MINUTE)
    assert session.scalar(select(func.count()).select_from(ArrivalScore)) == 0


@pytest.mark.parametrize("off", [timedelta(hours=-6), timedelta(hours=4)])
def test_what_was_typed_in_afterwards_teaches_nothing(
    session: Session, day: Day, off: timedelta
) -> None:
    leave(session, day)
    came = guess(session, day.farm).base_at + off
    serve(session, day, day.farm, came)
    assert session.scalar(select(func.count()).select_from(ArrivalScore)) == 0


def test_a_truck_of_which_nothing_is_heard_is_overdue(session: Session, day: Day) -> None:
    leave(session, day)
    latest = guess(session, day.farm).latest_at
    found = known.of_stops(session, [day.farm], latest - MINUTE)
    assert not found[day.farm].is_overdue
    found = known.of_stops(session, [day.farm], latest + MINUTE)
    assert found[day.farm].is_overdue
    assert day.round_id in known.on_the_road(session, latest)
    arrivals.refresh(session, [day.round_id], at=latest + 20 * MINUTE)
    assert guess(session, day.farm).earliest_at == latest + 20 * MINUTE


def test_only_the_driver_of_a_round_says_that_it_is_late(session: Session, day: Day) -> None:
    leave(session, day)
    with pytest.raises(RoundUnknown):
        arrivals.tell_late(
            session, day.round_id, 10, driver_id=make_person(session), reason="", at=LEFT_AT
        )
    with pytest.raises(InvalidInput):
        arrivals.tell_late(session, day.round_id, 601, driver_id=day.driver, reason="", at=LEFT_AT)
    assert known.latest_delays(session, [day.round_id]) == {}
