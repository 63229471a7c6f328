"""The market as a consumer walks through it: home, shelf, product, producers, delivery, texts."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shop.catalog.errors import ProductUnknown
from shop.catalog.queries import delivery, entrance, markets, producers, shelf
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.views import cards, words
from shop.infra import clock
from shop.infra.unit_of_work import reading
from shop.web import kept
from shop.web.locale import chosen_language
from shop.web.shell import shell_of_this_page

bp = Blueprint("market", __name__, template_folder="../templates")
bp.app_template_global("offer_cards")(cards.offer_cards)
bp.app_template_filter("label_name")(words.label_name)
bp.app_template_filter("temperature_name")(words.temperature_name)
bp.app_template_filter("option_name")(words.option_name)
bp.app_template_filter("allergen_name")(words.allergen_name)

TEXTS = frozenset({"terms", "legal", "privacy", "ranking"})
_KEY = re.compile(r"^(\d{1,18})(?:-.*)?$")


@bp.get("/")
def index() -> ResponseReturnValue:
    """The only market, or the list of them."""
    with reading() as session:
        found = markets.all_markets(session)
    if len(found) == 1:
        return redirect(url_for("market.home", market=found[0].slug))
    return render_template("catalog/markets.html", markets=found)


@bp.get("/<market>/")
def home(market: str) -> ResponseReturnValue:
    """What one can buy this week, from whom, and how to get it."""
    language = chosen_language()
    with reading() as session:
        cycle = _enter(session, market)
        makers = producers.of_market(session, g.market.id)
        index = shelf.ShelfIndex((), (), ())
        items: list[shelf.Glance] = []
        if cycle:
            index = cards.shelf_index(session, cycle, language)
            items = shelf.featured(session, cycle.id)
    return render_template(
        "catalog/home.html",
        cycle=cycle,
        items=items,
        categories=index.categories,
        producers=makers,
    )


@bp.get("/<market>/shelf", endpoint="shelf")
def shelf_page(market: str) -> ResponseReturnValue:
    """Every offer of the cycle, narrowed by category, producer or words."""
    language = chosen_language()
    asked = {
        "category": request.args.get("category") or None,
        "producer": request.args.get("producer") or None,
        "words": request.args.get("q", "").strip()[:100],
    }
    page = request.args.get("page", 1, type=int)
    with reading() as session:
        cycle = _enter(session, market)
        found, index = shelf.ShelfPage([], 0, 1), shelf.ShelfIndex((), (), ())
        if cycle:
            index = cards.shelf_index(session, cycle, language)
            found = shelf.shelf(
                session,
                cycle.id,
                index,
                category=asked["category"],
                producer=asked["producer"],
                words=asked["words"] or "",
                page=page,
            )

    def content() -> dict[str, Any]:
        filters = cards.filters(asked, index.categories, index.producers)
        return {"cycle": cycle, "found": found, "filters": filters, "asked": asked}

    seen = (*_of_cycle(cycle), found.total, tuple(found.items))
    return kept.page("catalog/shelf.html", shell_of_this_page(), seen, content)


@bp.get("/<market>/products/<key>")
def product(market: str, key: str) -> ResponseReturnValue:
    """One product: what it is, who makes it, what it costs, what is in it."""
    matched = _KEY.match(key)
    if matched is None:
        raise ProductUnknown(key=key)
    with reading() as session:
        cycle = _enter(session, market)
        if cycle is None:
            raise ProductUnknown(key=key)
        product_id = int(matched[1])
        glance = shelf.product_glance(session, cycle.id, product_id)
    canonical = f"{product_id}-{glance.slug}"
    if key != canonical:
        return redirect(url_for("market.product", market=market, key=canonical), code=301)

    def content() -> dict[str, Any]:
        with reading() as session:
            found = shelf.product(session, glance.cycle_id, product_id, chosen_language())
        return {"cycle": cycle, "page": found, "item": found.item}

    seen = (*_of_cycle(cycle), glance)
    return kept.page("catalog/product.html", shell_of_this_page(), seen, content)


@bp.get("/<market>/producers", endpoint="producers")
def producers_page(market: str) -> ResponseReturnValue:
    """Everybody who sells here, on a map and in a list."""
    with reading() as session:
        _enter(session, market)
        makers = producers.of_market(session, g.market.id)
    return render_template("catalog/producers.html", producers=makers)


@bp.get("/<market>/producers.geojson")
def producers_map(market: str) -> ResponseReturnValue:
    """The producers as points for the map."""
    with reading() as session:
        _enter(session, market)
        makers = producers.of_market(session, g.market.id)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [maker.lon, maker.lat]},
                "properties": {
                    "kind": "farm",
                    "id": maker.slug,
                    "label": maker.name,
                    "text": f"{maker.commune} · {maker.grows}",
                    "url": url_for("market.producer", market=market, slug=maker.slug),
                },
            }
            for maker in makers
        ],
    }


@bp.get("/<market>/producers/<slug>")
def producer(market: str, slug: str) -> ResponseReturnValue:
    """One producer: where, how, and what they offer now."""
    language = chosen_language()
    with reading() as session:
        cycle = _enter(session, market)
        maker = producers.by_slug(session, g.market.id, slug)
        found = shelf.ShelfPage([], 0, 1)
        if cycle:
            index = cards.shelf_index(session, cycle, language)
            found = shelf.shelf(session, cycle.id, index, producer=slug)
    return render_template("catalog/producer.html", cycle=cycle, producer=maker, found=found)


@bp.get("/<market>/delivery", endpoint="delivery")
def delivery_page(market: str) -> ResponseReturnValue:
    """Where and when goods can be had, with minimum and fee of each way."""
    with reading() as session:
        cycle = _enter(session, market)
        options = delivery.options(session, g.market.id)
        places = delivery.pickup_points(session, g.market.id)
        slots = delivery.slots(session, cycle.id) if cycle else []
    hours = {
        slot.pickup.id: (slot.starts_at, slot.ends_at) for slot in slots if slot.pickup is not None
    }
    return render_template(
        "catalog/delivery.html", cycle=cycle, options=options, places=places, hours=hours
    )


@bp.get("/<market>/delivery.geojson")
def delivery_map(market: str) -> ResponseReturnValue:
    """Relay points and drives as points for the map."""
    with reading() as session:
        _enter(session, market)
        places = delivery.pickup_points(session, g.market.id)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]},
                "properties": {
                    "kind": place.kind.value,
                    "id": place.slug,
                    "label": place.name,
                    "text": f"{place.address}, {place.postcode} {place.commune}",
                    "url": url_for("market.delivery", market=market) + f"#{place.slug}",
                },
            }
            for place in places
        ],
    }


@bp.get("/<market>/about/<name>")
def text(market: str, name: str) -> ResponseReturnValue:
    """Terms of sale, legal notice, privacy, and how the shelf is ranked."""
    if name not in TEXTS:
        abort(404)
    with reading() as session:
        g.market = markets.by_slug(session, market)
    return render_template(
        "catalog/text.html", name=name, body=g.market.text(name, chosen_language())
    )


def _of_cycle(cycle: CycleCard | None) -> tuple[Hashable, ...]:
    """What a page shows of the sale, and whether one can order now, could, or will."""
    return (cycle, g.selling, bool(cycle and cycle.opens_at > g.now))


def _enter(session: Session, slug: str) -> CycleCard | None:
    """Remember the market for the frame of the page; the cycle that customers see."""
    g.now = clock.now()
    g.market, found = entrance.by_slug(session, slug, g.now)
    g.selling = bool(found and found.is_open_at(g.now))
    return found
