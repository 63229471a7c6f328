"""Cards of offers, and what narrows the shelf: written once, kept until something in them changes.

A card is kept under everything that can be seen on it, what is left of the offer and what the
basket holds of it included: a page never shows an old price or an old stock. What is asked for
each page is a glance at its offers; the rest of a card is read when it is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from flask import current_app, g, render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from shop.catalog.queries import shelf
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.shelf import Facet, Glance, ShelfIndex
from shop.infra.unit_of_work import reading
from shop.web.assets import asset
from shop.web.cards import card_words
from shop.web.locale import chosen_language
from shop.web.shell import Shell

MOST = 5_000
"""Pieces of pages kept; beyond, all are forgotten."""

K = TypeVar("K")
V = TypeVar("V")

_KEY = "carriole.cards"
_INDEXES = "carriole.shelves"
_GUARD = "\x00guard\x00"
"""Stands in a kept card where each visitor's own guard of the form goes."""


def offer_cards(
    seen: Sequence[Glance], shell: Shell, heading: str = "h3", show_producer: bool = True
) -> Markup:
    """The cards of some offers as entries of a list, with what the basket holds of each."""
    kept = _kept()
    basket = shell.basket
    add_url = basket.add_url if g.selling and basket else ""
    amounts = basket.amounts if basket else {}
    page = (asset(""), g.market.slug, chosen_language(), heading, show_producer, add_url)
    keys = [(page, glance, amounts.get(glance.offer_id, 0)) for glance in seen]
    written = {key: kept[key] for key in keys if key in kept}
    missing = [key for key in keys if key not in written]
    guard = str(card_words().guard)
    if missing:
        with reading() as session:
            items = shelf.items(session, [key[1].offer_id for key in missing], page[2])
        macro: Any = current_app.jinja_env.get_template("catalog/_offers.html").module
        for key in missing:
            item = replace(items[key[1].offer_id], left=key[1].left)
            card = str(macro.offer(item, add_url, key[2], heading, show_producer))
            written[key] = f"<li>{card.replace(guard, _GUARD)}</li>\n"
            _keep(kept, key, written[key])
    return Markup("".join(written[key] for key in keys).replace(_GUARD, guard))


def shelf_index(session: Session, cycle: CycleCard, language: str) -> ShelfIndex:
    """The order of a cycle's shelf and its words, kept until the database counts a change."""
    kept: dict[tuple[int, str], tuple[int, ShelfIndex]]
    kept = current_app.extensions.setdefault(_INDEXES, {})
    found = kept.get((cycle.id, language))
    if found is None or found[0] != cycle.shelf_version:
        found = (cycle.shelf_version, shelf.index(session, cycle.id, language))
        _keep(kept, (cycle.id, language), found)
    return found[1]


def filters(
    asked: Mapping[str, str | None], categories: Sequence[Facet], producers: Sequence[Facet]
) -> Markup:
    """Search, categories and producers above the shelf."""
    kept = _kept()
    page = (asset(""), g.market.slug, chosen_language())
    key = (*page, *asked.values(), categories, producers)
    written = kept.get(key)
    if written is None:
        written = render_template(
            "catalog/_filters.html", asked=asked, categories=categories, producers=producers
        )
        _keep(kept, key, written)
    return Markup(written)


def _kept() -> dict[tuple[Any, ...], str]:
    kept: dict[tuple[Any, ...], str] = current_app.extensions.setdefault(_KEY, {})
    return kept


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    if len(kept) >= MOST:
        kept.clear()
    kept[key] = value
