"""Print every sheet of a cycle into a folder: picking three ways, labels, rounds, relay lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from flask import current_app, url_for

from shop.catalog.queries.markets import MarketCard
from shop.cli.answers import in_application, json_option, say, table
from shop.cli.cycles import find_cycle, market_option
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.printing import Printer
from shop.infra.unit_of_work import reading
from shop.logistics import paper as printing
from shop.logistics.domain.sheets import (
    crate_labels,
    picking_by_order,
    picking_by_producer,
    picking_by_product,
    relay_sheet,
    round_sheet,
)
from shop.logistics.queries import fleet, round_papers, rounds, sheets
from shop.logistics.queries.cycle_goods import CycleGoods, cycle_goods
from shop.logistics.queries.fleet import HubCard
from shop.logistics.queries.rounds import RoundCard
from shop.orders.queries.demand import Fill


@dataclass(frozen=True, slots=True)
class Paper:
    """A document to print: its file, its template and its words."""

    name: str
    document: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Goods:
    """What the sheets of a cycle are made of."""

    market: MarketCard
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
        found = Goods(goods.market, goods, driven, hubs, supplies)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    printer = port(Printer)
    # Words, dates and the addresses in the codes are those of a visitor who reads this language.
    with current_app.test_request_context(
        base_url=current_app.config["BASE_URL"], headers={"Accept-Language": language}
    ):
        for paper in _papers(found):
            file = out / f"{paper.name}.pdf"
            file.write_bytes(printer.print(paper.document, paper.data))
            written.append({"file": str(file), "bytes": file.stat().st_size})
    rows = [(each["file"], each["bytes"]) for each in written]
    say({"cycle": code, "files": written}, table(["file", "bytes"], rows), as_json=as_json)


def _papers(found: Goods) -> Iterator[Paper]:
    goods, words = found.cycle, printing.words
    formats = printing.formats_of(found.market.timezone)
    by_order = sheets.by_order(goods, printing.packaging)
    data = picking_by_order.to_print(by_order, words, formats)
    yield Paper("picking-by-order", "logistics/picking_by_order", data)
    by_product = sheets.by_product(goods, printing.packaging)
    data = picking_by_product.to_print(by_product, words, formats)
    yield Paper("picking-by-product", "logistics/picking_by_product", data)
    by_producer = sheets.by_producer(goods, printing.packaging)
    data = picking_by_producer.to_print(by_producer, words, formats)
    yield Paper("picking-by-producer", "logistics/picking_by_producer", data)
    labels = sheets.labels(goods, printing.crate_url)
    data = crate_labels.to_print(labels, words, formats)
    yield Paper("crate-labels", "logistics/crate_labels", data)
    for card in found.rounds:
        sheet = round_papers.sheet(
            card,
            goods.heading,
            departs_from=hub.name if (hub := found.hubs[card.hub_id]) else "",
            desk_phone=found.market.phone,
            url=url_for("driver.round", round_id=card.id, _external=True),
            supplies=found.supplies,
        )
        data = round_sheet.to_print(sheet, words, formats)
        yield Paper(f"round-{card.number:02d}", "logistics/round_sheet", data)
    for point in sorted(goods.points.values(), key=lambda each: each.slug):
        data = relay_sheet.to_print(sheets.relay_list(goods, point), words, formats)
        yield Paper(f"relay-{point.slug}", "logistics/relay_sheet", data)
