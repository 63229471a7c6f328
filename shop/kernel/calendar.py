"""Calendar files (iCalendar, RFC 5545): what a phone subscribes to or adds to its calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST_LINE = 75
"""Octets; a longer line goes on after a line break and a space."""

MEDIA_TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Appointment:
    """Something that happens at a time and a place. Instants are UTC.

    ``uid`` stays the same however often the file is written.
    """

    uid: str
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str = ""
    text: str = ""
    url: str = ""
    point: tuple[float, float] | None = None
    """(lon, lat)."""


def write(
    appointments: Iterable[Appointment], *, name: str, made_at: datetime, refresh_minutes: int = 60
) -> bytes:
    """A calendar file with these appointments, as they are known at ``made_at``."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Carriole//Carriole//FR",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:PT{refresh_minutes}M",
        *(line for each in appointments for line in _event(each, made_at)),
        "END:VCALENDAR",
    ]
    return b"".join(folded(line) for line in lines)


def folded(line: str) -> bytes:
    """A line in pieces of at most 75 octets, none of which cuts a letter."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > LONGEST_LINE - (1 if pieces else 0):
            pieces.append(piece)
            piece = b""
        piece += octets
    pieces.append(piece)
    return b"\r\n ".join(pieces) + b"\r\n"


def _event(each: Appointment, made_at: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(each.uid)}"
    yield f"DTSTAMP:{_instant(made_at)}"
    yield f"DTSTART:{_instant(each.starts_at)}"
    yield f"DTEND:{_instant(each.ends_at)}"
    yield f"SUMMARY:{_text(each.title)}"
    if each.place:
        yield f"LOCATION:{_text(each.place)}"
    if each.point:
        yield f"GEO:{each.point[1]:.6f};{each.point[0]:.6f}"
    if each.text:
        yield f"DESCRIPTION:{_text(each.text)}"
    if each.url:
        yield f"URL:{each.url}"
    yield "END:VEVENT"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(said: str) -> str:
    """What stands in a value: separators escaped, line breaks written, nothing invisible."""
    escaped = said.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    escaped = escaped.replace("\r\n", "\n").replace("\n", "\\n")
    return "".join(letter for letter in escaped if letter >= " " and letter != "\x7f")
