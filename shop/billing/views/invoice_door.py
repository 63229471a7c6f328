"""The doors of invoices: the desk, a producer, a customer; who may come in at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, g
from sqlalchemy.orm import Session

from shop.accounts.access import current_identity, demand
from shop.accounts.domain.roles import Role
from shop.billing import paper
from shop.billing.domain.cross_industry import FILE_NAME
from shop.billing.queries import invoices
from shop.billing.queries.invoices import InvoicePage
from shop.billing.services import invoice_files
from shop.billing.views import invoice_words
from shop.catalog.ports import SheetOut, SpreadsheetWriter
from shop.catalog.queries import cycles, markets, producers
from shop.catalog.queries.cycles import CycleCard
from shop.infra.ports import port
from shop.infra.unit_of_work import unit_of_work

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

STARTED = ("open", "closed", "archived")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

invoice_words.register(desk)


@customer.before_request
def know_who_asks() -> None:
    """Look up who is signed in before a unit of work is open: the look is one of its own."""
    current_identity()


@dataclass(frozen=True, slots=True)
class Choice:
    """The cycle that is looked at, and those one may choose."""

    cycle: CycleCard | None
    cycles: tuple[CycleCard, ...]


def enter_desk(session: Session, slug: str) -> int:
    """The desk of this market only; the person's key.

    Raises:
        MarketUnknown: there is none.
        RoleMissing: this person is not at its desk.
    """
    g.market = markets.by_slug(session, slug)
    who = demand(Role.DESK, g.market.id)
    g.side_of = "desk"
    return who.person_id


def enter_farm(session: Session, producer_id: int) -> int:
    """This producer's people only; the person's key.

    Raises:
        RoleMissing: this person does not act for them.
    """
    who = demand(Role.PRODUCER, producer_id)
    g.producer = producers.by_id(session, producer_id)
    g.side_of = "producer"
    return who.person_id


def choose(session: Session, code: str | None) -> Choice:
    """The cycle asked for, else the latest that has closed."""
    recent = [card for card in cycles.recent(session, g.market.id, 40) if card.state in STARTED]
    if code:
        return Choice(cycles.by_code(session, g.market.id, code), tuple(recent))
    fitting = [card for card in recent if card.state != "open"] or recent
    return Choice(fitting[0] if fitting else None, tuple(recent))


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


def own_file(content: bytes, kind: str, name: str, *, shown: bool = False) -> Response:
    """A file that only the person who asks may keep."""
    how = "inline" if shown else "attachment"
    return Response(
        content,
        mimetype=kind,
        headers={
            "Content-Disposition": f'{how}; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )
