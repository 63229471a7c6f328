"""The desk changes a plan by hand: move, lock, split, forbid, add; undo; publish."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time as clock_time
from typing import Any

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import holds, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.catalog.doors import enter_desk
from shop.catalog.queries import cycles
from shop.catalog.queries.cycles import CycleCard
from shop.infra import clock
from shop.infra.places import communes
from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.domain.desk.board import Extra
from shop.logistics.errors import EditRefused, NoPlanYet, PlanMoved, PublishingNeedsReason
from shop.logistics.queries import desk_board, desk_plan, rounds
from shop.logistics.queries.desk_plan import DeskDay, VersionCard
from shop.logistics.services import plan_edits, plan_versions, publishing
from shop.logistics.services.plan_edits import Wish
from shop.logistics.views import board_map, board_words
from shop.orders.queries import handing

bp = Blueprint(
    "board",
    __name__,
    url_prefix="/desk/<market>/rounds/<code>/board",
    template_folder="../templates",
)

bp.app_template_filter("temperature_word")(board_words.temperature)
bp.app_template_global("plan_fault")(board_words.fault)
bp.app_template_global("plan_lock")(board_words.broken_lock)
bp.app_template_global("plan_deed")(board_words.done)
bp.app_template_global("plan_cost")(board_words.cost_of)

MINUTE_S = 60
HOUR_S = 3600
NAME_LENGTH = 120

FIELDS_OF_NEW = {"name": "name", "unknown_place": "place", "times": "closes"}
"""Which field of the form of a new stop a refusal is about."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The plan as a page shows it."""

    cycle: CycleCard
    card: VersionCard
    desk: DeskDay
    view: desk_board.BoardView
    published: bool


def _enter(session: Session, slug: str, code: str) -> CycleCard:
    """The desk of this market only."""
    enter_desk(session, slug)
    return cycles.by_code(session, g.market.id, code)


def _seen(session: Session, cycle: CycleCard) -> Seen:
    card, desk, worth = plan_edits.look(session, cycle.id, clock.now())
    view = desk_board.view(desk, worth)
    return Seen(cycle, card, desk, view, plan_versions.is_published(session, cycle.id))


@bp.get("/", endpoint="board")
@holds(Role.DESK)
def board_page(market: str, code: str) -> ResponseReturnValue:
    """The plan of a cycle: map, lanes, lists, and what can be done to one stop."""
    return _page(market, code)


def _page(
    market: str,
    code: str,
    *,
    wish: Wish | None = None,
    problem: str = "",
    wrong: Mapping[str, str] | None = None,
) -> ResponseReturnValue:
    """``wrong``: what is wrong with a stop that somebody wants to add, by its field."""
    with reading() as session:
        cycle = _enter(session, market, code)
        try:
            seen = _seen(session, cycle)
        except NoPlanYet:
            flash(_("Find the rounds first: then they can be changed."), "info")
            return redirect(url_for("planner.rounds", market=market, cycle=code), code=303)
        past = desk_plan.history(session, cycle.id)
        panel = _panel(session, seen)
        run = rounds.latest_run(session, cycle.id)
    if wrong is not None:
        panel |= {"adding": True, "wrong": wrong}
    page = render_template(
        "logistics/board.html",
        seen=seen,
        past=past,
        published_at=next((each for each in past if each.edit == "publish"), None),
        wish=wish,
        problem=problem,
        run=run,
        **panel,
    )
    if problem or wrong:
        return page, 409 if wish else 422
    return page


