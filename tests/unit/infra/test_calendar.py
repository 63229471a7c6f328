"""Calendar files hold to RFC 5545."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from shop.kernel.calendar import LONGEST_LINE, Appointment, folded, write

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
        "REFRESH-INTERVAL;VALUE=DURATION:PT60M",
        "BEGIN:VEVENT",
        "UID:round-3@carriole",
        "DTSTAMP:20261124T070000Z",
        "DTSTART:20261126T053000Z",
        "DTEND:20261126T110000Z",
        "SUMMARY:Tournée 3 · Kangoo\\; froid\\, lent",
        "LOCATION:Hangar\\, 83170 Brignoles",
        "GEO:43.405700;6.061600",
        "DESCRIPTION:1. Point relay\\n2. Chez Léa \\\\ portail",
        "URL:https://carriole.exemple.fr/driver/rounds/3",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=400))
def test_long_lines_are_folded_and_come_back_whole(text: str) -> None:
    written = folded("SUMMARY:" + text)
    assert written.endswith(b"\r\n")
    pieces = written.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(piece) <= LONGEST_LINE for piece in pieces)
    assert all(piece.startswith(b" ") for piece in pieces[1:])
    assert all(piece.decode() for piece in pieces)
    assert b"".join([pieces[0], *(piece[1:] for piece in pieces[1:])]).decode() == "SUMMARY:" + text


def test_what_cannot_be_printed_is_left_out() -> None:
    odd = Appointment("x", ROUND.starts_at, ROUND.ends_at, "a\x00b\x07\tc\r\nEND:VEVENT")
    assert "SUMMARY:abc\\nEND:VEVENT\r\n" in write([odd], name="", made_at=NOW).decode()
