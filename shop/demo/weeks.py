"""When the demo's sales open, close and deliver, counted from the day it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Paris")
PAST_CYCLES = 5
SELLS_FOR_DAYS = 6
CLOSES_DAYS_BEFORE = 3
NEXT_DELIVERY_DAYS = 5
"""Near enough that an order of today is paid from a card hold."""
DAWN = 6
"""Hour of the day before which nobody loads a truck."""

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Week:
    """One cycle's days, and the state it is in today: past, delivering, open or coming."""

    phase: str
    delivers_on: date
    opens_at: datetime
    closes_at: datetime

    @property
    def code(self) -> str:
        """Short and spoken, and never that of another week."""
        return f"{self.delivers_on:%Y-%m%d}"

    @property
    def answers_by(self) -> datetime:
        """Two days before the delivery, at two in the afternoon."""
        return at(self.delivers_on - timedelta(days=2), 14)

    @property
    def collects_on(self) -> date:
        """The day before the delivery."""
        return self.delivers_on - timedelta(days=1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant of the market's day, in UTC."""
    return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)


def after_midnight(day: date, seconds: int) -> datetime:
    """An instant so many seconds after the market's midnight, in UTC."""
    return (datetime.combine(day, time(), ZONE) + timedelta(seconds=seconds)).astimezone(UTC)


def day_shown(now: datetime) -> date:
    """The day that the demo stands on: before dawn still the day before, whose trucks are back."""
    here = now.astimezone(ZONE)
    return here.date() - timedelta(days=1 if here.hour < DAWN else 0)


def weeks(today: date) -> list[Week]:
    """Every cycle of the demo, the oldest first."""
    found = [_week("past", today - timedelta(weeks=ago)) for ago in range(PAST_CYCLES, 0, -1)]
    found.append(_week("delivering", today))
    following = today + timedelta(days=NEXT_DELIVERY_DAYS)
    found.append(_week("open", following, opens_on=today - timedelta(days=2)))
    found.append(
        _week(
            "coming",
            following + timedelta(weeks=1),
            opens_on=following - timedelta(days=CLOSES_DAYS_BEFORE - 1),
        )
    )
    return found


def name_of(week: Week, special: dict[int, str], taken: set[str]) -> str:
    """The week's own name when it has one that no other cycle took, else its date."""
    name = special.get(week.delivers_on.isocalendar().week)
    if name is None or name in taken:
        day = week.delivers_on
        first = "1er" if day.day == 1 else str(day.day)
        name = f"Paniers du {first} {_MONTHS[day.month - 1]}"
    taken.add(name)
    return name


def _week(phase: str, delivers_on: date, opens_on: date | None = None) -> Week:
    closes_on = delivers_on - timedelta(days=CLOSES_DAYS_BEFORE)
    opens_on = opens_on or closes_on - timedelta(days=SELLS_FOR_DAYS)
    return Week(phase, delivers_on, at(opens_on, 6), at(closes_on, 23, 59))