def _panel(session: Session, seen: Seen) -> dict[str, Any]:
    """What the panel beside the lanes shows: one stop, one round, or a new stop."""
    stop_id = request.values.get("stop", "")
    vehicle = request.values.get("round", "")
    desk = seen.desk
    found: dict[str, Any] = {"chosen": None, "chosen_round": None, "adding": "add" in request.args}
    if stop_id in desk.problem.stop_by_id:
        stop = desk.problem.stop_by_id[stop_id]
        orders = handing.by_ids(session, desk.orders_at(stop_id))
        row = desk.board.row_of(stop_id)
        found["chosen"] = {
            "id": stop_id,
            "name": desk.stop_name(stop_id),
            "door": desk.day.doors.get(desk_plan.whole_of(stop_id)),
            "stop": stop,
            "crates": desk_board.crates_by_class(stop.delivers),
            "orders": list(orders.values()),
            "vehicle": row.vehicle if row else "",
            "rank": desk.board.rank_of(stop_id),
            "lock": desk.board.locks.get(stop_id),
            "forbidden": desk.board.forbidden.get(stop_id, ()),
            "parts": [
                part for part in desk.board.parts if part.stop == desk_plan.whole_of(stop_id)
            ],
            "is_part": desk_plan.whole_of(stop_id) != stop_id,
        }
    if vehicle in desk.day.vehicles:
        found["chosen_round"] = {
            "vehicle": vehicle,
            "name": desk.vehicle_name(vehicle),
            "lost": vehicle in desk.board.lost,
            "minutes": desk.board.delays.get(vehicle, 0) // MINUTE_S,
            "lane": next((x for x in seen.view.lanes if x.vehicle == vehicle), None),
        }
    return found


@bp.get("/panel")
@holds(Role.DESK)
def panel(market: str, code: str) -> ResponseReturnValue:
    """What can be done to one stop or round, for the page's script."""
    with reading() as session:
        cycle = _enter(session, market, code)
        seen = _seen(session, cycle)
        found = _panel(session, seen)
    return render_template("logistics/board_panel.html", seen=seen, **found)


@bp.get("/map.geojson")
@holds(Role.DESK)
def map_data(market: str, code: str) -> ResponseReturnValue:
    """Rounds of the plan as lines and stops as points."""
    with reading() as session:
        cycle = _enter(session, market, code)
        seen = _seen(session, cycle)
    page = url_for("board.board", market=market, code=code)
    return board_map.geojson(seen.desk, seen.view, page)


@bp.post("/edit")
@holds(Role.DESK)
def edit(market: str, code: str) -> ResponseReturnValue:
    """Change one thing; a page without script comes back to the board."""
    began = time.perf_counter()
    as_json = request.accept_mimetypes.best == "application/json"
    seen = request.form.get("version", 0, type=int)
    try:
        wish = _wish()
        with unit_of_work() as session:
            cycle = _enter(session, market, code)
            outcome = plan_edits.edit(
                session,
                cycle.id,
                seen,
                wish,
                by=signed_in_identity().person_id,
                at=clock.now(),
            )
    except PlanMoved:
        return _moved(market, code, seen, as_json)
    except EditRefused as refusal:
        reason = str(refusal.facts.get("reason", ""))
        said = board_words.refused(reason)
        if as_json:
            return jsonify(refused=said), 422
        if reason in FIELDS_OF_NEW:
            return _page(market, code, wrong={FIELDS_OF_NEW[reason]: said})
        flash(said, "error")
        return _back(market, code, request.form.get("stop", ""))
    what = board_words.done(wish.edit, dict(outcome.facts))
    said = what + _(": ") + board_words.cost(outcome.cost) + "."
    if not as_json:
        flash(said[0].upper() + said[1:], "info" if outcome.cost.faults <= 0 else "warning")
        return _back(market, code, wish.stop if wish.edit != "remove" else "")
    return _answer(market, code, outcome, said, began)


def _answer(
    market: str, code: str, outcome: plan_edits.Outcome, said: str, began: float
) -> ResponseReturnValue:
    """Only what changed goes back to the page, drawn."""
    with reading() as session:
        cycle = _enter(session, market, code)
        published = plan_versions.is_published(session, cycle.id)
        past = desk_plan.history(session, cycle.id, limit=12)
    view = desk_board.view(outcome.desk, outcome.worth)
    seen = Seen(cycle, past[0], outcome.desk, view, published)
    changed = {lane.vehicle: lane for lane in view.lanes if lane.vehicle in outcome.changed}
    lanes = {
        key: render_template("logistics/board_lane.html", seen=seen, lane=lane)
        for key, lane in changed.items()
    }
    lists = {
        key: render_template("logistics/board_list.html", seen=seen, lane=lane)
        for key, lane in changed.items()
    }
    answer = jsonify(
        version=outcome.number,
        said=said[0].upper() + said[1:],
        worse=outcome.cost.faults > 0,
        order=[lane.vehicle for lane in view.lanes],
        scale=[[each.from_s, each.until_s] for _, each in sorted(view.scales.items())],
        lanes=lanes,
        lists=lists,
        summary=render_template("logistics/board_summary.html", seen=seen, past=past),
        left_out=render_template("logistics/board_left_out.html", seen=seen),
        history=render_template("logistics/board_history.html", seen=seen, past=past),
    )
    answer.headers["Server-Timing"] = f"edit;dur={(time.perf_counter() - began) * 1000:.0f}"
    return answer


