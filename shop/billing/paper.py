"""Invoices in the words of their reader, and the file that is made of them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask_babel import force_locale
from flask_babel import gettext as _

from shop.billing.domain.invoice import Invoice
from shop.billing.domain.invoice_sheet import DOCUMENT, to_print
from shop.billing.ports import InvoicePrinter
from shop.infra.formats import LocaleFormats
from shop.infra.ports import port
from shop.orders.domain.terms import RefundReason

LANGUAGES = ("fr", "en")


def translate(language: str, message: str) -> str:
    """A message in a language, outside any request too."""
    with force_locale(language):
        translated: str = _(message)
        return translated


def refund_reason(language: str, reason: RefundReason) -> str:
    """Why money was given back, as a credit note says it."""
    with force_locale(language):
        names: dict[RefundReason, str] = {
            RefundReason.MISSING: _("something was missing"),
            RefundReason.DAMAGED: _("something was damaged"),
            RefundReason.QUALITY: _("something was not good enough"),
            RefundReason.WRONG: _("something else was delivered"),
            RefundReason.LATE: _("the delivery was late"),
            RefundReason.WITHDRAWN: _("you withdrew from the purchase"),
            RefundReason.GOODWILL: _("a gesture of goodwill"),
            RefundReason.OTHER: _("another reason"),
        }
        return names[reason]


def print_invoice(invoice: Invoice, xml: str) -> bytes:
    """The file of an invoice in its own language."""
    language = invoice.language if invoice.language in LANGUAGES else LANGUAGES[0]
    formats = LocaleFormats(language, ZoneInfo("Europe/Paris"))
    with force_locale(language):
        data = to_print(invoice, xml, _, formats)
    return port(InvoicePrinter).print_invoice(DOCUMENT, data)


def words_of_names() -> tuple[str, ...]:
    """Names of lines that services write through ``translate``; here they are found."""
    return _("Delivery"), _("Deposit"), _("The market’s share")
