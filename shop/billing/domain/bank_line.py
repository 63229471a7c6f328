"""One booked line of a bank statement, whatever file it came in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shop.kernel.money import Money


@dataclass(frozen=True, slots=True)
class BankLine:
    """Money that came (above zero) or left."""

    on: date
    amount: Money
    reference: str
    counterparty: str
    text: str
    bank_ref: str = ""
    """The bank's own reference of the line; empty when it gives none."""
