"""A bank's list (CSV, spreadsheet) read with the columns that somebody chose once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shop.billing.domain.bank_line import BankLine
from shop.catalog.domain.sheet.table import Cell, Table
from shop.catalog.domain.sheet.values import read_number
from shop.kernel.money import Money

FIELDS = ("date", "amount", "debit", "credit", "reference", "counterparty", "text")
"""What a column may hold; amount is signed, debit and credit are not."""

GUESSES = {
    "date": ("date", "date operation", "date de comptabilisation", "date comptable"),
    "amount": ("montant", "amount", "montant eur", "montant(euros)"),
    "debit": ("debit", "débit"),
    "credit": ("credit", "crédit"),
    "reference": ("reference", "référence", "reference operation"),
    "counterparty": ("tiers", "counterparty", "nom", "beneficiaire", "bénéficiaire"),
    "text": ("libelle", "libellé", "label", "description", "libelle operation"),
}


@dataclass(frozen=True, slots=True)
class ReadList:
    """Lines that were understood, and rows that were not (numbers, with why)."""

    headings: tuple[str, ...]
    columns: Mapping[str, int]
    lines: tuple[BankLine, ...]
    problems: tuple[tuple[int, str], ...]


def headings_of(table: Table) -> tuple[int, tuple[str, ...]]:
    """Where the headings stand (index of the row) and what they say."""
    for index, row in enumerate(table.rows[:20]):
        words = tuple("" if cell is None else str(cell).strip() for cell in row.cells)
        known = sum(1 for word in words if _guess(word))
        if known >= 2:
            return index, words
    first = table.rows[0].cells if table.rows else ()
    return 0, tuple("" if cell is None else str(cell).strip() for cell in first)


def guess(headings: tuple[str, ...]) -> dict[str, int]:
    """Which column is what, by its heading."""
    found: dict[str, int] = {}
    for index, word in enumerate(headings):
        name = _guess(word)
        if name and name not in found:
            found[name] = index
    return found


def read(table: Table, columns: Mapping[str, int] | None = None) -> ReadList:
    """The lines of a list; rows without an amount are passed over, others are problems."""
    start, headings = headings_of(table)
    chosen = dict(columns) if columns else guess(headings)
    lines, problems = [], []
    for row in table.rows[start + 1 :]:
        cells = {
            name: row.cells[index] if index < len(row.cells) else None
            for name, index in chosen.items()
        }
        amount = _amount(cells)
        if amount is None and not any(cells.get(n) for n in ("amount", "debit", "credit")):
            continue
        on = _day(cells.get("date"))
        if amount is None or on is None:
            problems.append((row.number, "amount" if amount is None else "date"))
            continue
        lines.append(
            BankLine(
                on=on,
                amount=amount,
                reference=_word(cells.get("reference")),
                counterparty=_word(cells.get("counterparty")),
                text=_word(cells.get("text")),
            )
        )
    return ReadList(headings, chosen, tuple(lines), tuple(problems))


def _guess(word: str) -> str | None:
    folded = re.sub(r"[\s_]+", " ", word.strip().lower())
    for name, words in GUESSES.items():
        if folded in words:
            return name
    return None


def _amount(cells: Mapping[str, Cell]) -> Money | None:
    signed = _cents(cells.get("amount"))
    if signed is not None:
        return Money(signed)
    debit, credit = _cents(cells.get("debit")), _cents(cells.get("credit"))
    if debit is None and credit is None:
        return None
    return Money((credit or 0) - abs(debit or 0))


def _cents(cell: Cell) -> int | None:
    if cell is None or cell == "":
        return None
    value = cell if isinstance(cell, Decimal) else None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        value = Decimal(str(cell))
    if isinstance(cell, str):
        value = read_number(cell.replace("€", "").replace("EUR", "").strip())
    if value is None or value * 100 != int(value * 100):
        return None
    return int(value * 100)


def _day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = _word(cell)
    for pattern in ("%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _word(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()
