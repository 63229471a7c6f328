"""By when the law wants a producer paid, and what of it is still unpaid (rules §3)."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from shop.kernel.money import Money

KINDS = ("perishable", "fresh_meat", "spirits", "other")
BASES = ("delivery", "month_end", "invoice")


@dataclass(frozen=True, slots=True)
class Delay:
    """A rule in force: days counted from the delivery, the end of its month, or the invoice."""

    kind: str
    days: int
    basis: str
    categories: tuple[str, ...]

    def due_on(self, delivered_on: date) -> date:
        """The last day on which to pay; the invoice is taken to be of the day of delivery."""
        start = delivered_on
        if self.basis == "month_end":
            last = calendar.monthrange(delivered_on.year, delivered_on.month)[1]
            start = delivered_on.replace(day=last)
        return start + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Sold:
    """What is owed for the goods of a day, and what the strictest rule makes of it."""

    delivered_on: date
    due_on: date
    kind: str
    owed: Money


@dataclass(frozen=True, slots=True)
class Due:
    """What a producer has to be paid by a day."""

    producer_id: int
    due_on: date
    kind: str
    owed: Money
    """Of all that is due on that day."""
    is_late: bool


def delay_for(category: str, *, is_cold: bool, delays: Iterable[Delay]) -> Delay | None:
    """The rule for goods of a shelf; goods that no rule names are perishable when cold."""
    rules = {rule.kind: rule for rule in delays}
    for rule in rules.values():
        if category in rule.categories:
            return rule
    return rules.get("perishable" if is_cold else "other")


def in_force(law: Iterable[Delay], own: Iterable[Delay]) -> list[Delay]:
    """The law's rules, where a market has its own rule for a kind that one instead.

    Which shelves a kind is about is for the law to say.
    """
    instead = {rule.kind: rule for rule in own}
    return [
        replace(instead[rule.kind], categories=rule.categories) if rule.kind in instead else rule
        for rule in law
    ]


def strictest(
    goods: Collection[tuple[str, bool]], delivered_on: date, delays: Collection[Delay]
) -> tuple[date, str] | None:
    """The earliest last day for goods of several shelves, and the kind that sets it."""
    found = []
    for category, is_cold in goods:
        rule = delay_for(category, is_cold=is_cold, delays=delays)
        if rule is not None:
            found.append((rule.due_on(delivered_on), rule.kind))
    return min(found) if found else None


def unpaid(producer_id: int, sold: Iterable[Sold], balance: Money, today: date) -> list[Due]:
    """What of ``balance`` is due when: payments and refunds cover what was due first."""
    due = sorted(sold, key=lambda each: (each.due_on, each.delivered_on))
    covered = Money.total(each.owed for each in due) - balance
    found: dict[date, Due] = {}
    for each in due:
        part = min(max(covered, Money.zero()), each.owed)
        covered -= part
        left = each.owed - part
        if left.cents <= 0:
            continue
        known = found.get(each.due_on)
        total = left + (known.owed if known else Money.zero())
        found[each.due_on] = Due(producer_id, each.due_on, each.kind, total, each.due_on < today)
    return list(found.values())
