"""The answer to a purchase order, whoever types it: the producer, or the desk on the telephone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from flask import Response, current_app, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.catalog.ports import SheetOut, SpreadsheetWriter
from shop.catalog.queries import cycles, markets
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.markets import MarketCard
from shop.infra.formats import LocaleFormats
from shop.infra.ports import port
from shop.infra.printing import Printer
from shop.kernel.quantity import UNITS_PER_PRICE, Quantity
from shop.orders.domain.purchase_sheet import PurchaseSheet, to_print
from shop.orders.queries.purchase_orders import PurchaseOrderLineView, PurchaseOrderPage
from shop.orders.services import purchase_papers
from shop.web.files import XLSX, own_file
from shop.web.formats import quantity
from shop.web.locale import chosen_language

NOTE_MAX = 500
AMOUNT_MAX = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: amounts by line, and what is wrong with which line."""

    confirmed: dict[int, int] = field(default_factory=dict)
    raw: dict[int, str] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    note: str = ""
    note_error: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether it can be kept."""
        return not self.errors and not self.note_error


@dataclass(frozen=True, slots=True)
class Around:
    """The market and the cycle of a purchase order."""

    market: MarketCard
    cycle: CycleCard


def around(session: Session, page: PurchaseOrderPage) -> Around:
    """Where and when the goods are wanted."""
    return Around(
        markets.by_id(session, page.card.market_id), cycles.by_id(session, page.card.cycle_id)
    )


def read_answer(page: PurchaseOrderPage, form: Mapping[str, str]) -> Typed:
    """The answer in a form: all of it, or an amount for each line, in pieces, kilograms, liters."""
    typed = Typed(note=form.get("note", "").strip())
    if len(typed.note) > NOTE_MAX:
        typed = Typed(
            note=typed.note,
            note_error=_("At most %(number)s characters, please.", number=NOTE_MAX),
        )
    if form.get("all"):
        typed.confirmed.update({line.line_id: line.ordered.amount for line in page.lines})
        return typed
    if form.get("nothing"):
        typed.confirmed.update({line.line_id: 0 for line in page.lines})
        return typed
    for line in page.lines:
        raw = form.get(f"line-{line.line_id}", "").strip()
        typed.raw[line.line_id] = raw
        amount = _amount(raw, line)
        if isinstance(amount, str):
            typed.errors[line.line_id] = amount
        else:
            typed.confirmed[line.line_id] = amount
    return typed


def shown_amount(amount: Quantity) -> str:
    """A quantity as a number field takes it: pieces, kilograms or liters."""
    value = Decimal(amount.amount) / UNITS_PER_PRICE[amount.unit]
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _amount(raw: str, line: PurchaseOrderLineView) -> int | str:
    """What was typed in the line's unit, or what is wrong with it."""
    try:
        value = Decimal(raw.replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except InvalidOperation:
        return str(_("Please give a number; 0 when you can bring none."))
    scale = UNITS_PER_PRICE[line.ordered.unit]
    if not value.is_finite() or value < 0 or value > AMOUNT_MAX:
        return str(_("Please give a number; 0 when you can bring none."))
    scaled = value * scale
    if scale == 1 and scaled != scaled.to_integral_value():
        return str(_("Whole pieces, please."))
    amount = int(scaled.to_integral_value(ROUND_HALF_UP))
    if amount > line.ordered.amount:
        return str(_("No more than ordered: %(amount)s.", amount=quantity(line.ordered)))
    return amount


def sheet_of(
    session: Session, page: PurchaseOrderPage, market: MarketCard, now: datetime
) -> tuple[PurchaseSheet, LocaleFormats]:
    """The purchase order as paper and spreadsheet show it, and the formats they are written in."""
    formats = LocaleFormats(chosen_language(), ZoneInfo(market.timezone))
    sheet = purchase_papers.read_sheet(
        session,
        page,
        answer_url=answer_url(page.card.token),
        printed_at=now,
        translate=_,
        formats=formats,
    )
    return sheet, formats


def answer_url(token: uuid.UUID) -> str:
    """Where a purchase order is answered, from anywhere."""
    return f"{current_app.config['BASE_URL']}{url_for('answers.show', token=token)}"


def paper(sheet: PurchaseSheet, formats: LocaleFormats) -> Response:
    """The PDF of a purchase order."""
    data = {"sheets": [to_print(sheet, _, formats)]}
    content = port(Printer).print(purchase_papers.DOCUMENT, data)
    return own_file(content, "application/pdf", f"{sheet.number}.pdf", shown=True)


def spreadsheet(sheet: PurchaseSheet, formats: LocaleFormats) -> Response:
    """The spreadsheet of a purchase order."""
    return workbook(purchase_papers.workbook(sheet, _, formats), sheet.number)


def workbook(sheets: list[SheetOut], name: str) -> Response:
    """A list that leaves as a file."""
    return own_file(port(SpreadsheetWriter).write_xlsx(sheets), XLSX, f"{name}.xlsx")
