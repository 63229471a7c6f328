"""The preparer's tablet: orders and products of a cycle, weights, what lacks, what is left."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import demand, holds, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.catalog.queries import cycles, markets
from shop.catalog.queries.cycles import CycleCard
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.logistics import paper, papers
from shop.logistics.queries import picking as to_pick
from shop.logistics.queries.cycle_goods import cycle_goods
from shop.logistics.services import picking
from shop.logistics.views import forms, printing, words
from shop.logistics.views.forms import Typed
from shop.orders.domain.terms import ShortageReason
from shop.orders.errors import LineUnknown, OrderNotInPreparation
from shop.orders.queries import lines, tenders
from shop.orders.queries.lines import PickLine

bp = Blueprint("picker", __name__, url_prefix="/picker", template_folder="../templates")
bp.app_template_filter("crate_state")(words.crate_state)
bp.app_template_filter("line_amount")(paper.amount)

T = TypeVar("T")

PAGE = 60
"""Orders on one page of the list."""


@bp.app_template_filter("packaging")
def packaging(line: PickLine) -> str:
    """How one piece is packed, beside an amount; nothing where the amount says it already."""
    said = paper.packaging(line)
    return "" if said == paper.words("piece") else said


@bp.get("/")
@holds(Role.PREPARER)
def home() -> ResponseReturnValue:
    """The only market of the preparer, or a choice."""
    mine = signed_in_identity().places(Role.PREPARER)
    with reading() as session:
        cards = [card for card in markets.all_markets(session) if card.id in mine]
    if len(cards) == 1:
        return redirect(url_for("picker.market", market=cards[0].slug))
    return render_template("logistics/picker_home.html", markets=cards)


@bp.get("/<market>/", endpoint="market")
@holds(Role.PREPARER)
def market_page(market: str) -> ResponseReturnValue:
    """Cycles that can be prepared, the last one first."""
    with reading() as session:
        _enter(session, market)
        recent = cycles.recent(session, g.market.id)
    closed = [card for card in recent if card.state == "closed"]
    chosen = request.args.get("cycle") or (closed[0].code if len(closed) == 1 else None)
    if chosen:
        return redirect(url_for("picker.orders", market=market, code=chosen))
    return render_template("logistics/picker_market.html", cycles=closed)


@bp.get("/<market>/<code>/orders")
@holds(Role.PREPARER)
def orders(market: str, code: str) -> ResponseReturnValue:
    """Orders in loading order, with what is left of each."""
    with reading() as session:
        cycle = _enter_cycle(session, market, code)
        found = to_pick.orders_to_pick(session, cycle.id)
        recent = cycles.recent(session, g.market.id)
    query = request.args.get("q", "").strip()
    everything = request.args.get("all", type=int) == 1
    shown = [
        order
        for order in found
        if (order.answers(query) if query else everything or not order.is_done)
    ]
    pages = max(1, -(-len(shown) // PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "logistics/picker_orders.html",
        cycle=cycle,
        cycles=[card for card in recent if card.state in ("closed", "archived")],
        orders=shown[(page - 1) * PAGE : page * PAGE],
        page=page,
        pages=pages,
        done=sum(order.is_done for order in found),
        total=len(found),
        query=query,
        everything=everything,
    )


@bp.get("/<market>/<code>/orders/<int:order_id>")
@holds(Role.PREPARER)
def order(market: str, code: str, order_id: int) -> ResponseReturnValue:
    """One order: its lines by cold, then by farm."""
    return _order_page(market, code, order_id)


@bp.get("/<market>/<code>/products")
@holds(Role.PREPARER)
def products(market: str, code: str) -> ResponseReturnValue:
    """Products by farm, with what is left of each."""
    with reading() as session:
        cycle = _enter_cycle(session, market, code)
        groups = to_pick.products_to_pick(session, cycle.id)
    everything = request.args.get("all", type=int) == 1
    every = [product for _maker, found in groups for product in found]
    shown = [
        (maker, [each for each in found if everything or each.said < each.lines])
        for maker, found in groups
    ]
    return render_template(
        "logistics/picker_products.html",
        cycle=cycle,
        groups=[(maker, found) for maker, found in shown if found],
        done=sum(product.said == product.lines for product in every),
        total=len(every),
        everything=everything,
    )


@bp.get("/<market>/<code>/products/<int:offer_id>")
@holds(Role.PREPARER)
def product(market: str, code: str, offer_id: int) -> ResponseReturnValue:
    """One product for many orders: a weight, Enter, the next one."""
    return _product_page(market, code, offer_id)


@bp.post("/<market>/<code>/lines/<int:line_id>")
@holds(Role.PREPARER)
def say(market: str, code: str, line_id: int) -> ResponseReturnValue:
    """Keep what the preparer says about one line, or ask about it."""
    by_product = request.form.get("page") == "product"
    now = clock.now()
    with reading() as session:
        cycle = _enter_cycle(session, market, code)
        found = lines.to_pick(session, cycle.id, line_id=line_id)
    if not found:
        raise LineUnknown(line_id=line_id)
    line = found[0]
    try:
        said = forms.said_of(request.form, line, now)
        with unit_of_work() as session:
            picking.record(session, [said], by=signed_in_identity().person_id, at=now)
    except InvalidInput as refusal:
        typed = forms.typed(request.form, line_id)
        typed.question = words.question_of(refusal)
        typed.facts = refusal.facts
        if by_product:
            return _product_page(market, code, line.offer_id, typed), 422
        return _order_page(market, code, line.order_id, typed), 422
    except OrderNotInPreparation:
        flash(_("Order %(number)s has left already.", number=line.order_number), "warning")
    # An entry that was taken back is looked at again; else the next one follows.
    undone = request.form.get("kind") == "undone"
    about = {"offer_id": line.offer_id} if by_product else {"order_id": line.order_id}
    values: dict[str, Any] = {**about, "at" if undone else "after": line_id}
    page = "picker.product" if by_product else "picker.order"
    return redirect(url_for(page, market=market, code=code, **values), code=303)


@bp.get("/<market>/<code>/orders/<int:order_id>/labels.pdf")
@holds(Role.PREPARER)
def labels(market: str, code: str, order_id: int) -> ResponseReturnValue:
    """The labels of the crates of one order."""
    with reading() as session:
        cycle = _enter_cycle(session, market, code)
        goods = cycle_goods(session, cycle.id, printed_at=clock.now())
    if order_id not in goods.orders:
        abort(404)
    number = goods.orders[order_id].number
    return printing.pdf(papers.labels(goods.only(order_id)), number)


def _enter(session: Session, slug: str) -> None:
    """The preparers of this market only."""
    g.market = markets.by_slug(session, slug)
    demand(Role.PREPARER, g.market.id)


def _enter_cycle(session: Session, slug: str, code: str) -> CycleCard:
    """The preparers of this market only; the cycle asked for."""
    _enter(session, slug)
    return cycles.by_code(session, g.market.id, code)


def _order_page(market: str, code: str, order_id: int, typed: Typed | None = None) -> str:
    with reading() as session:
        cycle = _enter_cycle(session, market, code)
        found = to_pick.orders_to_pick(session, cycle.id)
        sheet = to_pick.order_sheet(session, cycle.id, found, order_id)
        owed, ways = tenders.standing(session, order_id), tenders.spot_ways(session, [order_id])
    return render_template(
        "logistics/picker_order.html",
        cycle=cycle,
        owed=owed,
        ways=ways.get(order_id, ()),
        sheet=sheet,
        focus=_focus(sheet.in_order, typed),
        typed=typed,
        reasons=list(ShortageReason),
        new_key=forms.new_key,
        following=next(
            (
                each
                for each in _after(found, [each.order_id for each in found], order_id)
                if not each.is_done
            ),
            None,
        ),
        page="order",
    )


def _product_page(market: str, code: str, offer_id: int, typed: Typed | None = None) -> str:
    with reading() as session:
        cycle = _enter_cycle(session, market, code)
        found = to_pick.orders_to_pick(session, cycle.id)
        sheet = to_pick.product_sheet(session, cycle.id, found, offer_id)
    focus = _focus(sheet.lines, typed)
    return render_template(
        "logistics/picker_product.html",
        cycle=cycle,
        sheet=sheet,
        focus=focus,
        now=next((line for line in sheet.lines if line.line_id == focus), None),
        said=sum(line.is_said for line in sheet.lines),
        typed=typed,
        reasons=list(ShortageReason),
        new_key=forms.new_key,
        page="product",
    )


def _focus(found: list[PickLine], typed: Typed | None) -> int | None:
    """The line to deal with: the one asked about, else the first open one after the last."""
    keys = [line.line_id for line in found]
    asked = typed.line_id if typed else request.args.get("at", type=int)
    if asked in keys:
        return asked
    last = request.args.get("after", type=int)
    for line in _after(found, keys, last):
        if line.is_open and not line.is_said:
            return line.line_id
    return None


def _after(found: list[T], keys: list[int], last: int | None) -> list[T]:
    """``found`` from the one after ``last`` on, once around."""
    start = keys.index(last) + 1 if last in keys else 0
    return found[start:] + found[:start]
