"""A producer's invoices: what was written in their name, and who they are in law."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.billing.domain.invoice_terms import PartyKind, VatReturn
from shop.billing.domain.sellers import SellerRef
from shop.billing.errors import InvoiceUnknown
from shop.billing.queries import invoices, sellers
from shop.billing.queries.invoices import InvoicePage
from shop.billing.services import sellers as services
from shop.billing.views import seller_form
from shop.billing.views.desk_invoices import sheet_of
from shop.billing.views.invoice_door import pdf_of, producer, workbook, xml_of
from shop.billing.views.seller_form import Typed
from shop.catalog.domain.terms import TaxRegime
from shop.catalog.doors import enter_farm
from shop.catalog.queries import markets
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work


@producer.get("/invoices")
@holds(Role.PRODUCER)
def listing(producer_id: int) -> ResponseReturnValue:
    """Every invoice and credit note in the producer's name."""
    with reading() as session:
        enter_farm(session, producer_id)
        found = invoices.of_producer(session, producer_id, request.args.get("page", 1, type=int))
        cards = sellers.mandates_of(session, producer_id)
        places = {market.id: market for market in markets.all_markets(session)}
    return render_template(
        "billing/producer_invoices.html", found=found, cards=cards, markets=places
    )


@producer.get("/invoices/list.xlsx")
@holds(Role.PRODUCER)
def list_file(producer_id: int) -> ResponseReturnValue:
    """The same list as a spreadsheet."""
    with reading() as session:
        enter_farm(session, producer_id)
        found = invoices.of_producer(session, producer_id, None)
    return workbook([sheet_of(found)], f"{g.producer.slug}-invoices")


@producer.get("/invoices/<int:invoice_id>.pdf")
@holds(Role.PRODUCER)
def show_pdf(producer_id: int, invoice_id: int) -> ResponseReturnValue:
    """The file of an invoice."""
    with reading() as session:
        enter_farm(session, producer_id)
        page = _own(session, producer_id, invoice_id)
    return pdf_of(page)


@producer.get("/invoices/<int:invoice_id>.xml")
@holds(Role.PRODUCER)
def show_xml(producer_id: int, invoice_id: int) -> ResponseReturnValue:
    """Its data."""
    with reading() as session:
        enter_farm(session, producer_id)
        page = _own(session, producer_id, invoice_id)
    return xml_of(page)


@producer.get("/identity")
@holds(Role.PRODUCER)
def identity(producer_id: int) -> ResponseReturnValue:
    """Who the producer is in law."""
    ref = SellerRef(PartyKind.PRODUCER, producer_id)
    with reading() as session:
        enter_farm(session, producer_id)
        known = sellers.identities(session, [ref])[ref]
    return _form(seller_form.shown(known))


@producer.post("/identity")
@holds(Role.PRODUCER)
def state_identity(producer_id: int) -> ResponseReturnValue:
    """Keep what the producer says of themselves."""
    ref = SellerRef(PartyKind.PRODUCER, producer_id)
    with unit_of_work() as session:
        enter_farm(session, producer_id)
        typed = seller_form.read(request.form, ref.kind)
        if typed.stated is not None:
            services.state_identity(session, ref, typed.stated, at=clock.now())
    if typed.stated is None:
        return _form(typed, status=422)
    flash(_("Kept. Invoices from now on show it."), "success")
    return redirect(url_for("invoices_producer.listing", producer_id=producer_id), code=303)


def _form(typed: Typed, *, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "billing/producer_identity.html",
        typed=typed,
        regimes=tuple(TaxRegime),
        returns=tuple(VatReturn),
    )
    return html, status


def _own(session: Session, producer_id: int, invoice_id: int) -> InvoicePage:
    """An invoice in this producer's name only."""
    page = invoices.page_of(session, invoice_id)
    if (page.seller_kind, page.seller_id) != (PartyKind.PRODUCER, producer_id):
        raise InvoiceUnknown(invoice_id=invoice_id)
    return page
