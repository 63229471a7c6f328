"""Fixed vocabularies of invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from shop.catalog.domain.terms import TaxRegime
from shop.orders.domain.tenders import PaidBy, PaidPart


class PartyKind(StrEnum):
    """Who sells, or who writes the invoice."""

    PRODUCER = "producer"
    MARKET = "market"


class InvoiceKind(StrEnum):
    """What a document is; the value is its code in UNTDID 1001."""

    INVOICE = "380"
    CREDIT_NOTE = "381"
    SELF_BILLED = "389"
    SELF_BILLED_CREDIT = "261"

    @property
    def is_credit(self) -> bool:
        """Whether it takes back what another one asked for."""
        return self in {InvoiceKind.CREDIT_NOTE, InvoiceKind.SELF_BILLED_CREDIT}

    @property
    def is_self_billed(self) -> bool:
        """Whether the buyer wrote it in the seller's name."""
        return self in {InvoiceKind.SELF_BILLED, InvoiceKind.SELF_BILLED_CREDIT}


class InvoiceLineKind(StrEnum):
    """What a line asks money for."""

    GOODS = "goods"
    DELIVERY = "delivery"
    SERVICE = "service"
    """A fee that the customer bears besides the delivery."""
    DEPOSIT = "deposit"
    """Of containers: no tax, given back at the amount charged."""
    COMMISSION = "commission"
    """What the buyer of a producer's goods keeps of their retail price; below zero."""


class Means(StrEnum):
    """How it is paid; the value is the code in UNTDID 4461."""

    CARD = "48"
    TRANSFER = "30"
    CASH = "10"
    CHEQUE = "20"
    CLEARING = "97"
    """Settled between the parties: what the platform owes its producers."""
    DEBIT = "59"
    """Bank debit of the SEPA area."""
    MIXED = "ZZZ"
    """Agreed between the parties: vouchers, credit, or several ways at once."""


MEANS_BY: Mapping[PaidBy, Means] = {
    PaidBy.CARD: Means.CARD,
    PaidBy.DEBIT: Means.DEBIT,
    PaidBy.CASH: Means.CASH,
    PaidBy.CHEQUE: Means.CHEQUE,
    PaidBy.ACCOUNT: Means.TRANSFER,
}
"""Ways of paying that have a code of their own."""


def means_of(parts: Sequence[PaidPart]) -> Means:
    """The one code that an invoice bears for what paid it; card when nothing is known."""
    ways = {MEANS_BY.get(part.by, Means.MIXED) for part in parts}
    if not ways:
        return Means.CARD
    return ways.pop() if len(ways) == 1 else Means.MIXED


class FilingRhythm(StrEnum):
    """How often a seller tells the tax office what consumers bought."""

    TWO_MONTHS = "two_months"
    MONTH = "month"
    TEN_DAYS = "ten_days"


class VatReturn(StrEnum):
    """How often a seller who bills tax declares it."""

    SIMPLIFIED = "simplified"
    QUARTERLY = "quarterly"
    MONTHLY = "monthly"


def filing_rhythm(regime: TaxRegime, vat_return: VatReturn) -> FilingRhythm:
    """Rhythm of the totals of sales to consumers: franchise 2 months, normal monthly 3 a month."""
    if not regime.bills_tax:
        return FilingRhythm.TWO_MONTHS
    if regime is TaxRegime.NORMAL and vat_return is VatReturn.MONTHLY:
        return FilingRhythm.TEN_DAYS
    return FilingRhythm.MONTH
