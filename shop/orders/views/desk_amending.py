"""Change an order from the desk, for a customer on the telephone."""

from __future__ import annotations

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.queries import order_file
from shop.orders.queries.order_page import OrderPage
from shop.orders.services import amending
from shop.orders.views.amending import REFUSALS, ask, change_page, typed
from shop.orders.views.desk_door import bp, enter


@bp.get("/orders/<number>/change")
@holds(Role.DESK)
def change(market: str, number: str) -> ResponseReturnValue:
    """The lines of an order with their amounts, and what it would come to."""
    page, _by = _order(market, number)
    return change_page(page, typed(request.args), url=_url(number), layout="base_desk.html")


@bp.post("/orders/<number>/change")
@holds(Role.DESK)
def change_order(market: str, number: str) -> ResponseReturnValue:
    """Change it; where more has to be reserved the customer gets a link to confirm."""
    page, by = _order(market, number)
    wanted = typed(request.form)
    try:
        asked = ask(page.id, wanted, request.form.get("key", ""), by)
    except REFUSALS as refusal:
        return change_page(
            page, wanted, url=_url(number), refusal=refusal, status=422, layout="base_desk.html"
        )
    if asked.state == "waiting":
        with unit_of_work() as session:
            amending.ask_customer(session, asked.amendment_id)
        flash(_("The customer is asked to confirm; until then the order stays as it was."), "info")
    else:
        flash(_("The order is changed; the customer is told."), "success")
    return redirect(url_for("orders_desk.order", market=market, number=number), code=303)


def _order(market: str, number: str) -> tuple[OrderPage, int]:
    with reading() as session:
        by = enter(session, market)
        return order_file.read(session, g.market.id, number).order, by


def _url(number: str) -> str:
    return url_for("orders_desk.change", market=g.market.slug, number=number)