def _moved(market: str, code: str, seen: int, as_json: bool) -> ResponseReturnValue:
    """Somebody else was quicker: nothing was done, and it can be done to the new plan."""
    with reading() as session:
        cycle = _enter(session, market, code)
        later = [each for each in desk_plan.history(session, cycle.id) if each.number > seen]
    what = "; ".join(
        (each.by or _("The planner")) + _(": ") + board_words.done(each.edit, each.facts)
        for each in reversed(later[:3])
    )
    said = _(
        "The plan changed while you were looking at it (%(what)s). Your change was not made.",
        what=what,
    )
    if as_json:
        return jsonify(moved=said, version=later[0].number if later else seen), 409
    return _page(market, code, wish=_wish(), problem=said)


@bp.post("/publish")
@holds(Role.DESK)
def publish(market: str, code: str) -> ResponseReturnValue:
    """Give the plan as it stands to the drivers."""
    reason = request.form.get("reason", "").strip()[:500]
    try:
        with unit_of_work() as session:
            cycle = _enter(session, market, code)
            done = publishing.publish_edits(
                session,
                cycle.id,
                request.form.get("version", 0, type=int),
                reason=reason or None,
                at=clock.now(),
                by=signed_in_identity().person_id,
            )
    except PlanMoved:
        return _moved(market, code, request.form.get("version", 0, type=int), as_json=False)
    except PublishingNeedsReason:
        return _page(
            market,
            code,
            problem=_("The plan breaks rules: say why it shall be driven all the same."),
        )
    flash(
        _(
            "Published. Drivers told: %(drivers)s, customers told: %(orders)s.",
            drivers=done.drivers_told,
            orders=done.orders_told,
        ),
        "success",
    )
    return _back(market, code, "")


def _back(market: str, code: str, stop: str) -> ResponseReturnValue:
    address = url_for("board.board", market=market, code=code, stop=stop or None)
    return redirect(address + ("#panel" if stop else ""), code=303)


def _wish() -> Wish:
    form = request.form
    name = form.get("edit", "")
    return Wish(
        edit=name,
        stop=form.get("stop", ""),
        vehicle=form.get("vehicle", ""),
        stop_vehicle=form.get("from", ""),
        rank=form.get("rank", type=int),
        nth=form.get("nth", type=int),
        orders=tuple(form.getlist("orders", type=int)),
        crates={
            kind: form.get(f"crates_{kind}", 0, type=int)
            for kind in ("chilled", "frozen", "ambient")
        },
        minutes=form.get("minutes", 0, type=int),
        extra=_extra() if name == "add" else None,
    )


def _extra() -> Extra:
    """A stop typed by hand, at the middle of a commune.

    Raises:
        EditRefused: it has no name, no known place or no hours.
    """
    form = request.form
    name = form.get("name", "").strip()[:NAME_LENGTH]
    if not name:
        raise EditRefused(reason="name")
    places = communes.search(form.get("place", "").strip())
    if not places:
        raise EditRefused(reason="unknown_place")
    opens, closes = _second(form.get("opens", "")), _second(form.get("closes", ""))
    if opens is None or closes is None or opens >= closes:
        raise EditRefused(reason="times")
    place = places[0]
    address = form.get("address", "").strip()[:NAME_LENGTH]
    return Extra(
        id=f"extra:{form.get('version', 0, type=int)}",
        name=name,
        address=", ".join(part for part in (address, f"{place.postcodes[0]} {place.name}") if part),
        lon=place.lon,
        lat=place.lat,
        opens_s=opens,
        closes_s=closes,
        service_s=max(1, min(240, form.get("minutes", 5, type=int))) * MINUTE_S,
    )


def _second(typed: str) -> int | None:
    try:
        at = clock_time.fromisoformat(typed.strip())
    except ValueError:
        return None
    return at.hour * HOUR_S + at.minute * MINUTE_S
