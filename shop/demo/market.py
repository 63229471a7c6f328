"""The market itself: its words, its hub, its trucks, its places and ways to deliver, its taxes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shop.catalog.domain.terms import LogisticsPack, OptionKind, SpotWay, TaxClass
from shop.catalog.models import (
    DeliveryCommune,
    DeliveryOption,
    Market,
    PickupPoint,
    TaxRate,
)
from shop.demo.files import Entry, load, text_of, words
from shop.demo.rows import Rows, Values
from shop.infra.places.communes import municipality_code
from shop.kernel.folding import fold
from shop.kernel.money import Money
from shop.logistics.models import Hub, Vehicle
from shop.orders.domain.fees import Fee, FeeRuleTerms
from shop.orders.domain.terms import Bearer, FeeKind
from shop.orders.models import FeeRule

LANGUAGES = ("fr", "en")

TAX_RATES = (
    (TaxClass.FOOD, "FR", 550, date(2012, 1, 1)),
    (TaxClass.PREPARED, "FR", 700, date(2012, 1, 1)),
    (TaxClass.PREPARED, "FR", 1000, date(2014, 1, 1)),
    (TaxClass.FULL, "FR", 1960, date(2000, 4, 1)),
    (TaxClass.FULL, "FR", 2000, date(2014, 1, 1)),
    (TaxClass.PLANTS, "FR", 700, date(2012, 1, 1)),
    (TaxClass.PLANTS, "FR", 1000, date(2014, 1, 1)),
    (TaxClass.SERVICE, "FR", 1960, date(2000, 4, 1)),
    (TaxClass.SERVICE, "FR", 2000, date(2014, 1, 1)),
    (TaxClass.FOOD, "FR-20", 210, date(2012, 1, 1)),
)
"""Kind of goods, territory, hundredths of a percent, and the day from which it holds."""

VAT_BP = 2000
FEES = (
    FeeRuleTerms(Fee(FeeKind.MARKET, 1100, tax_rate_bp=VAT_BP), Bearer.PRODUCER),
    FeeRuleTerms(Fee(FeeKind.PLATFORM, 200, tax_rate_bp=VAT_BP), Bearer.PRODUCER),
    FeeRuleTerms(Fee(FeeKind.TRANSPORT, 400, tax_rate_bp=VAT_BP), Bearer.PRODUCER),
    FeeRuleTerms(
        Fee(FeeKind.RELAY, per_crate=Money(15), tax_rate_bp=VAT_BP),
        Bearer.PRODUCER,
        OptionKind.RELAY,
    ),
    FeeRuleTerms(Fee(FeeKind.PREPARER, per_order=Money(60), tax_rate_bp=VAT_BP), Bearer.CUSTOMER),
)
"""What producers leave of their goods, and what customers pay for the preparation."""
FEES_FROM = date(2026, 1, 1)


@dataclass(slots=True)
class Ground:
    """What the rest of the demo stands on: rows by the names that the data uses."""

    market: Values
    hub: Values
    options: dict[OptionKind, Values] = field(default_factory=dict)
    relays: dict[int, Values] = field(default_factory=dict)
    """Relay points by the point of the map."""
    drives: list[Values] = field(default_factory=list)
    pickup_hours: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Pick-up point → from when to when customers come, in seconds after midnight."""
    communes: frozenset[str] = frozenset()
    """Where homes are served."""
    vehicles: list[Values] = field(default_factory=list)
    fees: tuple[FeeRuleTerms, ...] = FEES


def lay(rows: Rows) -> Ground:
    """Make the market and everything it owns before the first sale."""
    market = _market(rows)
    ground = Ground(market, _hub(rows, market["id"]))
    _options(rows, ground)
    _places(rows, ground)
    _vehicles(rows, ground)
    _taxes(rows)
    for rule in FEES:
        rows.add(
            FeeRule,
            market_id=market["id"],
            kind=rule.fee.kind,
            percent_bp=rule.fee.percent_bp,
            per_order_cents=rule.fee.per_order.cents,
            per_crate_cents=rule.fee.per_crate.cents,
            tax_rate_bp=rule.fee.tax_rate_bp,
            bearer=rule.bearer,
            option_kind=rule.option_kind,
            valid_from=FEES_FROM,
        )
    return ground


def _market(rows: Rows) -> Values:
    texts = load("texts")
    market = texts["market"]
    kept: dict[str, Any] = {
        "tagline": words(market, "tagline"),
        "welcome": words(market, "short"),
        "about": words(market, "about"),
        "steps": {language: _steps(market["how_it_works"], language) for language in LANGUAGES},
        "closed": words(texts["cycles"], "closed"),
    }
    for name in ("terms", "legal", "privacy", "ranking"):
        kept[name] = {language: _document(texts[name], language) for language in LANGUAGES}
    return rows.add(
        Market,
        slug=market["slug"],
        name=market["name"],
        territory=market["territory_fr"],
        pack=LogisticsPack(market["pack"]),
        email=market["email"],
        phone=market["phone"],
        texts=kept,
        terms_version=texts["terms"]["version"],
    )


