"""What the desk takes away of the rounds: files for navigation, loading sheets."""

from __future__ import annotations

from flask import abort, g, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.queries import cycles
from shop.infra import clock
from shop.infra.unit_of_work import reading
from shop.logistics import paper
from shop.logistics.domain.sheets import loading_sheet
from shop.logistics.domain.sheets.round_sheet import RoundSheet
from shop.logistics.papers import Paper
from shop.logistics.queries import fleet, round_papers, rounds
from shop.logistics.queries.cycle_goods import cycle_goods
from shop.logistics.queries.rounds import RoundCard
from shop.logistics.views import leaving, printing
from shop.logistics.views.planner import bp, enter

__all__ = ["bp"]


@bp.get("/<code>/round-<int:number>.gpx")
@holds(Role.DESK)
def round_gpx(market: str, code: str, number: int) -> ResponseReturnValue:
    """One round as a file for a navigation app."""
    with reading() as session:
        enter(session, market)
        found = _rounds(session, code, number)
        hub = fleet.hub(session, g.market.id, found[0].hub_id)
    return leaving.gpx_file(found[0], hub, made_at=clock.now())


@bp.get("/<code>/loading")
@holds(Role.DESK)
def loading_page(market: str, code: str) -> ResponseReturnValue:
    """What goes into which compartment of each vehicle, the last stop first."""
    with reading() as session:
        enter(session, market)
        cycle = cycles.by_code(session, g.market.id, code)
        found = _sheets(session, code)
        states = {
            crate.code: crate.state
            for card in rounds.of_cycle(session, cycle.id)
            for stop in card.stops
            for crate in stop.crates
        }
    return render_template("logistics/loading.html", cycle=cycle, sheets=found, states=states)


@bp.get("/<code>/loading.pdf")
@bp.get("/<code>/loading-<int:number>.pdf")
@holds(Role.DESK)
def loading_pdf(market: str, code: str, number: int | None = None) -> ResponseReturnValue:
    """The same on paper, one page and more for each round."""
    with reading() as session:
        enter(session, market)
        found = _sheets(session, code, number)
    if number is None:
        found = [each for each in found if any(stop.crates for stop in each.stops)] or found
    formats = paper.formats_of(g.market.timezone)
    data = {"sheets": [loading_sheet.to_print(each, paper.words, formats) for each in found]}
    name = "loading" if number is None else f"loading-{number}"
    return printing.pdf(Paper(name, "logistics/loading_sheet", [data]), code)


def _rounds(session: Session, code: str, number: int | None) -> list[RoundCard]:
    """Rounds of a cycle, or the one with that number; 404 when there is none."""
    cycle = cycles.by_code(session, g.market.id, code)
    found = [
        card
        for card in rounds.of_cycle(session, cycle.id)
        if number is None or card.number == number
    ]
    if not found:
        abort(404)
    return found


def _sheets(session: Session, code: str, number: int | None = None) -> list[RoundSheet]:
    found = _rounds(session, code, number)
    hubs = fleet.hubs(session, g.market.id, [card.hub_id for card in found])
    heading = cycle_goods(session, found[0].cycle_id, printed_at=clock.now()).heading
    return [
        round_papers.sheet(
            card,
            heading,
            departs_from=hub.name if (hub := hubs[card.hub_id]) else "",
            desk_phone=g.market.phone,
            url=url_for("driver.round", round_id=card.id, _external=True),
        )
        for card in found
    ]
