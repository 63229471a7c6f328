"""The producer's orders: what to bring, what is sold so far, what is owed and why."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.doors import enter_farm
from shop.catalog.ports import CellOut, ColumnOut, SheetOut
from shop.catalog.queries import cycles, markets
from shop.infra import clock
from shop.infra.unit_of_work import reading
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity
from shop.orders.domain.terms import FeeKind
from shop.orders.queries import purchase_orders, sales
from shop.orders.queries import statement as statements
from shop.orders.queries.statement import Statement
from shop.orders.views import desk_words
from shop.orders.views.answering import workbook

bp = Blueprint(
    "producer_orders",
    __name__,
    url_prefix="/producer/<int:producer_id>",
    template_folder="../templates",
)

LATEST = 24


@bp.get("/orders")
@holds(Role.PRODUCER)
def orders(producer_id: int) -> ResponseReturnValue:
    """What to bring for each cycle, and what customers have ordered so far in the open ones."""
    with reading() as session:
        enter_farm(session, producer_id)
        cards = purchase_orders.of_producer(session, producer_id, LATEST)
        running = sales.running(session, producer_id, clock.now())
        known = {card.cycle_id: cycles.by_id(session, card.cycle_id) for card in cards}
        places = {market.id: market for market in markets.all_markets(session)}
    return render_template(
        "orders/producer_orders.html",
        cards=cards,
        cycles=known,
        markets=places,
        running=running,
        now=clock.now(),
    )


@bp.get("/statement")
@holds(Role.PRODUCER)
def statement(producer_id: int) -> ResponseReturnValue:
    """What is owed, cycle by cycle and product by product, as the ledger has it."""
    with reading() as session:
        enter_farm(session, producer_id)
        account = statements.read(session, producer_id)
        places = {market.id: market for market in markets.all_markets(session)}
    return render_template("orders/producer_statement.html", account=account, markets=places)


@bp.get("/statement.xlsx")
@holds(Role.PRODUCER)
def statement_file(producer_id: int) -> ResponseReturnValue:
    """The same as a spreadsheet: cycles, then products."""
    with reading() as session:
        enter_farm(session, producer_id)
        account = statements.read(session, producer_id)
    return workbook(_sheets(account), f"{g.producer.slug}-statement")


def _sheets(account: Statement) -> list[SheetOut]:
    kinds = [kind for kind in FeeKind if any(kind in sold.fees for sold in account.cycles)]
    owed: list[Sequence[CellOut]] = [
        (
            sold.name,
            sold.orders,
            sold.goods,
            *(-sold.fees.get(kind, Money.zero()) for kind in kinds),
            sold.net,
        )
        for sold in account.cycles
    ]
    owed += [
        (entry.kind, None, None, *(None for _kind in kinds), entry.amount)
        for entry in account.others
    ]
    return [
        SheetOut(
            name=_("What I am owed"),
            columns=(
                ColumnOut(_("Cycle"), 24),
                ColumnOut(_("Orders")),
                ColumnOut(_("Goods"), totaled=True),
                *(ColumnOut(desk_words.fee_kind(kind), totaled=True) for kind in kinds),
                ColumnOut(_("Owed"), totaled=True),
            ),
            rows=owed,
        ),
        SheetOut(
            name=_("Products"),
            columns=(
                ColumnOut(_("Cycle"), 24),
                ColumnOut(_("Ref.")),
                ColumnOut(_("Product"), 40),
                ColumnOut(_("Orders")),
                ColumnOut(_("Delivered")),
                ColumnOut(_("Weighed")),
                ColumnOut(_("Billed"), totaled=True),
            ),
            rows=[
                (
                    sold.name,
                    line.reference,
                    line.product_name,
                    line.orders,
                    line.delivered,
                    None if line.weighed_g is None else Quantity.grams(line.weighed_g),
                    line.billed,
                )
                for sold in account.cycles
                for line in sold.products
            ],
        ),
    ]
