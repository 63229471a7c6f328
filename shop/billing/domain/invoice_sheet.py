"""An invoice in words, as its paper shows it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from shop.billing.domain.identifiers import siren_of
from shop.billing.domain.invoice import Invoice, InvoiceLine, Party
from shop.billing.domain.invoice_terms import InvoiceKind, InvoiceLineKind, Means
from shop.kernel.money import Money
from shop.kernel.quantity import UNITS_PER_PRICE, Quantity, UnitPrice
from shop.kernel.sheet import Formats, Translate
from shop.orders.domain.tenders import PaidBy

DOCUMENT = "billing/invoice"
"""Name of the printed document."""


def to_print(invoice: Invoice, xml: str, _: Translate, formats: Formats) -> dict[str, Any]:
    """``invoice`` as the template expects it; ``xml`` goes along as an attachment."""
    is_free = not any(group.rate_bp for group in invoice.taxes)
    return {
        "language": formats.language,
        "xml": xml,
        "date": invoice.issued_on.isoformat(),
        "title": title_of(invoice.kind, _),
        "self_billed": "Autofacturation" if invoice.kind.is_self_billed else "",
        "number": invoice.number,
        "seller": _party(invoice.seller, _),
        "buyer": _party(invoice.buyer, _),
        "facts": _facts(invoice, _, formats),
        "correction": _correction(invoice, _, formats),
        "lines": [_line(line, _, formats) for line in invoice.lines],
        "taxes": [
            {
                "rate": _rate(group.rate_bp, _, formats),
                "base": formats.money(group.base),
                "tax": formats.money(group.tax),
                "rounding": _signed(group.rounding, formats),
                "gross": formats.money(group.gross),
            }
            for group in invoice.taxes
        ],
        "has_rounding": any(group.rounding for group in invoice.taxes),
        "is_free": is_free,
        "totals": _totals(invoice, _, formats, is_free=is_free),
        "due": formats.money(invoice.due),
        "due_label": _due_label(invoice, _),
        "paid": _paid(invoice, _, formats),
        "mentions": list(invoice.mentions),
        "mandate": _mandate(invoice, _, formats),
        "notes": [note.partition("|")[2] or note for note in invoice.notes],
        "labels": _labels(_),
    }


def title_of(kind: InvoiceKind, _: Translate) -> str:
    """What the document is."""
    return {
        InvoiceKind.INVOICE: _("Invoice"),
        InvoiceKind.CREDIT_NOTE: _("Credit note"),
        InvoiceKind.SELF_BILLED: _("Self-billed invoice"),
        InvoiceKind.SELF_BILLED_CREDIT: _("Self-billed credit note"),
    }[kind]


def _labels(_: Translate) -> dict[str, str]:
    return {
        "seller": _("Seller"),
        "buyer": _("Invoiced to"),
        "product": _("Product"),
        "quantity": _("Quantity"),
        "price": _("Price incl. VAT"),
        "rate": _("VAT"),
        "net": _("Excl. VAT"),
        "total": _("Incl. VAT"),
        "tax_table": _("VAT by rate"),
        "base": _("Base excl. VAT"),
        "tax": _("VAT amount"),
        "rounding": _("Rounding"),
        "electronic": _("Electronic invoice: its data are attached to this file (Factur-X)."),
        "page": _("Page"),
    }


def _party(party: Party, _: Translate) -> dict[str, Any]:
    """Name, address and numbers of a party; what lacks is left out."""
    ids = []
    if party.siret:
        ids.append(f"SIRET {party.siret[:9]} {party.siret[9:]}")
        ids.append(f"SIREN {siren_of(party.siret)}")
    if party.vat_number:
        ids.append(_("VAT no. %(number)s") % {"number": party.vat_number})
    if party.certificate:
        ids.append(_("Organic, %(code)s") % {"code": party.certificate})
    return {
        "name": party.name,
        "form": "" if party.legal_form in party.name else party.legal_form,
        "address": [part for part in (party.address, party.place) if part],
        "ids": ids[:1] + ids[2:] if party.siret else ids,
        "contact": " · ".join(part for part in (party.phone, party.email) if part),
        "holder": party.iban_holder or party.name,
        "iban": " ".join(re.findall(".{1,4}", party.iban)),
    }


def _facts(invoice: Invoice, _: Translate, formats: Formats) -> list[list[str]]:
    facts = [
        [_("Issued"), formats.short_day(invoice.issued_on)],
        [_("Delivered"), formats.short_day(invoice.supplied_on)],
    ]
    if invoice.order_number:
        facts.append([_("Order"), invoice.order_number])
    if invoice.buyer.service_code:
        facts.append([_("Service code"), invoice.buyer.service_code])
    if invoice.buyer.engagement:
        facts.append([_("Engagement no."), invoice.buyer.engagement])
    if invoice.due_on and invoice.due:
        facts.append([_("Due"), formats.short_day(invoice.due_on)])
    return facts


def _correction(invoice: Invoice, _: Translate, formats: Formats) -> str:
    if invoice.correction is None:
        return ""
    return _("On invoice %(number)s of %(day)s: %(reason)s") % {
        "number": invoice.correction.number,
        "day": formats.short_day(invoice.correction.issued_on),
        "reason": invoice.correction.reason,
    }


def _line(line: InvoiceLine, _: Translate, formats: Formats) -> dict[str, str]:
    is_counted = line.kind in {InvoiceLineKind.GOODS, InvoiceLineKind.DEPOSIT}
    return {
        "kind": line.kind.value,
        "name": line.name,
        "reference": line.reference,
        "note": line.note,
        "quantity": formats.quantity(line.quantity) if is_counted else "",
        "price": _price(line, formats) if is_counted else "",
        "rate": _rate(line.rate_bp, _, formats),
        "net": formats.money(line.net),
        "gross": formats.money(line.gross),
    }


def _price(line: InvoiceLine, formats: Formats) -> str:
    if line.price is not None:
        return formats.unit_price(line.price)
    return formats.unit_price(_price_each(line.gross, line.quantity))


def _price_each(gross: Money, quantity: Quantity) -> UnitPrice:
    scale = UNITS_PER_PRICE[quantity.unit]
    amount = max(1, quantity.amount)
    return UnitPrice((2 * abs(gross.cents) * scale + amount) // (2 * amount), quantity.unit)


def _rate(rate_bp: int, _: Translate, formats: Formats) -> str:
    if not rate_bp:
        return "—"
    number = f"{Decimal(rate_bp).scaleb(-2).normalize():f}"
    if formats.language == "fr":
        return number.replace(".", ",") + "\u00a0%"
    return f"{number}%"


def _signed(amount: Money, formats: Formats) -> str:
    return formats.money(amount) if amount else ""


def _totals(invoice: Invoice, _: Translate, formats: Formats, *, is_free: bool) -> list[list[str]]:
    if is_free:
        return [[_("Total"), formats.money(invoice.gross)]]
    totals = [
        [_("Total excl. VAT"), formats.money(invoice.net)],
        [_("VAT amount"), formats.money(invoice.tax)],
    ]
    if invoice.rounding:
        totals.append([_("Rounding"), formats.money(invoice.rounding)])
    return [*totals, [_("Total incl. VAT"), formats.money(invoice.gross)]]


def _due_label(invoice: Invoice, _: Translate) -> str:
    return _("To be credited") if invoice.kind.is_credit else _("To pay")


def _paid(invoice: Invoice, _: Translate, formats: Formats) -> str:
    if invoice.due:
        return ""
    amount = {"amount": formats.money(invoice.paid)}
    if invoice.kind.is_credit:
        return _("Given back: %(amount)s") % amount
    if invoice.paid_parts:
        return ", ".join(
            f"{_paid_by(part.by, _)} {formats.money(part.amount)}" for part in invoice.paid_parts
        )
    by = {
        Means.CARD: _("Paid by card: %(amount)s"),
        Means.CASH: _("Paid in cash: %(amount)s"),
        Means.CHEQUE: _("Paid by cheque: %(amount)s"),
        Means.TRANSFER: _("Paid by bank transfer: %(amount)s"),
        Means.CLEARING: _("Settled with the cycle’s payout: %(amount)s"),
        Means.DEBIT: _("Paid by bank debit: %(amount)s"),
        Means.MIXED: _("Paid: %(amount)s"),
    }
    return by[invoice.means] % amount


def _paid_by(by: PaidBy, _: Translate) -> str:
    """What paid a part of an invoice, before its amount."""
    return {
        PaidBy.VOUCHER: _("Paid with a voucher:"),
        PaidBy.CREDIT: _("Paid with a credit:"),
        PaidBy.SOLIDARITY: _("Paid by the solidarity fund:"),
        PaidBy.CASH: _("Paid in cash:"),
        PaidBy.CHEQUE: _("Paid by cheque:"),
        PaidBy.MEAL: _("Paid with meal vouchers:"),
        PaidBy.CARD: _("Paid by card:"),
        PaidBy.DEBIT: _("Paid by bank debit:"),
        PaidBy.ACCOUNT: _("On account:"),
        PaidBy.OTHER: _("Paid:"),
    }[by]


def _mandate(invoice: Invoice, _: Translate, formats: Formats) -> str:
    mandate = invoice.mandate
    if mandate is None:
        return ""
    facts = {
        "issuer": mandate.issuer,
        "seller": invoice.seller.name,
        "day": formats.short_day(mandate.signed_on),
        "days": mandate.contest_days,
    }
    written = _(
        "Written by %(issuer)s in the name and on behalf of %(seller)s, by the mandate of %(day)s."
    )
    contest = _("The seller may contest it within %(days)s days.")
    return f"{written % facts} {contest % facts}"
