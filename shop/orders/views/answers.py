"""The producer's answer from a link in a mail: no account, one thumb, in a field."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.errors import AnswerTooLate, PurchaseOrderUnknown
from shop.orders.queries import purchase_orders
from shop.orders.queries.purchase_orders import PurchaseOrderPage
from shop.orders.services import purchasing
from shop.orders.views import answering
from shop.orders.views.answering import Around, Typed

bp = Blueprint("answers", __name__, url_prefix="/answers", template_folder="../templates")
bp.app_template_filter("shown_amount")(answering.shown_amount)


@bp.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """What to bring, where and when, and the buttons of the answer."""
    with reading() as session:
        page, where = _read(session, token)
    return _render(page, where, Typed())


@bp.post("/<token>")
def answer(token: str) -> ResponseReturnValue:
    """Keep the answer: all of it in one tap, or less line by line."""
    now = clock.now()
    with reading() as session:
        page, where = _read(session, token)
    typed = answering.read_answer(page, request.form)
    if not typed.is_sound:
        return _render(page, where, typed, 422)
    try:
        with unit_of_work() as session:
            purchasing.answer(
                session, page.card.id, typed.confirmed, note=typed.note or None, at=now
            )
    except AnswerTooLate:
        with reading() as session:
            page, where = _read(session, token)
        flash(_("The goods were collected already: this order cannot change any more."), "error")
        return _render(page, where, typed, 409)
    flash(_("Thank you, your answer has reached the market."), "success")
    return redirect(url_for("answers.show", token=token), code=303)


@bp.get("/<token>/order.pdf")
def paper(token: str) -> ResponseReturnValue:
    """The purchase order to print."""
    with reading() as session:
        page, where = _read(session, token)
        sheet, formats = answering.sheet_of(session, page, where.market, clock.now())
    return answering.paper(sheet, formats)


@bp.get("/<token>/order.xlsx")
def spreadsheet(token: str) -> ResponseReturnValue:
    """The purchase order as a spreadsheet."""
    with reading() as session:
        page, where = _read(session, token)
        sheet, formats = answering.sheet_of(session, page, where.market, clock.now())
    return answering.spreadsheet(sheet, formats)


def _read(session: Session, token: str) -> tuple[PurchaseOrderPage, Around]:
    try:
        key = uuid.UUID(token)
    except ValueError:
        raise PurchaseOrderUnknown from None
    page = purchase_orders.by_token(session, key)
    where = answering.around(session, page)
    g.market = where.market
    return page, where


def _render(
    page: PurchaseOrderPage, where: Around, typed: Typed, status: int = 200
) -> ResponseReturnValue:
    """A page that no cache keeps, and whose address no other site learns."""
    html = render_template(
        "orders/answer.html",
        page=page,
        card=page.card,
        cycle=where.cycle,
        typed=typed,
        rule=where.market.shortage_rule,
        now=clock.now(),
    )
    return html, status, {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
