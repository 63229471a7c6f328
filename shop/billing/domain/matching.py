"""Which entry of the ledger a movement of the provider or of the bank may be: suggestions only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from shop.kernel.money import Money

WINDOW_DAYS = 10
"""A movement and its entry are at most so many days apart."""
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Movement:
    """What the outside says."""

    id: int
    on: date
    amount: Money
    words: str
    """Reference, name and text, all that may name an order or a payout."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that is matched with nothing yet."""

    key: str
    on: date
    amount: Money
    names: tuple[str, ...]
    """Words that tell it: an order number, a reference, a provider's id."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entry that may be it, and why."""

    candidate: Candidate
    by_name: bool
    by_amount: bool
    days_apart: int

    @property
    def is_exact(self) -> bool:
        """Whether amount and name agree: nothing speaks against it."""
        return self.by_name and self.by_amount

    @property
    def rank(self) -> tuple[bool, bool, int, str]:
        """Names before amounts, near before far."""
        return (not self.by_name, not self.by_amount, self.days_apart, self.candidate.key)


def suggest(movement: Movement, candidates: Iterable[Candidate]) -> list[Suggestion]:
    """The few entries that ``movement`` may be, the likeliest first; often none."""
    words = _folded(movement.words)
    found = []
    for candidate in candidates:
        by_name = any(_names(name, words) for name in candidate.names)
        by_amount = candidate.amount == movement.amount
        apart = abs((candidate.on - movement.on).days)
        if by_name or (by_amount and apart <= WINDOW_DAYS):
            found.append(Suggestion(candidate, by_name, by_amount, apart))
    return sorted(found, key=lambda each: each.rank)[:SHOWN]


def exact_pairs(
    movements: Iterable[Movement], candidates: Collection[Candidate]
) -> list[tuple[Movement, Candidate]]:
    """Pairs in which amount and name agree and neither side has another: none is used twice."""
    wanted: dict[str, list[Movement]] = {}
    by_key = {candidate.key: candidate for candidate in candidates}
    for movement in movements:
        exact = [each for each in suggest(movement, candidates) if each.is_exact]
        if len(exact) == 1:
            wanted.setdefault(exact[0].candidate.key, []).append(movement)
    return [(found[0], by_key[key]) for key, found in wanted.items() if len(found) == 1]


def _names(name: str, words: str) -> bool:
    """Whether a name stands in ``words`` as a whole: …-1 is not …-16."""
    wanted = _folded(name).replace(" ", "")
    return bool(wanted) and bool(re.search(rf"(?<![A-Z0-9]){re.escape(wanted)}(?![A-Z0-9])", words))


def _folded(text: str) -> str:
    """Capitals, digits and spaces: banks write references with signs of their own, or none."""
    return re.sub(r"[^A-Z0-9_ ]", "", text.upper())
