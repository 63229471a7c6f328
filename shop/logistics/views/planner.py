"""The desk's rounds: ask for a plan, watch the search, look at the map, publish, print."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import holds, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.accounts.queries.identity import drivers
from shop.catalog.doors import enter_desk
from shop.catalog.queries import cycles, delivery
from shop.catalog.queries.cycles import CycleCard
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.logistics import paper, papers
from shop.logistics.domain.sheets import (
    crate_labels,
)
from shop.logistics.errors import PlanRunLive, RoundsUnderway
from shop.logistics.queries import arrivals, desk_plan, fleet, round_papers, rounds, sheets
from shop.logistics.queries.cycle_goods import cycle_goods
from shop.logistics.queries.left_behind import left_behind
from shop.logistics.services import planning
from shop.logistics.views import printing, words

bp = Blueprint(
    "planner", __name__, url_prefix="/desk/<market>/rounds", template_folder="../templates"
)
bp.app_template_filter("stop_kind")(words.stop_kind)
bp.app_template_filter("round_state")(words.round_state)
bp.app_template_filter("stop_state")(words.stop_state)
bp.app_template_filter("unserved_reason")(words.unserved_reason)
bp.app_template_filter("roads_used")(words.roads_used)

DEFAULT_SECONDS = 20


def enter(session: Session, slug: str) -> None:
    """The desk of this market only."""
    enter_desk(session, slug)


def _cycle(session: Session, code: str | None) -> CycleCard | None:
    """The cycle asked for, else the last one that closed."""
    if code:
        return cycles.by_code(session, g.market.id, code)
    recent = cycles.recent(session, g.market.id)
    closed = [card for card in recent if card.state == "closed"]
    return closed[0] if closed else (recent[0] if recent else None)


@bp.get("/", endpoint="rounds")
@holds(Role.DESK)
def rounds_page(market: str) -> ResponseReturnValue:
    """Rounds of a cycle on a map and in a list, the search that found them, what it left out."""
    with reading() as session:
        enter(session, market)
        cycle = _cycle(session, request.args.get("cycle"))
        recent = cycles.recent(session, g.market.id)
        found = rounds.of_cycle(session, cycle.id) if cycle else []
        run = rounds.latest_run(session, cycle.id) if cycle else None
        plan_head = desk_plan.head(session, cycle.id) if cycle else None
        people = drivers(session, g.market.id)
        ahead = [stop.id for card in found for stop in card.stops]
        expected = arrivals.of_stops(session, ahead, clock.now())
        late = arrivals.told_late(session, [card.id for card in found])
        behind = left_behind(session, cycle.id) if cycle else None
    return render_template(
        "logistics/rounds.html",
        cycle=cycle,
        cycles=[card for card in recent if card.state in ("closed", "archived")],
        rounds=found,
        run=run,
        plan_head=plan_head[0] if plan_head else None,
        drivers=people,
        expected=expected,
        late=late,
        behind=behind,
        seconds=DEFAULT_SECONDS,
    )


@bp.post("/<code>/plan")
@holds(Role.DESK)
def plan(market: str, code: str) -> ResponseReturnValue:
    """Ask for the rounds of a cycle."""
    try:
        with unit_of_work() as session:
            enter(session, market)
            cycle = cycles.by_code(session, g.market.id, code)
            planning.ask(
                session,
                cycle.id,
                seconds=request.form.get("seconds", DEFAULT_SECONDS, type=int),
                seed=request.form.get("seed", 1, type=int),
                by=signed_in_identity().person_id,
            )
    except PlanRunLive:
        flash(_("A search for this cycle is already under way."), "info")
    except RoundsUnderway:
        flash(_("Rounds of this cycle have left: it cannot be planned anew."), "error")
    except InvalidInput as refusal:
        flash(
            _(
                "Give the search between %(least)s and %(most)s seconds.",
                least=refusal.facts["least"],
                most=refusal.facts["most"],
            ),
            "error",
        )
    return redirect(url_for("planner.rounds", market=market, cycle=code), code=303)


@bp.post("/<code>/stop")
@holds(Role.DESK)
def stop_search(market: str, code: str) -> ResponseReturnValue:
    """End the search now and keep its best."""
    with unit_of_work() as session:
        enter(session, market)
        cycle = cycles.by_code(session, g.market.id, code)
        run = rounds.latest_run(session, cycle.id)
        if run is not None:
            planning.ask_to_stop(session, run.id, at=clock.now())
    return redirect(url_for("planner.rounds", market=market, cycle=code), code=303)


@bp.get("/<code>/progress")
@holds(Role.DESK)
def progress(market: str, code: str) -> ResponseReturnValue:
    """How far the search is, for the page that watches it."""
    with reading() as session:
        enter(session, market)
        cycle = cycles.by_code(session, g.market.id, code)
        run = rounds.latest_run(session, cycle.id)
    if run is None:
        abort(404)
    return words.progress_of(run)


@bp.post("/<code>/publish")
@holds(Role.DESK)
def publish(market: str, code: str) -> ResponseReturnValue:
    """Make the drafts the rounds that are driven, with the drivers chosen."""
    with unit_of_work() as session:
        enter(session, market)
        cycle = cycles.by_code(session, g.market.id, code)
        people = {person_id for person_id, _name in drivers(session, g.market.id)}
        chosen = {
            card.id: driver
            for card in rounds.of_cycle(session, cycle.id)
            if (driver := request.form.get(f"driver-{card.id}", type=int)) in people
        }
        published = planning.publish(
            session,
            cycle.id,
            {round_id: driver for round_id, driver in chosen.items() if driver is not None},
            at=clock.now(),
            by=signed_in_identity().person_id,
        )
    flash(_("%(count)s rounds are published.", count=len(published)), "good")
    return redirect(url_for("planner.rounds", market=market, cycle=code), code=303)


@bp.get("/<code>/map.geojson")
@holds(Role.DESK)
def map_data(market: str, code: str) -> ResponseReturnValue:
    """Rounds as numbered lines and stops as points."""
    with reading() as session:
        enter(session, market)
        cycle = cycles.by_code(session, g.market.id, code)
        found = rounds.of_cycle(session, cycle.id)
        hub = fleet.hub(session, g.market.id, found[0].hub_id if found else None)
    return words.rounds_geojson(found, hub)


@bp.get("/sheets", endpoint="sheets")
@holds(Role.DESK)
def sheets_page(market: str) -> ResponseReturnValue:
    """Every sheet of a cycle, ready to print."""
    with reading() as session:
        enter(session, market)
        cycle = _cycle(session, request.args.get("cycle"))
        recent = cycles.recent(session, g.market.id)
        found = rounds.of_cycle(session, cycle.id) if cycle else []
        goods = cycle_goods(session, cycle.id, printed_at=clock.now()) if cycle else None
    points = (
        sorted(
            {
                load.pickup_point_id
                for load in goods.orders.values()
                if load.pickup_point_id is not None
            },
            key=lambda key: goods.points[key].name,
        )
        if goods
        else []
    )
    return render_template(
        "logistics/sheets.html",
        cycle=cycle,
        cycles=[card for card in recent if card.state in ("closed", "archived")],
        rounds=found,
        goods=goods,
        points=[goods.points[key] for key in points] if goods else [],
    )


@bp.get("/<code>/picking-<how>.pdf")
@holds(Role.DESK)
def picking_pdf(market: str, code: str, how: str) -> ResponseReturnValue:
    """The picking sheet by order, by product or by producer."""
    if how not in papers.WAYS_TO_PICK:
        abort(404)
    with reading() as session:
        enter(session, market)
        cycle = cycles.by_code(session, g.market.id, code)
        goods = cycle_goods(session, cycle.id, printed_at=clock.now())
    return printing.pdf(papers.picking(goods, how), code)


@bp.get("/<code>/labels.pdf")
@holds(Role.DESK)
def labels_pdf(market: str, code: str) -> ResponseReturnValue:
    """A label for each crate."""
    with reading() as session:
        enter(session, market)
        cycle = cycles.by_code(session, g.market.id, code)
        goods = cycle_goods(session, cycle.id, printed_at=clock.now())
    skip = min(max(0, request.args.get("skip", 0, type=int)), crate_labels.LABELS_PER_PAGE - 1)
    return printing.pdf(papers.labels(goods, skip), code)


@bp.get("/<code>/round-<int:number>.pdf")
@holds(Role.DESK)
def round_pdf(market: str, code: str, number: int) -> ResponseReturnValue:
    """The sheet of one round, with the loading in reverse."""
    with reading() as session:
        enter(session, market)
        cycle = cycles.by_code(session, g.market.id, code)
        found = [card for card in rounds.of_cycle(session, cycle.id) if card.number == number]
        if not found:
            abort(404)
        hub = fleet.hub(session, g.market.id, found[0].hub_id)
        goods = cycle_goods(session, cycle.id, printed_at=clock.now())
        supplies = round_papers.brought(session, cycle.id)
    return printing.pdf(papers.of_round(goods, found[0], hub, supplies), code)


@bp.get("/<code>/relay-<int:point_id>.pdf")
@holds(Role.DESK)
def relay_pdf(market: str, code: str, point_id: int) -> ResponseReturnValue:
    """The list of one pick-up point."""
    with reading() as session:
        enter(session, market)
        cycle = cycles.by_code(session, g.market.id, code)
        point = delivery.pickup_by_ids(session, [point_id]).get(point_id)
        if point is None or point.market_id != g.market.id:
            abort(404)
        goods = cycle_goods(session, cycle.id, printed_at=clock.now())
    return printing.pdf(papers.relay(goods, point), code)


@bp.get("/<code>/sheet-<how>")
@holds(Role.DESK)
def sheet_page(market: str, code: str, how: str) -> ResponseReturnValue:
    """A picking sheet on screen, with what was picked so far."""
    if how not in papers.WAYS_TO_PICK:
        abort(404)
    with reading() as session:
        enter(session, market)
        cycle = cycles.by_code(session, g.market.id, code)
        goods = cycle_goods(session, cycle.id, printed_at=clock.now())
    build = {
        "by-order": sheets.by_order,
        "by-product": sheets.by_product,
        "by-producer": sheets.by_producer,
    }[how]
    return render_template(
        "logistics/sheet.html",
        cycle=cycle,
        how=how,
        sheet=build(goods, paper.packaging),
    )
