"""Cards of offers, and what narrows the shelf: written once, kept until something in them changes.

A card is kept under everything that can be seen on it, what is left of the offer and what the
basket holds of it included: a page never shows an old price or an old stock. Fifty cards cost
what one did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, g, render_template
from markupsafe import Markup

from shop.catalog.queries.shelf import Facet, ShelfItem
from shop.web.assets import asset
from shop.web.cards import card_words
from shop.web.locale import chosen_language
from shop.web.shell import Shell

MOST = 5_000
"""Pieces of pages kept; beyond, all are forgotten."""

_KEY = "carriole.cards"
_GUARD = "\x00guard\x00"
"""Stands in a kept card where each visitor's own guard of the form goes."""


def offer_cards(
    items: Sequence[ShelfItem], shell: Shell, heading: str = "h3", show_producer: bool = True
) -> Markup:
    """The cards of some offers as entries of a list, with what the basket holds of each."""
    kept = _kept()
    basket = shell.basket
    add_url = basket.add_url if g.selling and basket else ""
    amounts = basket.amounts if basket else {}
    page = (asset(""), g.market.slug, chosen_language(), heading, show_producer, add_url)
    guard = str(card_words().guard)
    written = []
    for item in items:
        in_basket = amounts.get(item.offer_id, 0)
        key = (*page, in_basket, *_seen(item))
        card = kept.get(key)
        if card is None:
            macro: Any = current_app.jinja_env.get_template("catalog/_offers.html").module
            made = str(macro.offer(item, add_url, in_basket, heading, show_producer))
            card = f"<li>{made.replace(guard, _GUARD)}</li>\n"
            _keep(kept, key, card)
        written.append(card)
    return Markup("".join(written).replace(_GUARD, guard))


def filters(
    asked: Mapping[str, str | None], categories: list[Facet], producers: list[Facet]
) -> Markup:
    """Search, categories and producers above the shelf."""
    kept = _kept()
    page = (asset(""), g.market.slug, chosen_language())
    key = (*page, *asked.values(), tuple(categories), tuple(producers))
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


def _keep(kept: dict[tuple[Any, ...], str], key: tuple[Any, ...], written: str) -> None:
    if len(kept) >= MOST:
        kept.clear()
    kept[key] = written


def _seen(item: ShelfItem) -> tuple[Any, ...]:
    """All that a card shows of an offer."""
    return (
        item.offer_id,
        item.left,
        item.price,
        item.name,
        item.slug,
        item.picture,
        item.producer_slug,
        item.producer_name,
        tuple(item.labels),
        item.unit,
        item.step,
        item.content,
        item.nominal_g,
        item.deposit,
    )
