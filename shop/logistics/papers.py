"""Every sheet of a cycle as a document ready to print, in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from shop.catalog.queries.delivery import PickupCard
from shop.catalog.queries.markets import MarketCard
from shop.infra.formats import LocaleFormats
from shop.logistics import paper
from shop.logistics.domain.sheets import (
    crate_labels,
    picking_by_order,
    picking_by_producer,
    picking_by_product,
    relay_sheet,
    round_sheet,
)
from shop.logistics.queries import round_papers, sheets
from shop.logistics.queries.cycle_goods import CycleGoods
from shop.logistics.queries.fleet import HubCard
from shop.logistics.queries.rounds import RoundCard
from shop.orders.queries.demand import Fill


@dataclass(frozen=True, slots=True)
class Paper:
    """A document: its name, its template, and what stands on each sheet of it."""

    name: str
    document: str
    sheets: Iterable[Mapping[str, Any]]


def _by_order(goods: CycleGoods, formats: LocaleFormats) -> Iterator[Mapping[str, Any]]:
    for part in picking_by_order.in_parts(sheets.by_order(goods, paper.packaging)):
        yield picking_by_order.to_print(part, paper.words, formats)


def _by_product(goods: CycleGoods, formats: LocaleFormats) -> Iterator[Mapping[str, Any]]:
    for part in picking_by_product.in_parts(sheets.by_product(goods, paper.packaging)):
        yield picking_by_product.to_print(part, paper.words, formats)


def _by_producer(goods: CycleGoods, formats: LocaleFormats) -> Iterator[Mapping[str, Any]]:
    sheet = sheets.by_producer(goods, paper.packaging)
    yield picking_by_producer.to_print(sheet, paper.words, formats)


_PICKING: Mapping[
    str, tuple[str, Callable[[CycleGoods, LocaleFormats], Iterator[Mapping[str, Any]]]]
] = {
    "by-order": ("logistics/picking_by_order", _by_order),
    "by-product": ("logistics/picking_by_product", _by_product),
    "by-producer": ("logistics/picking_by_producer", _by_producer),
}

WAYS_TO_PICK = tuple(_PICKING)


def picking(goods: CycleGoods, how: str) -> Paper:
    """The picking sheet in one of ``WAYS_TO_PICK``."""
    document, fill = _PICKING[how]
    return Paper(f"picking-{how}", document, fill(goods, _formats(goods.market)))


def labels(goods: CycleGoods, skip: int = 0) -> Paper:
    """A label for each crate; ``skip`` of the first sheet are used already."""
    sheet = sheets.labels(goods, paper.crate_url, skip)
    formats = _formats(goods.market)
    parts = (
        crate_labels.to_print(part, paper.words, formats) for part in crate_labels.in_parts(sheet)
    )
    return Paper("crate-labels", "logistics/crate_labels", parts)


def relay(goods: CycleGoods, point: PickupCard) -> Paper:
    """The list of one pick-up point."""
    sheet = sheets.relay_list(goods, point)
    data = relay_sheet.to_print(sheet, paper.words, _formats(goods.market))
    return Paper(f"relay-{point.slug}", "logistics/relay_sheet", [data])


def of_round(
    goods: CycleGoods, card: RoundCard, hub: HubCard | None, supplies: Mapping[int, Fill]
) -> Paper:
    """The sheet of one round, with the loading in reverse; ``supplies`` is what farms bring."""
    sheet = round_papers.sheet(
        card,
        goods.heading,
        departs_from=hub.name if hub else "",
        desk_phone=goods.market.phone,
        url=url_for("driver.round", round_id=card.id, _external=True),
        supplies=supplies,
        due=goods.due,
    )
    data = round_sheet.to_print(sheet, paper.words, _formats(goods.market))
    return Paper(f"round-{card.number:02d}", "logistics/round_sheet", [data])


def _formats(market: MarketCard) -> LocaleFormats:
    return paper.formats_of(market.timezone)
