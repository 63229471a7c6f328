"""During the day: the desk lets the search plan what is not yet driven."""

from __future__ import annotations

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.catalog.queries import cycles
from shop.infra.unit_of_work import unit_of_work
from shop.kernel.errors import InvalidInput
from shop.logistics.errors import NoPlanYet, PlanMoved, PlanRunLive
from shop.logistics.services import rest_search
from shop.logistics.views.board import bp
from shop.logistics.views.planner import enter

__all__ = ["bp"]


@bp.post("/rest")
@holds(Role.DESK)
def rest(market: str, code: str) -> ResponseReturnValue:
    """Ask for a better rest of the day; it is found in the background."""
    try:
        with unit_of_work() as session:
            enter(session, market)
            cycle = cycles.by_code(session, g.market.id, code)
            rest_search.ask(
                session,
                cycle.id,
                request.form.get("version", 0, type=int),
                seconds=request.form.get("seconds", rest_search.USUAL_SECONDS, type=int),
                by=signed_in_identity().person_id,
            )
    except PlanRunLive:
        flash(_("A search for this cycle is already under way."), "info")
    except PlanMoved:
        flash(_("The plan changed while you were looking at it. Look again, then search."), "error")
    except NoPlanYet:
        flash(_("No driver has a round yet: plan and publish first."), "error")
    except InvalidInput as refusal:
        flash(
            _(
                "Give the search between %(least)s and %(most)s seconds.",
                least=refusal.facts["least"],
                most=refusal.facts["most"],
            ),
            "error",
        )
    return redirect(url_for("board.board", market=market, code=code) + "#rest", code=303)
