"""Calendar files hold to RFC 5545."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from shop.kernel.calendar import Appointment, write

LONGEST_LINE = 75
"""Octets, without the line break."""

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
ROUND = Appointment(
    uid="round-3@carriole",
    starts_at=datetime(2026, 11, 26, 5, 30, tzinfo=UTC),
    ends_at=datetime(2026, 11, 26, 11, 0, tzinfo=UTC),
    title="Tournée 3 · Kangoo; froid, lent",
    place="Hangar, 83170 Brignoles",
    text="1. Point relay\n2. Chez Léa \\ portail",
    url="https://carriole.exemple.fr/driver/rounds/3",
    point=(6.0616, 43.4057),
)


def test_a_round_is_an_event_in_universal_time() -> None:
    lines = write([ROUND], name="Mes tournées", made_at=NOW).decode().split("\r\n")
    assert lines == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Carriole//Carriole//FR",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "NAME:Mes tournées",
        "X-WR-CALNAME:Mes tournées",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "BEGIN:VEVENT",
        "UID:round-3@carriole",
        "DTSTAMP:20261124T070000Z",
        "DTSTART:20261126T053000Z",
        "DTEND:20261126T110000Z",
        "SUMMARY:Tournée 3 · Kangoo\\; froid\\, lent",
        "LOCATION:Hangar\\, 83170 Brignoles",
        "GEO:43.4057;6.0616",
        "DESCRIPTION:1. Point relay\\n2. Chez Léa \\\\ portail",
        "URL:https://carriole.exemple.fr/driver/rounds/3",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=400))
def test_long_lines_are_folded_and_come_back_whole(text: str) -> None:
    said = "Round " + text
    written = write([replace(ROUND, title=said)], name="", made_at=NOW)
    lines = written.split(b"\r\n")
    assert all(len(line) <= LONGEST_LINE for line in lines)
    for line in lines:
        line.decode()
    (event,) = Calendar.from_ical(written).events
    assert event["summary"] == said


def test_instants_of_any_zone_are_written_in_universal_time() -> None:
    paris = ZoneInfo("Europe/Paris")
    there = replace(
        ROUND, starts_at=ROUND.starts_at.astimezone(paris), ends_at=ROUND.ends_at.astimezone(paris)
    )
    assert write([there], name="", made_at=NOW) == write([ROUND], name="", made_at=NOW)


def test_an_appointment_keeps_its_name_when_it_moves() -> None:
    moved = replace(ROUND, starts_at=ROUND.starts_at + timedelta(hours=2), title="Later")
    uids = [
        Calendar.from_ical(write([each], name="", made_at=NOW)).events[0]["uid"]
        for each in (ROUND, moved)
    ]
    assert uids == ["round-3@carriole", "round-3@carriole"]


def test_what_cannot_be_printed_is_left_out() -> None:
    odd = Appointment("x", ROUND.starts_at, ROUND.ends_at, "a\x00b\x07\tc\u00a0d\r\nEND:VEVENT")
    assert "SUMMARY:abc\u00a0d\\nEND:VEVENT\r\n" in write([odd], name="", made_at=NOW).decode()
