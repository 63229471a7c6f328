"""The desk's purchase orders: who has answered, what lacks, and answers taken by telephone."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.doors import choose
from shop.catalog.ports import ColumnOut, SheetOut
from shop.catalog.services import houserules
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.errors import AnswerTooLate
from shop.orders.queries import purchase_orders
from shop.orders.queries.purchase_orders import PurchaseOrderCard
from shop.orders.services import purchasing
from shop.orders.views import answering
from shop.orders.views.answering import Typed
from shop.orders.views.desk_door import bp, enter


@bp.get("/purchases", endpoint="purchase_orders")
@holds(Role.DESK)
def cycle_page(market: str) -> ResponseReturnValue:
    """Purchase orders of a cycle: who has not answered first, then who declared less."""
    with reading() as session:
        enter(session, market)
        choice = choose(session, request.args.get("cycle"), closed=True)
        cards = purchase_orders.of_cycle(session, choice.cycle.id) if choice.cycle else []
        farms = purchase_orders.names_of(session, cards)
    return render_template(
        "orders/desk_purchases.html", choice=choice, cards=cards, farms=farms, now=clock.now()
    )


@bp.post("/purchases/rule")
@holds(Role.DESK)
def shortage_rule(market: str) -> ResponseReturnValue:
    """Who goes short from now on when a farm brings less than was ordered."""
    with unit_of_work() as session:
        enter(session, market)
        houserules.set_shortage_rule(session, g.market.id, request.form.get("rule", ""))
    flash(_("Kept. It holds for what farms answer and bring from now on."), "success")
    cycle = request.args.get("cycle")
    url = url_for("orders_desk.purchase_orders", market=market, cycle=cycle)
    return redirect(url, code=303)


@bp.get("/purchases/list.xlsx")
@holds(Role.DESK)
def purchase_orders_file(market: str) -> ResponseReturnValue:
    """The same list as a spreadsheet, with a second tab for every line."""
    with reading() as session:
        enter(session, market)
        choice = choose(session, request.args.get("cycle"), closed=True)
        cards = purchase_orders.of_cycle(session, choice.cycle.id) if choice.cycle else []
        pages = [purchase_orders.by_id(session, card.id) for card in cards]
    code = choice.cycle.code if choice.cycle else ""
    sheets = [
        SheetOut(
            name=_("Purchase orders"),
            columns=(
                ColumnOut(_("Number"), 18),
                ColumnOut(_("Producer"), 30),
                ColumnOut(_("Telephone"), 16),
                ColumnOut(_("State"), 18),
                ColumnOut(_("Lines")),
                ColumnOut(_("Short")),
                ColumnOut(_("Value"), totaled=True),
                ColumnOut(_("Note"), 40),
            ),
            rows=[
                (
                    page.card.number,
                    page.producer.name,
                    page.producer.phone,
                    _answer_state(page.card),
                    page.card.lines,
                    page.card.short_lines,
                    page.card.value,
                    page.card.note,
                )
                for page in pages
            ],
        ),
        SheetOut(
            name=_("Products"),
            columns=(
                ColumnOut(_("Producer"), 30),
                ColumnOut(_("Ref.")),
                ColumnOut(_("Product"), 40),
                ColumnOut(_("Orders")),
                ColumnOut(_("Ordered")),
                ColumnOut(_("Confirmed")),
                ColumnOut(_("Received")),
                ColumnOut(_("Value"), totaled=True),
            ),
            rows=[
                (
                    page.producer.name,
                    line.reference,
                    line.product_name,
                    line.orders,
                    line.ordered,
                    line.confirmed,
                    line.received,
                    line.value,
                )
                for page in pages
                for line in page.lines
            ],
        ),
    ]
    return answering.workbook(sheets, f"{market}-purchase-orders-{code}")


@bp.get("/purchases/<int:key>")
@holds(Role.DESK)
def purchase_order(market: str, key: int) -> ResponseReturnValue:
    """One purchase order, and the form of an answer taken by telephone."""
    return _page(market, key, Typed())


@bp.post("/purchases/<int:key>")
@holds(Role.DESK)
def answer_for(market: str, key: int) -> ResponseReturnValue:
    """Keep an answer that the producer gave by telephone; the desk's name stays with it."""
    now = clock.now()
    with reading() as session:
        by = enter(session, market)
        page = purchase_orders.of_market(session, g.market.id, key)
    typed = answering.read_answer(page, request.form)
    if not typed.is_sound:
        return _page(market, key, typed, 422)
    try:
        with unit_of_work() as session:
            purchasing.answer(session, key, typed.confirmed, note=typed.note or None, at=now, by=by)
    except AnswerTooLate:
        flash(_("The goods were collected already: this order cannot change any more."), "error")
        return _page(market, key, typed, 409)
    flash(_("The answer of %(producer)s is kept.", producer=page.producer.name), "success")
    return redirect(url_for("orders_desk.purchase_order", market=market, key=key), code=303)


@bp.post("/purchases/<int:key>/send")
@holds(Role.DESK)
def send_again(market: str, key: int) -> ResponseReturnValue:
    """Send the mail of a purchase order once more."""
    with unit_of_work() as session:
        enter(session, market)
        page = purchase_orders.of_market(session, g.market.id, key)
        purchasing.resend(session, key, at=clock.now())
    flash(_("The mail is on its way to %(mail)s.", mail=page.producer.email), "success")
    back = url_for("orders_desk.purchase_order", market=market, key=key)
    if request.form.get("back") == "list":
        cycle = request.form.get("cycle")
        back = url_for("orders_desk.purchase_orders", market=market, cycle=cycle)
    return redirect(back, code=303)


@bp.get("/purchases/<int:key>/order.pdf")
@holds(Role.DESK)
def purchase_order_paper(market: str, key: int) -> ResponseReturnValue:
    """A purchase order to print."""
    with reading() as session:
        enter(session, market)
        page = purchase_orders.of_market(session, g.market.id, key)
        sheet, formats = answering.sheet_of(session, page, g.market, clock.now())
    return answering.paper(sheet, formats)


@bp.get("/purchases/<int:key>/order.xlsx")
@holds(Role.DESK)
def purchase_order_spreadsheet(market: str, key: int) -> ResponseReturnValue:
    """A purchase order as a spreadsheet."""
    with reading() as session:
        enter(session, market)
        page = purchase_orders.of_market(session, g.market.id, key)
        sheet, formats = answering.sheet_of(session, page, g.market, clock.now())
    return answering.spreadsheet(sheet, formats)


def _page(market: str, key: int, typed: Typed, status: int = 200) -> ResponseReturnValue:
    with reading() as session:
        enter(session, market)
        page = purchase_orders.of_market(session, g.market.id, key)
        where = answering.around(session, page)
    html = render_template(
        "orders/desk_purchase.html",
        page=page,
        card=page.card,
        cycle=where.cycle,
        typed=typed,
        now=clock.now(),
    )
    return html, status


def _answer_state(card: PurchaseOrderCard) -> str:
    if not card.is_answered:
        return str(_("To be answered"))
    return str(_("Less declared") if card.short_lines else _("All confirmed"))
