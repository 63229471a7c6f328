"""Print every sheet of a cycle into a folder: picking three ways, labels, rounds, relay lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from flask import current_app

from shop.cli.answers import in_application, json_option, say, table
from shop.cli.cycles import find_cycle, market_option
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.printing import Printer
from shop.infra.unit_of_work import reading
from shop.logistics import papers
from shop.logistics.papers import Paper
from shop.logistics.queries import fleet, round_papers, rounds
from shop.logistics.queries.cycle_goods import CycleGoods, cycle_goods
from shop.logistics.queries.fleet import HubCard
from shop.logistics.queries.rounds import RoundCard
from shop.orders.queries.demand import Fill


@dataclass(frozen=True, slots=True)
class Goods:
    """What the sheets of a cycle are made of."""

    cycle: CycleGoods
    rounds: list[RoundCard]
    hubs: dict[int | None, HubCard | None]
    supplies: dict[int, Fill]


@click.command("picking-sheets")
@click.option("--cycle", "code", required=True, help="Code of the sales cycle.")
@market_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--language", type=click.Choice(["fr", "en"]), default="fr", show_default=True)
@json_option
@in_application
def picking_sheets(code: str, market: str | None, out: Path, language: str, as_json: bool) -> None:
    """Print the sheets of a closed cycle as PDF into a folder."""
    with reading() as session:
        cycle = find_cycle(session, code, market)
        goods = cycle_goods(session, cycle.id, printed_at=clock.now())
        driven = [card for card in rounds.of_cycle(session, cycle.id) if card.state != "discarded"]
        hubs = fleet.hubs(session, goods.market.id, [card.hub_id for card in driven])
        supplies = round_papers.brought(session, cycle.id)
        found = Goods(goods, driven, hubs, supplies)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    printer = port(Printer)
    # Words, dates and the addresses in the codes are those of a visitor who reads this language.
    with current_app.test_request_context(
        base_url=current_app.config["BASE_URL"], headers={"Accept-Language": language}
    ):
        for paper in _papers(found):
            file = out / f"{paper.name}.pdf"
            file.write_bytes(printer.bind(paper.document, paper.sheets))
            written.append({"file": str(file), "bytes": file.stat().st_size})
    rows = [(each["file"], each["bytes"]) for each in written]
    say({"cycle": code, "files": written}, table(["file", "bytes"], rows), as_json=as_json)


def _papers(found: Goods) -> Iterator[Paper]:
    for how in papers.WAYS_TO_PICK:
        yield papers.picking(found.cycle, how)
    yield papers.labels(found.cycle)
    for card in found.rounds:
        yield papers.of_round(found.cycle, card, found.hubs[card.hub_id], found.supplies)
    for point in sorted(found.cycle.points.values(), key=lambda each: each.slug):
        yield papers.relay(found.cycle, point)
