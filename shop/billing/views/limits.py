"""The desk watches what the law allows a farm that resells, and a producers' shop."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.billing.queries import limits
from shop.billing.services import invoicing
from shop.billing.views.invoice_door import desk
from shop.catalog.doors import enter_desk
from shop.catalog.queries import producers, selling
from shop.catalog.services import selling as terms
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work


@desk.get("/limits")
@holds(Role.DESK)
def limits_page(market: str) -> ResponseReturnValue:
    """Each threshold, how much of it is used, and who counts as a member."""
    with reading() as session:
        enter_desk(session, market)
        today = invoicing.local_day(session, g.market.id, clock.now())
        year = request.args.get("year", today.year, type=int)
        year = min(max(year, today.year - 10), today.year)
        found = limits.of_year(session, g.market.id, year)
        model = selling.terms_of(session, g.market.id)
        farms = producers.of_market(session, g.market.id)
        members = selling.members(session, g.market.id)
    return render_template(
        "billing/desk_limits.html",
        found=found,
        year=year,
        years=range(today.year, today.year - 4, -1),
        model=model.model,
        farms=farms,
        members=members,
    )


@desk.post("/limits/members")
@holds(Role.DESK)
def set_members(market: str) -> ResponseReturnValue:
    """Say which farms are members of the producers' shop."""
    with unit_of_work() as session:
        enter_desk(session, market)
        terms.set_members(session, g.market.id, request.form.getlist("member", type=int))
    flash(_("Noted."), "success")
    return redirect(url_for("invoices_desk.limits_page", market=market), code=303)
