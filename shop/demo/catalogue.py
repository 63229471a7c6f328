"""Farms, shelves and products of the demo."""

from __future__ import annotations

from dataclasses import dataclass, field

from shop.catalog.domain.terms import TaxClass, TaxRegime, TemperatureClass
from shop.catalog.models import Category, MarketProducer, Producer, Product
from shop.demo.files import Entry, load, words
from shop.demo.market import Ground
from shop.demo.rows import Rows, Values
from shop.kernel.folding import fold, slugify
from shop.kernel.quantity import Unit


@dataclass(slots=True)
class Catalogue:
    """Rows by the names that the data uses."""

    producers: dict[str, Values] = field(default_factory=dict)
    products: list[tuple[Values, Entry]] = field(default_factory=list)
    """Every product with what the data says of it."""


def fill(rows: Rows, ground: Ground) -> Catalogue:
    """Make producers, categories and products."""
    catalogue = Catalogue()
    for entry in load("producers"):
        producer = _producer(rows, entry)
        catalogue.producers[entry["slug"]] = producer
        rows.link(MarketProducer, market_id=ground.market["id"], producer_id=producer["id"])
    categories = {entry["slug"]: _category(rows, entry) for entry in load("categories")}
    for entry in load("products"):
        producer = catalogue.producers[entry["producer"]]
        product = _product(rows, entry, producer, categories[entry["category"]])
        catalogue.products.append((product, entry))
    return catalogue


def _producer(rows: Rows, entry: Entry) -> Values:
    points = {point["id"]: point for point in load("var-83")["points"]}
    collect_from_s, collect_until_s = points[entry["id"]]["windows"][0]
    return rows.add(
        Producer,
        slug=entry["slug"],
        name=entry["name"],
        sort_key=fold(entry["name"]),
        contact_name=f"{entry['contact_first_name']} {entry['contact_last_name']}",
        email=entry["email"],
        phone=entry["phone"],
        address=entry["address"],
        postcode=entry["postcode"],
        commune=entry["commune"],
        commune_insee=entry["insee"],
        lon=entry["lon"],
        lat=entry["lat"],
        texts={name: words(entry, name) for name in ("story", "grows", "practices")},
        grows=entry["grows_fr"],
        labels=entry["labels"],
        certificate=entry["certificate"]["code"] if entry["certificate"] else None,
        picture=entry["picture"],
        siret=entry["siret"],
        tax_regime=TaxRegime(entry["tax_regime"]),
        collect_from_s=collect_from_s,
        collect_until_s=collect_until_s,
    )


def _category(rows: Rows, entry: Entry) -> Values:
    return rows.add(
        Category,
        slug=entry["slug"],
        name_fr=entry["name_fr"],
        name_en=entry["name_en"],
        position=entry["position"],
        tax_class=TaxClass(entry["tax_class"]),
        temperature_class=TemperatureClass(entry["temperature_class"]),
        picture=entry["picture"],
    )


def _product(rows: Rows, entry: Entry, producer: Values, category: Values) -> Values:
    content_unit = entry["content_unit"]
    return rows.add(
        Product,
        producer_id=producer["id"],
        category_id=category["id"],
        reference=entry["reference"],
        slug=slugify(f"{entry['name_fr']} {entry['reference']}"),
        name=entry["name_fr"],
        name_en=entry["name_en"],
        description=entry["description_fr"],
        sort_key=fold(entry["name_fr"]),
        search_text=fold(
            " ".join((entry["name_fr"], entry["name_en"], category["name_fr"], producer["name"]))
        ),
        order_unit=Unit(entry["order_unit"]),
        order_step=entry["order_step"],
        price_unit=Unit(entry["price_unit"]),
        price_cents=entry["price_cents"],
        content_amount=entry["content_amount"],
        content_unit=None if content_unit is None else Unit(content_unit),
        nominal_g=entry["nominal_g"],
        min_g=entry["min_g"],
        max_g=entry["max_g"],
        deposit_cents=entry["deposit_cents"],
        tax_class=TaxClass(entry["tax_class"]),
        temperature_class=TemperatureClass(entry["temperature_class"]),
        labels=entry["labels"],
        allergens=entry["allergens"],
        origin=entry["origin"],
        crate_share=entry["crate_share"],
        usual_allotment=entry["usual_allotment"],
        picture=entry["picture"],
    )
