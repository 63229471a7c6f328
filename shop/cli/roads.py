"""Prepare the roads: read the map, ask for the distances between the places of every week."""

from __future__ import annotations

import sys

import click

from shop.adapters.embedded_roads import EmbeddedRoads
from shop.catalog.queries import markets
from shop.cli.answers import in_application, json_option, say, table
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayError
from shop.logistics.ports import RoadMatrix, RoadSource
from shop.logistics.queries.places import standing_places
from shop.logistics.services import roads

NEAR_PARIS = (2.3488, 48.8534)


@click.command("prepare-roads")
@click.option("--market", help="Only this one (slug).")
@click.option("--forget", is_flag=True, help="Delete what is kept of maps that are not used now.")
@json_option
@in_application
def prepare_roads(market: str | None, forget: bool, as_json: bool) -> None:
    """See which road servers answer, make their maps, keep the distances between all hubs, farms
    and pick-up points, so that the next plan asks for homes only. Status 1 when servers are named
    in the settings and none answers.
    """
    matrix = port(RoadMatrix)
    with reading() as session:
        found = [markets.by_slug(session, market)] if market else markets.all_markets(session)
        places = {each.slug: standing_places(session, each.id) for each in found}
    near = next((spots[0] for spots in places.values() if spots), NEAR_PARIS)
    sources = [(source.name, _state(source, near)) for source in matrix.sources]
    books = roads.Books(reading, unit_of_work)
    measured = {
        slug: roads.measure(matrix, spots, books) for slug, spots in places.items() if spots
    }
    forgotten = 0
    if forget:
        with unit_of_work() as session:
            forgotten = roads.forget_old_maps(session)
    lines = table(["source", "map"], sources) if sources else []
    lines += [
        f"{slug}: {len(places[slug])} places, {each.asked} pairs asked of "
        f"{each.source or 'nobody (distances are estimated)'}, {each.failed} without answer"
        for slug, each in measured.items()
    ]
    if forget:
        lines.append(f"{forgotten} old maps forgotten.")
    value = {
        "sources": [{"source": name, "map": state} for name, state in sources],
        "markets": measured,
        "forgotten": forgotten,
    }
    say(
        value,
        lines or ["No road server in the settings: distances are estimated."],
        as_json=as_json,
    )
    if sources and any(each.source is None for each in measured.values()):
        sys.exit(1)


def _state(source: RoadSource, near: tuple[float, float]) -> str:
    """The date of its map, or why there is none."""
    try:
        if isinstance(source, EmbeddedRoads):
            source.prepare()
        return source.data_date(near) or "answers, does not say of when"
    except GatewayError as error:
        return f"does not answer: {error}"
