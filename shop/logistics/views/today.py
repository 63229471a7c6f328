"""The desk's first page: what sells, what is being delivered, and where somebody has to act."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.doors import enter_desk
from shop.catalog.queries import cycles, delivery
from shop.catalog.queries import desk as catalogue
from shop.infra import clock
from shop.infra.unit_of_work import reading
from shop.logistics.queries import today

bp = Blueprint("today", __name__, url_prefix="/desk", template_folder="../templates")


@bp.get("/<market>/")
@holds(Role.DESK)
def page(market: str) -> ResponseReturnValue:
    """Today: the sales in figures, what runs out, who has offered nothing."""
    with reading() as session:
        enter_desk(session, market)
        g.now = clock.now()
        cycle = cycles.current(session, g.market.id, g.now)
        figures = catalogue.figures(session, cycle.id) if cycle else None
        scarce = catalogue.nearly_gone(session, cycle.id) if cycle else []
        makers = catalogue.producers_in(session, g.market.id, cycle.id) if cycle else []
        slots = delivery.slots(session, cycle.id) if cycle else []
        sales = today.sales(session, g.market.id, g.now)
    return render_template(
        "logistics/today.html",
        cycle=cycle,
        figures=figures,
        scarce=scarce,
        silent=[each for each in makers if not each.offers],
        makers=makers,
        slots=slots,
        sales=sales,
    )
