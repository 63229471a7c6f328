"""The till's journal: what is sealed, how, and what a closing adds up.

French law asks that payments taken with software cannot be altered unseen: inalterable, secured,
kept, archived (article 286, I, 3° bis of the tax code; BOI-TVA-DECLA-30-10-30). Entries and
closings are therefore only added, a mistake gets a counter-entry, and each record carries the
SHA-256 of the record before it and of its own facts in one fixed spelling.

The spelling (``canonical``): JSON of an array of texts, whole numbers and nulls, keys of objects
sorted, no spaces, characters above ASCII as \\uXXXX; instants in UTC with microseconds and « Z ».
The seal is SHA-256 over the previous seal, a line feed, and that spelling, in hexadecimal.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from shop.catalog.domain.terms import SpotWay
from shop.kernel.money import Money

GENESIS = "0" * 64
"""What the first record of a chain is sealed on."""


class EntryKind(StrEnum):
    """What an entry of the journal says."""

    TAKEN = "taken"
    COUNTER = "counter"
    """Takes an earlier entry back, whole."""


class Period(StrEnum):
    """What a closing ends."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"

    def label(self, day: date) -> str:
        """Name of the period that holds ``day``: « 2026-11-24 », « 2026-11 », « 2026 »."""
        return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.value]]


@dataclass(frozen=True, slots=True)
class Entry:
    """The facts of one entry, as they are sealed."""

    till: str
    sequence: int
    kind: EntryKind
    way: SpotWay
    amount_cents: int
    at: datetime
    day: date
    by_person_id: int
    by_name: str
    order_number: str
    payer: str
    counters_sequence: int | None
    details: Mapping[str, Any]
    previous_hash: str
    hash: str = ""

    def facts(self) -> list[Any]:
        """What is sealed, in its order."""
        return [
            "entry/1",
            self.till,
            self.sequence,
            self.kind.value,
            self.way.value,
            self.amount_cents,
            spelled(self.at),
            self.day.isoformat(),
            self.by_person_id,
            self.by_name,
            self.order_number,
            self.payer,
            self.counters_sequence,
            dict(self.details),
        ]


@dataclass(frozen=True, slots=True)
class Closing:
    """The facts of one closing, as they are sealed."""

    till: str
    sequence: int
    period: Period
    label: str
    first_entry: int | None
    last_entry: int | None
    totals: Mapping[str, Any]
    total_cents: int
    perpetual_cents: int
    counted_cents: int | None
    expected_cents: int
    note: str
    at: datetime
    by_person_id: int | None
    last_entry_hash: str
    previous_hash: str
    hash: str = ""

    def facts(self) -> list[Any]:
        """What is sealed, in its order; the seal of the last entry ties the two chains."""
        return [
            "closing/1",
            self.till,
            self.sequence,
            self.period.value,
            self.label,
            self.first_entry,
            self.last_entry,
            dict(self.totals),
            self.total_cents,
            self.perpetual_cents,
            self.counted_cents,
            self.expected_cents,
            self.note,
            spelled(self.at),
            self.by_person_id,
            self.last_entry_hash,
        ]


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that does not fit, and why."""

    till: str
    record: str
    """« entry 12 », « closing 3 »."""
    why: str


def spelled(at: datetime) -> str:
    """An instant as it is sealed: UTC, six digits of the second, « Z »."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(facts: Sequence[Any]) -> str:
    """The one spelling of facts (see the head of this module)."""
    return json.dumps(facts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def seal(previous_hash: str, facts: Sequence[Any]) -> str:
    """SHA-256 over the seal before and the facts, in hexadecimal."""
    return hashlib.sha256(f"{previous_hash}\n{canonical(facts)}".encode()).hexdigest()


def totals_by_way(entries: Iterable[Entry]) -> dict[str, int]:
    """Cents by way of paying; ways that do not occur are left out."""
    found: Counter[str] = Counter()
    for entry in entries:
        found[entry.way.value] += entry.amount_cents
    return dict(sorted(found.items()))


def verify(entries: Sequence[Entry], closings: Sequence[Closing]) -> list[Broken]:
    """Everything that is wrong with the chain of one till, in the order of its records.

    Finds a record that was changed, taken out, put in or moved; a closing whose totals are not
    those of its entries; a counter-entry that does not take back exactly what it names.
    """
    return [
        *_chain([(entry.till, f"entry {entry.sequence}", entry) for entry in entries]),
        *_counters(entries),
        *_chain([(closing.till, f"closing {closing.sequence}", closing) for closing in closings]),
        *_sums(entries, closings),
    ]


def _chain(records: Sequence[tuple[str, str, Entry | Closing]]) -> list[Broken]:
    broken = []
    last, expected = GENESIS, 1
    for till, name, record in records:
        if record.sequence != expected:
            broken.append(Broken(till, name, f"number {expected} is missing"))
        if record.previous_hash != last:
            broken.append(Broken(till, name, "is not sealed on the record before it"))
        if record.hash != seal(record.previous_hash, record.facts()):
            broken.append(Broken(till, name, "was changed after it was sealed"))
        last, expected = record.hash, record.sequence + 1
    return broken


def _counters(entries: Sequence[Entry]) -> list[Broken]:
    known = {entry.sequence: entry for entry in entries}
    broken = []
    for entry in entries:
        if entry.kind is EntryKind.TAKEN:
            fits = entry.counters_sequence is None and entry.amount_cents > 0
        else:
            other = known.get(entry.counters_sequence or 0)
            fits = (
                other is not None
                and other.kind is EntryKind.TAKEN
                and other.sequence < entry.sequence
                and (other.way, other.amount_cents) == (entry.way, -entry.amount_cents)
            )
        if not fits:
            broken.append(Broken(entry.till, f"entry {entry.sequence}", "makes no sense"))
    return broken


def _sums(entries: Sequence[Entry], closings: Sequence[Closing]) -> list[Broken]:
    seals = {entry.sequence: entry.hash for entry in entries}
    broken = []
    for closing in closings:
        inside = [entry for entry in entries if closing.period.label(entry.day) == closing.label]
        upto = [entry for entry in entries if entry.sequence <= (closing.last_entry or 0)]
        bounds = (inside[0].sequence, inside[-1].sequence) if inside else (None, None)
        totals = totals_by_way(inside)
        name = f"closing {closing.sequence}"
        if (closing.first_entry, closing.last_entry) != bounds:
            broken.append(Broken(closing.till, name, "does not hold the entries of its period"))
        elif dict(closing.totals) != totals or closing.total_cents != sum(totals.values()):
            broken.append(Broken(closing.till, name, "does not add up"))
        elif inside and closing.perpetual_cents != sum(entry.amount_cents for entry in upto):
            broken.append(Broken(closing.till, name, "has another grand total"))
        if closing.last_entry_hash != seals.get(closing.last_entry or 0, GENESIS):
            broken.append(Broken(closing.till, name, "was made on another last entry"))
    return broken


def cash_of(totals: Mapping[str, int]) -> Money:
    """What a drawer holds of a period's takings."""
    return Money(totals.get(SpotWay.CASH.value, 0))
