"""During the day: the desk lets the search plan what is not yet driven, and finds drivers."""

from __future__ import annotations

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.accounts.queries.identity import drivers
from shop.catalog.queries import cycles
from shop.infra.unit_of_work import unit_of_work
from shop.kernel.errors import InvalidInput
from shop.logistics.errors import NoPlanYet, PlanMoved, PlanRunLive, RoundUnknown
from shop.logistics.queries import rounds
from shop.logistics.services import planning, rest_search
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


@bp.post("/driver")
@holds(Role.DESK)
def driver(market: str, code: str) -> ResponseReturnValue:
    """Say who drives a round that is published and has not left."""
    round_id = request.form.get("round", 0, type=int)
    with unit_of_work() as session:
        enter(session, market)
        cycle = cycles.by_code(session, g.market.id, code)
        if round_id not in {card.id for card in rounds.of_cycle(session, cycle.id)}:
            raise RoundUnknown(round_id=round_id)
        people = dict(drivers(session, g.market.id))
        chosen = request.form.get(f"driver-{round_id}", type=int)
        planning.assign_driver(session, round_id, chosen if chosen in people else None)
    name = people.get(chosen or 0)
    flash(_("%(name)s drives it.", name=name) if name else _("Nobody drives it."), "success")
    return redirect(url_for("planner.rounds", market=market, cycle=code), code=303)
