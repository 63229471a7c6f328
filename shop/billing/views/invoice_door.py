"""The doors of invoices: the desk, a producer, a customer; and the files that leave by them."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response

from shop.accounts.access import current_identity
from shop.billing import paper
from shop.billing.domain.cross_industry import FILE_NAME
from shop.billing.queries import invoices
from shop.billing.queries.invoices import InvoicePage
from shop.billing.services import invoice_files
from shop.billing.views import invoice_words
from shop.catalog.ports import SheetOut, SpreadsheetWriter
from shop.infra.ports import port
from shop.infra.unit_of_work import unit_of_work
from shop.web.files import XLSX, own_file

desk = Blueprint(
    "invoices_desk", __name__, url_prefix="/desk/<market>", template_folder="../templates"
)
producer = Blueprint(
    "invoices_producer",
    __name__,
    url_prefix="/producer/<int:producer_id>",
    template_folder="../templates",
)
customer = Blueprint("invoices", __name__, template_folder="../templates")

invoice_words.register(desk)


@customer.before_request
def know_who_asks() -> None:
    """Look up who is signed in before a unit of work is open: the look is one of its own."""
    current_identity()


def pdf_of(page: InvoicePage) -> Response:
    """The file of an invoice, made now when nobody made it before."""
    with unit_of_work() as session:
        pdf = invoices.file_of(session, page.id)
    if pdf is None:
        made = paper.print_invoice(page.invoice, page.xml)
        with unit_of_work() as session:
            pdf = invoice_files.keep(session, page.id, made)
    return own_file(pdf, "application/pdf", f"{page.invoice.number}.pdf", shown=True)


def xml_of(page: InvoicePage) -> Response:
    """The data of an invoice by themselves."""
    name = f"{page.invoice.number}-{FILE_NAME}"
    return own_file(page.xml.encode(), "application/xml", name)


def workbook(sheets: Sequence[SheetOut], name: str) -> Response:
    """A spreadsheet to download."""
    return own_file(port(SpreadsheetWriter).write_xlsx(list(sheets)), XLSX, f"{name}.xlsx")
