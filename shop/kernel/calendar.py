"""Calendar files (iCalendar, RFC 5545): what a phone subscribes to or adds to its calendar."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

MEDIA_TYPE = "text/calendar; charset=utf-8"

_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


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
    calendar = Calendar()
    for key, value in (
        ("version", "2.0"),
        ("prodid", "-//Carriole//Carriole//FR"),
        ("calscale", "GREGORIAN"),
        ("method", "PUBLISH"),
        ("name", _printable(name)),
        ("x-wr-calname", _printable(name)),
    ):
        calendar.add(key, value)
    calendar.add("refresh-interval", timedelta(minutes=refresh_minutes), {"VALUE": "DURATION"})
    for each in appointments:
        calendar.add_component(_event(each, made_at))
    written: bytes = calendar.to_ical(sorted=False)
    return written


def _event(each: Appointment, made_at: datetime) -> Event:
    event = Event()
    said: dict[str, Any] = {
        "uid": _printable(each.uid),
        "dtstamp": made_at.astimezone(UTC),
        "dtstart": each.starts_at.astimezone(UTC),
        "dtend": each.ends_at.astimezone(UTC),
        "summary": _printable(each.title),
        "location": _printable(each.place),
        "geo": each.point and (f"{each.point[1]:.6f}", f"{each.point[0]:.6f}"),
        "description": _printable(each.text),
        "url": each.url,
    }
    for key, value in said.items():
        if value or key == "summary":
            event.add(key, value)
    return event


def _printable(said: str) -> str:
    """What stands in a value: nothing invisible but spaces and line breaks."""
    kept = said.replace("\r\n", "\n")
    return "".join(letter for letter in kept if letter == "\n" or not _INVISIBLE.match(letter))
