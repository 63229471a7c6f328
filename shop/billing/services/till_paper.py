"""The journal of a till on paper: a day, a month or a year, entry by entry, with its closing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shop.billing.domain.journal import Closing, Entry, EntryKind, Period, totals_by_way
from shop.billing.errors import TillUnknown
from shop.billing.queries import till as read
from shop.billing.queries.till import TillCard
from shop.catalog.domain.terms import SpotWay
from shop.catalog.queries import markets
from shop.infra.formats import LocaleFormats
from shop.kernel.money import Money
from shop.kernel.sheet import Heading, Translate, print_heading

DOCUMENT = "billing/till_journal"
"""Name of the printed document."""


def to_print(
    session: Session,
    till: TillCard,
    period: Period,
    label: str,
    *,
    language: str,
    printed_at: datetime,
    _: Translate,
) -> dict[str, Any]:
    """The journal of a period in words; months and years list their days.

    Raises:
        TillUnknown: nothing was taken then and nothing was closed.
    """
    market = markets.by_id(session, till.market_id)
    zone = ZoneInfo(market.timezone)
    formats = LocaleFormats(language, zone)
    every = read.entries_of(session, till)
    entries = [entry for entry in every if period.label(entry.day) == label]
    closings = read.closings_of(session, till)
    closing = next(
        (each for each in closings if each.period is period and each.label == label), None
    )
    if not entries and closing is None:
        raise TillUnknown(label=label)
    names = way_names(_)
    broken = read.check(session, till)
    day = entries[0].day if entries else printed_at.astimezone(zone).date()
    heading = print_heading(Heading(market.name, till.name, day, printed_at), _, formats)
    titles = {
        Period.DAY: formats.day(day),
        Period.MONTH: label,
        Period.YEAR: label,
    }
    return {
        "heading": heading,
        "title": _("Till journal"),
        "subtitle": titles[period],
        "till": f"{till.name} ({till.market_id}/{till.code})",
        "entries": [_entry(entry, names, _, formats) for entry in entries]
        if period is Period.DAY
        else [],
        "days": [] if period is Period.DAY else _days(entries, closings, names, formats),
        "ways": _ways(entries, names, formats),
        "total": formats.money(Money(sum(entry.amount_cents for entry in entries))),
        "people": _people(entries, names, formats),
        "closing": _closing(closing, _, formats),
        "seal": closing.hash if closing else (entries[-1].hash if entries else ""),
        "sound": _("Every record of this till is as it was sealed (SHA-256 chain verified).")
        if not broken
        else _("The journal was tampered with: %(record)s.") % {"record": broken[0].record},
        "labels": _labels(_),
    }


def way_names(_: Translate) -> dict[str, str]:
    """Ways of paying as the journal names them."""
    return {
        SpotWay.CASH.value: _("Cash"),
        SpotWay.CHEQUE.value: _("Cheque"),
        SpotWay.MEAL_PAPER.value: _("Meal voucher (paper)"),
        SpotWay.MEAL_CARD.value: _("Meal voucher (card)"),
    }


def _labels(_: Translate) -> dict[str, str]:
    return {
        "number": _("No."),
        "at": _("At"),
        "order": _("Order"),
        "way": _("Paid by"),
        "by": _("Who took it"),
        "amount": _("Amount"),
        "seal": _("Seal"),
        "day": _("Day"),
        "entries": _("Entries"),
        "closed": _("Seal"),
        "total": _("Takings"),
        "by_way": _("By way of paying"),
        "by_person": _("By person"),
        "closing": _("Closing of the till"),
        "not_closed": _("This period is not closed yet."),
        "last_seal": _("Seal of the closing, or of the last entry"),
        "signature": _("Signature"),
    }


def _entry(entry: Entry, names: dict[str, str], _: Translate, formats: LocaleFormats) -> list[str]:
    details = ""
    if cheque := entry.details.get("cheque"):
        details = f"{cheque['number']} {cheque['bank']}"
    if entry.kind is EntryKind.COUNTER:
        details = _("takes back no. %(number)s: %(reason)s") % {
            "number": entry.counters_sequence,
            "reason": entry.details.get("reason", ""),
        }
    return [
        str(entry.sequence),
        formats.time(entry.at),
        entry.order_number or "–",
        names[entry.way.value] + (f" · {details}" if details else ""),
        entry.by_name,
        formats.money(Money(entry.amount_cents)),
        entry.hash[:8],
    ]


def _days(
    entries: list[Entry], closings: list[Closing], names: dict[str, str], formats: LocaleFormats
) -> list[list[str]]:
    """One row for each day: entries, sums by way, takings, cash counted."""
    closed = {each.label: each for each in closings if each.period is Period.DAY}
    rows = []
    for day in dict.fromkeys(entry.day for entry in entries):
        inside = [entry for entry in entries if entry.day == day]
        closing = closed.get(day.isoformat())
        ways = ", ".join(
            f"{names[way]} {formats.money(Money(cents))}"
            for way, cents in totals_by_way(inside).items()
        )
        total = Money(sum(entry.amount_cents for entry in inside))
        seal = closing.hash[:8] if closing else "–"
        rows.append([formats.short_day(day), str(len(inside)), ways, formats.money(total), seal])
    return rows


def _ways(entries: list[Entry], names: dict[str, str], formats: LocaleFormats) -> list[list[str]]:
    return [
        [names[way], formats.money(Money(cents))] for way, cents in totals_by_way(entries).items()
    ]


def _people(entries: list[Entry], names: dict[str, str], formats: LocaleFormats) -> list[list[str]]:
    """What each person took, way by way."""
    rows = []
    for name in dict.fromkeys(entry.by_name for entry in entries):
        for way, cents in totals_by_way(e for e in entries if e.by_name == name).items():
            rows.append([name, names[way], formats.money(Money(cents))])
    return rows


def _closing(closing: Closing | None, _: Translate, formats: LocaleFormats) -> list[list[str]]:
    if closing is None:
        return []
    rows = [
        [_("Closed on"), formats.moment(closing.at)],
        [_("Closing no."), str(closing.sequence)],
        [_("Takings"), formats.money(Money(closing.total_cents))],
        [_("Grand total"), formats.money(Money(closing.perpetual_cents))],
        [_("Cash expected"), formats.money(Money(closing.expected_cents))],
    ]
    if closing.counted_cents is not None:
        difference = Money(closing.counted_cents - closing.expected_cents)
        rows.append([_("Cash counted"), formats.money(Money(closing.counted_cents))])
        rows.append([_("Difference"), formats.money(difference)])
    if closing.note:
        rows.append([_("Remark"), closing.note])
    return rows
