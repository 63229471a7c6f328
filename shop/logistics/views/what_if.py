"""The desk tries another day beside the kept plan: ask, watch, compare, take over."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import demand, holds, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.catalog.queries import cycles, markets
from shop.catalog.queries.cycles import CycleCard
from shop.infra import clock
from shop.infra.places import communes
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.desk.assess import assess
from shop.logistics.domain.desk.what_if import Elsewhere, Figures, Scenario, figures_of
from shop.logistics.errors import (
    PlanMoved,
    RoundsUnderway,
    ScenarioStale,
    TooManyScenarios,
)
from shop.logistics.queries import desk_plan, fleet, rounds
from shop.logistics.queries import what_if as queries
from shop.logistics.queries.day_problem import CHILLED_ABOARD_S, FROZEN_ABOARD_S
from shop.logistics.services import planning, what_if
from shop.logistics.services.what_if import Hired
from shop.logistics.views import what_if_words, words
from shop.logistics.views.forms import new_key, text_of
from shop.orders.queries import handing

bp = Blueprint(
    "what_if",
    __name__,
    url_prefix="/desk/<market>/rounds/<code>/what-if",
    template_folder="../templates",
)
bp.app_template_global("scenario_title")(what_if_words.title)
bp.app_template_filter("fuel_name")(what_if_words.fuel)
bp.app_template_filter("carbon")(what_if_words.carbon)
bp.app_template_filter("signed_as")(what_if_words.signed_as)
bp.app_template_filter("minutes_of")(what_if_words.minutes_of)
bp.app_template_filter("per_hundred")(what_if_words.per_hundred)

MINUTE_S = 60
DEFAULT_SECONDS = 20
NAME_LENGTH = 80
LIMITS = ("chilled", "frozen", "ambient", "shift", "overtime")

Errors = dict[str, str]


def _enter(session: Session, slug: str, code: str) -> CycleCard:
    """The desk of this market only."""
    g.market = markets.by_slug(session, slug)
    demand(Role.DESK, g.market.id)
    g.side_of = "desk"
    return cycles.by_code(session, g.market.id, code)


@bp.get("/", endpoint="page")
@holds(Role.DESK)
def page(market: str, code: str) -> ResponseReturnValue:
    """The kept plan and its scenarios side by side, and the form for another."""
    return _page(market, code)


def _page(
    market: str, code: str, errors: Errors | None = None, status: int = 200
) -> ResponseReturnValue:
    """The page; with ``errors`` it shows what was typed."""
    with reading() as session:
        cycle = _enter(session, market, code)
        if cycle.state not in ("closed", "archived"):
            flash(_("Rounds are planned once a sale has closed."), "info")
            return redirect(url_for("planner.rounds", market=market, cycle=code), code=303)
        found = queries.of_cycle(session, cycle.id)
        left = rounds.have_left(session, cycle.id)
        kept, used = _kept(session, cycle.id)
        current = {card.run.id: what_if.is_current(session, cycle.id, card.base) for card in found}
        waiting = {key for card in found for each in card.left_out for key in each.orders}
        orders = handing.by_ids(session, waiting)
        choices = queries.choices(session, cycle.id)
        factors = fleet.factors(session, cycle.delivers_on)
    return (
        render_template(
            "logistics/what_if.html",
            cycle=cycle,
            kept=kept,
            used=used,
            cards=found,
            left=left,
            current=current,
            orders=orders,
            choices=choices,
            factors=factors,
            usual=_usual(choices),
            typed=_typed(),
            errors=errors or {},
            key=new_key(),
        ),
        status,
    )


def _kept(session: Session, cycle_id: int) -> tuple[Figures | None, frozenset[int]]:
    """What the plan is worth as it stands, and which vehicles drive in it."""
    found = desk_plan.head(session, cycle_id)
    if found is None:
        return None, frozenset()
    desk = desk_plan.whole_day(session, cycle_id, found[1], clock.now())
    worth = assess(desk.problem, desk.board)
    figures = figures_of(desk.problem, worth.plan, worth.faults)
    return figures, what_if.drives_in(session, cycle_id)


def _usual(choices: queries.Choices) -> dict[str, tuple[int | None, int | None]]:
    """Least and most seconds of each limit as it is; None is no limit."""
    shifts = [each.shift_s for each in choices.vehicles]
    over = [each.max_overtime_s for each in choices.vehicles]
    return {
        "chilled": (CHILLED_ABOARD_S, CHILLED_ABOARD_S),
        "frozen": (FROZEN_ABOARD_S, FROZEN_ABOARD_S),
        "ambient": (None, None),
        "shift": (min(shifts, default=None), max(shifts, default=None)),
        "overtime": (min(over, default=None), max(over, default=None)),
    }


def _typed() -> Mapping[str, Any]:
    """What the form says, to be shown again; empty at first."""
    form = request.form
    return {
        "without": form.getlist("without", type=int),
        "only": "only" in form,
        "like": form.get("like", ""),
        "hub_name": form.get("hub_name", ""),
        "hub_place": form.get("hub_place", ""),
        "dropped": form.getlist("dropped"),
        "seconds": form.get("seconds", DEFAULT_SECONDS),
        **{name: form.get(name, "") for name in (*LIMITS, "run")},
        "hired": {name: value for name, value in form.items() if name.startswith("hired")},
        "plates": {name: value for name, value in form.items() if name.startswith("plate")},
    }


@bp.post("/")
@holds(Role.DESK)
def ask(market: str, code: str) -> ResponseReturnValue:
    """Search one scenario; the same form sent twice is one search."""
    with reading() as session:
        _enter(session, market, code)
    try:
        scenario, key = _scenario(), _key()
        seconds = request.form.get("seconds", DEFAULT_SECONDS, type=int)
        with unit_of_work() as session:
            cycle = _enter(session, market, code)
            if "only" in request.form:
                used = what_if.drives_in(session, cycle.id)
                scenario = replace(scenario, only=tuple(sorted(used)))
            what_if.ask(
                session,
                cycle.id,
                scenario,
                key=key,
                seconds=seconds,
                by=signed_in_identity().person_id,
            )
    except InvalidInput as refusal:
        field = str(refusal.facts.get("field", "")).removesuffix("_s")
        return _page(market, code, {field: what_if_words.refused(refusal)}, 422)
    except TooManyScenarios as refusal:
        flash(
            _("%(most)s searches wait already: look at those first.", most=refusal.facts["most"]),
            "info",
        )
    except RoundsUnderway:
        flash(_("Rounds of this cycle have left: it cannot be planned anew."), "error")
    return _back(market, code)


def _key() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("key", ""))
    except ValueError:
        raise InvalidInput(field="key", reason="missing") from None


def _scenario() -> Scenario:
    """What the form asks for.

    Raises:
        InvalidInput: a figure or a place that cannot be read.
    """
    form = request.form
    limits = {name: _seconds(name) for name in LIMITS}
    like = form.get("like", "")
    return Scenario(
        without=tuple(sorted(set(form.getlist("without", type=int)))),
        like=(int(like),) if like.isdigit() else (),
        hub=_hub(),
        chilled_s=limits["chilled"],
        frozen_s=limits["frozen"],
        ambient_s=limits["ambient"],
        shift_s=limits["shift"],
        overtime_s=limits["overtime"],
        dropped=tuple(sorted(set(form.getlist("dropped")))),
    )


def _seconds(name: str) -> int | None:
    said = request.form.get(name, "").strip()
    if not said:
        return None
    if not re.fullmatch(r"\d{1,5}", said):
        raise InvalidInput(field=name, reason="unreadable")
    return int(said) * MINUTE_S


def _hub() -> Elsewhere | None:
    """A place to prepare at, in the middle of a commune; None when nothing is typed."""
    typed = text_of(request.form, "hub_place", NAME_LENGTH)
    if not typed:
        return None
    places = communes.search(typed)
    if not places:
        raise InvalidInput(field="hub_place", reason="unknown_place")
    place = places[0]
    return Elsewhere(
        name=text_of(request.form, "hub_name", NAME_LENGTH) or place.name,
        address="",
        postcode=place.postcodes[0],
        commune=place.name,
        insee=place.insee,
        lon=place.lon,
        lat=place.lat,
    )


@bp.get("/<int:run_id>/progress")
@holds(Role.DESK)
def progress(market: str, code: str, run_id: int) -> ResponseReturnValue:
    """How far one search is, for the page that watches it."""
    with reading() as session:
        cycle = _enter(session, market, code)
        run = queries.one(session, cycle.id, run_id)
    if run is None:
        abort(404)
    return words.progress_of(run)


@bp.post("/<int:run_id>/stop")
@holds(Role.DESK)
def stop_search(market: str, code: str, run_id: int) -> ResponseReturnValue:
    """End one search now and keep its best."""
    with unit_of_work() as session:
        cycle = _enter(session, market, code)
        if queries.one(session, cycle.id, run_id) is None:
            abort(404)
        planning.ask_to_stop(session, run_id, at=clock.now())
    return _back(market, code)


@bp.post("/<int:run_id>/take")
@holds(Role.DESK)
def take_over(market: str, code: str, run_id: int) -> ResponseReturnValue:
    """Make the rounds of a scenario the plan."""
    try:
        with unit_of_work() as session:
            cycle = _enter(session, market, code)
            what_if.take_over(
                session,
                cycle.id,
                run_id,
                _hired(),
                by=signed_in_identity().person_id,
                at=clock.now(),
            )
    except PlanMoved:
        flash(
            _("The plan was changed since this was compared with it. Search it once more."),
            "error",
        )
    except ScenarioStale:
        flash(_("Orders have changed since. Search it once more."), "error")
    except RoundsUnderway:
        flash(_("Rounds of this cycle have left: it cannot be planned anew."), "error")
    except InvalidInput as refusal:
        field = str(refusal.facts.get("field", ""))
        return _page(market, code, {f"{run_id}{field}": what_if_words.refused(refusal)}, 422)
    else:
        flash(_("These rounds are the plan now. Undo brings the former ones back."), "success")
        return redirect(url_for("board.board", market=market, code=code), code=303)
    return _back(market, code)


def _hired() -> dict[int, Hired]:
    """Name and plate of each vehicle to hire, by its key in the scenario."""
    found = {}
    for field in request.form:
        if named := re.fullmatch(r"plate(-\d)", field):
            found[int(named[1])] = Hired(
                text_of(request.form, f"hired{named[1]}", NAME_LENGTH),
                text_of(request.form, field, 20).upper(),
            )
    return found


@bp.post("/consumption")
@holds(Role.DESK)
def consumption(market: str, code: str) -> ResponseReturnValue:
    """Say what the vehicles burn, in liters per 100 km with a comma."""
    with reading() as session:
        _enter(session, market, code)
    try:
        with unit_of_work() as session:
            _enter(session, market, code)
            for field, said in request.form.items():
                if named := re.fullmatch(r"litres(\d+)", field):
                    litres = _tenths(field, said)
                    what_if.set_consumption(session, g.market.id, int(named[1]), litres)
    except InvalidInput as refusal:
        field = str(refusal.facts.get("field", ""))
        return _page(market, code, {field: what_if_words.refused(refusal)}, 422)
    flash(_("Kept. Searches from now on count with it."), "success")
    return _back(market, code)


def _tenths(field: str, said: str) -> int:
    """Liters per 100 km as liters per 1000 km: « 11,5 » is 115."""
    found = re.fullmatch(r"(\d{1,2})(?:[.,](\d))?", said.strip())
    if found is None:
        raise InvalidInput(field=field, reason="litres_unreadable")
    return int(found[1]) * 10 + int(found[2] or 0)


def _back(market: str, code: str) -> ResponseReturnValue:
    return redirect(url_for("what_if.page", market=market, code=code), code=303)