def _steps(steps: list[Entry], language: str) -> str:
    return "\n\n".join(
        f"# {step[f'title_{language}']}\n\n{step[f'text_{language}']}" for step in steps
    )


def _document(document: Entry, language: str) -> str:
    parts = []
    for section in document["sections"]:
        parts.append(f"# {section[f'heading_{language}']}")
        parts.append(text_of(section[f"paragraphs_{language}"]))
    return "\n\n".join(parts)


def _hub(rows: Rows, market_id: int) -> Values:
    hub, point = load("texts")["hub"], load("var-83")["points"][0]
    opens_s, closes_s = point["open"]
    return rows.add(
        Hub,
        market_id=market_id,
        name=hub["name_fr"],
        address=hub["address"],
        postcode=hub["postcode"],
        commune=hub["commune"],
        commune_insee=hub["insee"],
        lon=hub["lon"],
        lat=hub["lat"],
        opens_s=opens_s,
        closes_s=closes_s,
        service_s=point["service_s"],
    )


def _options(rows: Rows, ground: Ground) -> None:
    for position, option in enumerate(load("texts")["delivery_options"], start=1):
        kind = OptionKind(option["kind"])
        ground.options[kind] = rows.add(
            DeliveryOption,
            market_id=ground.market["id"],
            kind=kind,
            texts={name: words(option, name) for name in ("name", "description")},
            minimum_cents=option["minimum_cents"],
            fee_cents=option["fee_cents"],
            free_from_cents=option["free_from_cents"],
            position=position,
            spot_ways=[way.value for way in SpotWay if kind.has_pickup_point or not way.is_meal],
        )
    homes = {point["insee"] for point in load("var-83")["points"] if point["kind"] == "home"}
    ground.communes = frozenset(homes | {municipality_code(insee) for insee in homes})
    for insee in sorted(ground.communes):
        rows.link(DeliveryCommune, option_id=ground.options[OptionKind.HOME]["id"], insee=insee)


def _places(rows: Rows, ground: Ground) -> None:
    places = load("relays")
    for entry in places["relays"]:
        ground.relays[entry["point_id"]] = _place(rows, ground, entry, OptionKind.RELAY)
    for entry in places["drives"]:
        ground.drives.append(_place(rows, ground, entry, OptionKind.DRIVE))


def _place(rows: Rows, ground: Ground, entry: Entry, kind: OptionKind) -> Values:
    place = rows.add(
        PickupPoint,
        market_id=ground.market["id"],
        slug=entry["slug"],
        kind=kind,
        name=entry["name"],
        sort_key=fold(entry["name"]),
        host_name=entry["host_name"],
        phone=entry["phone"],
        address=entry["address"],
        postcode=entry["postcode"],
        commune=entry["commune"],
        commune_insee=entry["insee"],
        lon=entry["lon"],
        lat=entry["lat"],
        texts={name: words(entry, name) for name in ("hours", "welcome")},
        has_cold=entry["has_cold"],
        crate_capacity=entry["crate_capacity"],
        deliver_from_s=entry["deliver_from_s"],
        deliver_until_s=entry["deliver_until_s"],
        service_s=entry["service_s"],
    )
    ground.pickup_hours[place["id"]] = (entry["pickup_from_s"], entry["pickup_until_s"])
    return place


def _vehicles(rows: Rows, ground: Ground) -> None:
    kinds = {kind["type"]: kind for kind in load("var-83")["fleet"]}
    for entry in load("vehicles")["vehicles"]:
        kind = kinds[entry["kind"]]
        start_from_s, start_until_s = kind["start_between"]
        ground.vehicles.append(
            rows.add(
                Vehicle,
                market_id=ground.market["id"],
                name=entry["name"],
                plate=entry["plate"],
                kind=entry["kind"],
                capacity={
                    name: {"kg": kg, "crates": kind["capacity_crates"][name]}
                    for name, kg in kind["capacity_kg"].items()
                },
                fixed_cents=kind["fixed_cents"],
                cents_per_km=kind["cents_per_km"],
                cents_per_hour=kind["cents_per_hour"],
                shift_s=kind["shift_s"],
                max_overtime_s=kind["max_overtime_s"],
                overtime_cents_per_hour=kind["overtime_cents_per_hour"],
                start_from_s=start_from_s,
                start_until_s=start_until_s,
                max_reloads=kind["max_reloads"],
            )
        )


def _taxes(rows: Rows) -> None:
    for tax_class, territory, rate_bp, valid_from in TAX_RATES:
        later = [
            since
            for other, place, _, since in TAX_RATES
            if (other, place) == (tax_class, territory) and since > valid_from
        ]
        rows.add(
            TaxRate,
            tax_class=tax_class,
            territory=territory,
            rate_bp=rate_bp,
            valid_from=valid_from,
            valid_to=min(later, default=None),
        )
