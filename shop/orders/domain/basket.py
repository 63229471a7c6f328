"""What changes in a basket: which amounts to hold, which to give back, what was lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Difference:
    """From one content of a basket to another, by offer; every amount is above zero."""

    to_hold: dict[int, int]
    to_release: dict[int, int]


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line that could not be kept as it was; ``after`` is zero when nothing is left."""

    offer_id: int
    before: int
    after: int


def difference(before: Mapping[int, int], after: Mapping[int, int]) -> Difference:
    """What must be held in addition and what may be given back."""
    offers = before.keys() | after.keys()
    moves = {offer: after.get(offer, 0) - before.get(offer, 0) for offer in offers}
    return Difference(
        to_hold={offer: move for offer, move in moves.items() if move > 0},
        to_release={offer: -move for offer, move in moves.items() if move < 0},
    )


def fits_step(amount: int, step: int) -> bool:
    """Whether an amount above zero is a whole number of steps."""
    return amount > 0 and amount % step == 0


def what_is_left(
    wanted: Mapping[int, int], left: Mapping[int, int], steps: Mapping[int, int]
) -> dict[int, int]:
    """Of each offer as much as wanted, or the whole steps that are left; without the gone ones."""
    kept = {}
    for offer_id, amount in wanted.items():
        step = steps.get(offer_id, 1)
        possible = min(amount, max(0, left.get(offer_id, 0)) // step * step)
        if possible > 0:
            kept[offer_id] = possible
    return kept


def changes(before: Mapping[int, int], after: Mapping[int, int]) -> list[LineChange]:
    """Lines of ``before`` that are smaller or gone, by offer."""
    return [
        LineChange(offer_id, amount, after.get(offer_id, 0))
        for offer_id, amount in sorted(before.items())
        if after.get(offer_id, 0) != amount
    ]


def expiry(now: datetime, hold_minutes: int) -> datetime:
    """Until when a basket that was touched ``now`` holds what is in it."""
    return now + timedelta(minutes=hold_minutes)
