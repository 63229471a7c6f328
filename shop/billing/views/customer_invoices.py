"""A customer's invoices: opened by the same link as the order."""

from __future__ import annotations

import uuid

from flask import g, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shop.billing.errors import InvoiceUnknown
from shop.billing.queries import invoices
from shop.billing.queries.invoices import InvoicePage
from shop.billing.views.invoice_door import customer, pdf_of
from shop.catalog.queries import markets
from shop.infra.unit_of_work import reading
from shop.orders.errors import OrderUnknown
from shop.orders.queries import order_page
from shop.orders.queries.order_page import OrderState


@customer.get("/<market>/orders/<token>/invoices")
def of_order(market: str, token: str) -> ResponseReturnValue:
    """What was invoiced for an order, each seller apart."""
    with reading() as session:
        order = _enter(session, market, token)
        page = order_page.by_id(session, order.id)
        rows = invoices.of_order(session, order.id)
    answer = make_response(render_template("billing/order_invoices.html", order=page, rows=rows))
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@customer.get("/<market>/orders/<token>/invoices/<int:invoice_id>.pdf")
def show_pdf(market: str, token: str, invoice_id: int) -> ResponseReturnValue:
    """The file of one of them."""
    with reading() as session:
        order = _enter(session, market, token)
        page = _own(session, order.id, invoice_id)
    return pdf_of(page)


def _enter(session: Session, slug: str, token: str) -> OrderState:
    g.market = markets.by_slug(session, slug)
    try:
        key = uuid.UUID(token)
    except ValueError:
        raise OrderUnknown from None
    return order_page.state_by_token(session, g.market.id, key)


def _own(session: Session, order_id: int, invoice_id: int) -> InvoicePage:
    """An invoice of this order only."""
    page = invoices.page_of(session, invoice_id)
    if page.order_id != order_id:
        raise InvoiceUnknown(invoice_id=invoice_id)
    return page
