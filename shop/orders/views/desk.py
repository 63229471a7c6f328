"""The desk's orders: find one, read all of it, take it back, ask for its money."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.doors import choose
from shop.catalog.ports import ColumnOut, SheetOut
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.lifecycle import IllegalTransition
from shop.orders.errors import OrderNotPayable
from shop.orders.queries import order_file, orders_desk
from shop.orders.queries.orders_desk import Found, OrderRow
from shop.orders.services import canceling, owing
from shop.orders.views import desk_words, paid_words
from shop.orders.views.answering import workbook
from shop.orders.views.desk_door import bp, enter

REASON_MAX = 200

desk_words.register(bp)
for _name, _words in paid_words.names().items():
    bp.app_template_filter(_name)(_words)


@bp.get("/orders")
@holds(Role.DESK)
def orders(market: str) -> ResponseReturnValue:
    """Orders of a cycle in figures and in a list, found by number, name, mail or telephone."""
    text = request.args.get("q", "").strip()
    state = request.args.get("state", "")
    everywhere = bool(request.args.get("all"))
    with reading() as session:
        enter(session, market)
        choice = choose(session, request.args.get("cycle"))
        figures = orders_desk.figures(session, choice.cycle.id) if choice.cycle else None
        cycle_id = None if everywhere or choice.cycle is None else choice.cycle.id
        found = orders_desk.find(
            session,
            g.market.id,
            cycle_id=cycle_id,
            text=text,
            state=state,
            page=request.args.get("page", 1, type=int),
        )
    return render_template(
        "orders/desk_orders.html",
        choice=choice,
        figures=figures,
        found=found,
        text=text,
        state=state,
        everywhere=everywhere,
        filters=orders_desk.FILTERS,
    )


@bp.get("/orders/list.xlsx")
@holds(Role.DESK)
def orders_file(market: str) -> ResponseReturnValue:
    """The same list as a spreadsheet."""
    with reading() as session:
        enter(session, market)
        choice = choose(session, request.args.get("cycle"))
        found = orders_desk.find(
            session,
            g.market.id,
            cycle_id=None if request.args.get("all") or not choice.cycle else choice.cycle.id,
            text=request.args.get("q", ""),
            state=request.args.get("state", ""),
            page=None,
        )
    code = choice.cycle.code if choice.cycle else ""
    return workbook([_sheet(found, ZoneInfo(g.market.timezone))], f"{market}-orders-{code}")


@bp.get("/orders/find")
@holds(Role.DESK)
def find_order(market: str) -> ResponseReturnValue:
    """Straight to an order by its number, else to the search in every cycle."""
    text = request.args.get("q", "").strip()
    with reading() as session:
        enter(session, market)
        found = orders_desk.find(session, g.market.id, cycle_id=None, text=text, page=1)
    if found.total == 1 or (found.rows and found.rows[0].number == text.upper()):
        return redirect(
            url_for("orders_desk.order", market=market, number=found.rows[0].number), code=303
        )
    return redirect(url_for("orders_desk.orders", market=market, q=text, all=1), code=303)


@bp.get("/orders/<number>")
@holds(Role.DESK)
def order(market: str, number: str) -> ResponseReturnValue:
    """All that is known of one order."""
    return _page(market, number)


@bp.post("/orders/<number>/cancel")
@holds(Role.DESK)
def cancel(market: str, number: str) -> ResponseReturnValue:
    """Take an order back with a reason that the customer reads."""
    reason = request.form.get("reason", "").strip()
    if not 3 <= len(reason) <= REASON_MAX:
        error = _("Say why in a few words: the customer reads it.")
        return _page(market, number, reason=reason, error=error, status=422)
    try:
        with unit_of_work() as session:
            by = enter(session, market)
            file = order_file.read(session, g.market.id, number)
            canceling.call_off(session, file.order.id, reason=reason, at=clock.now(), by=by)
    except IllegalTransition:
        error = _("Too late: the sale has closed and the farms were asked.")
        return _page(market, number, reason=reason, error=error, status=409)
    flash(_("Order %(number)s is canceled; its customer is told.", number=number), "success")
    return redirect(url_for("orders_desk.order", market=market, number=number), code=303)


@bp.post("/orders/<number>/ask-payment")
@holds(Role.DESK)
def ask_payment(market: str, number: str) -> ResponseReturnValue:
    """Send the customer of an unpaid delivery a link to pay."""
    try:
        with unit_of_work() as session:
            enter(session, market)
            file = order_file.read(session, g.market.id, number)
            owing.ask(session, file.order.id, at=clock.now())
        flash(
            _("A link to pay is on its way to %(mail)s.", mail=file.order.contact_email), "success"
        )
    except OrderNotPayable:
        flash(_("Nothing is owed for this order."), "info")
    return redirect(url_for("orders_desk.order", market=market, number=number), code=303)


def _page(
    market: str, number: str, *, reason: str = "", error: str = "", status: int = 200
) -> ResponseReturnValue:
    with reading() as session:
        enter(session, market)
        file = order_file.read(session, g.market.id, number)
    html = render_template(
        "orders/desk_order.html", file=file, order=file.order, reason=reason, error=error
    )
    return html, status


def _sheet(found: Found, zone: ZoneInfo) -> SheetOut:
    return SheetOut(
        name=_("Orders"),
        columns=(
            ColumnOut(_("Order")),
            ColumnOut(_("Name"), 28),
            ColumnOut(_("E-mail"), 28),
            ColumnOut(_("Telephone"), 16),
            ColumnOut(_("State"), 18),
            ColumnOut(_("Delivery"), 14),
            ColumnOut(_("Place"), 28),
            ColumnOut(_("Commune"), 20),
            ColumnOut(_("From"), 17),
            ColumnOut(_("Lines")),
            ColumnOut(_("Short")),
            ColumnOut(_("Estimate"), totaled=True),
            ColumnOut(_("Final"), totaled=True),
            ColumnOut(_("Payment"), 16),
        ),
        rows=[
            (
                row.number,
                row.contact_name,
                row.contact_email,
                row.contact_phone,
                desk_words.order_state(row.state),
                desk_words.option_kind(row.option_kind),
                row.place,
                row.commune,
                _local(row, zone),
                row.lines,
                row.short_lines,
                row.estimate,
                row.final,
                desk_words.payment_state(row.payment_state),
            )
            for row in found.rows
        ],
    )


def _local(row: OrderRow, zone: ZoneInfo) -> datetime:
    return row.slot_starts_at.astimezone(zone)
