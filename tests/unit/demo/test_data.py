"""What the demo market is made of holds together, and reads as a person would write it."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from stdnum import iban, luhn
from stdnum.fr import siret, tva

import shop
from shop.catalog.domain.labels import Label
from shop.catalog.domain.terms import TaxClass, TaxRegime, TemperatureClass
from shop.infra.places import communes
from shop.kernel.quantity import Unit

DATA = Path(shop.__file__).parent / "demo" / "data"
FILES = ("producers", "categories", "products", "relays", "people", "vehicles", "texts")

ALLERGENS = frozenset(
    re.findall(
        r"\S+",
        "gluten crustaceans eggs fish peanuts soya milk nuts celery mustard sesame sulphites "
        "lupin molluscs",
    )
)
DRAWINGS = Path(shop.__file__).parent / "web/static/img"
PICTURES = {drawing.stem for drawing in (DRAWINGS / "produce").glob("*.svg")}
FARMS = {drawing.stem for drawing in (DRAWINGS / "farms").glob("*.svg")}
FICTIONAL_PHONE = re.compile(r"(01 99 00|04 65 71|06 39 98) \d\d \d\d")
INVENTED_MAIL = re.compile(r"[a-z0-9.-]+@exemple\.fr")
ACCENTED = re.compile(r"[àâçéèêëîïôùûüœÀÂÇÉÈÊÎÔŒ]")
LATE_NOVEMBER = 11


def load(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def texts_in(value: Any, key: str = "") -> list[tuple[str, str]]:
    """Every string below ``value`` with the key it stands under."""
    if isinstance(value, str):
        return [(key, value)]
    if isinstance(value, dict):
        return [found for name, item in value.items() for found in texts_in(item, name)]
    if isinstance(value, list):
        return [found for item in value for found in texts_in(item, key)]
    return []


PRODUCERS: list[dict[str, Any]] = load("producers")
CATEGORIES: list[dict[str, Any]] = load("categories")
PRODUCTS: list[dict[str, Any]] = load("products")
RELAYS: list[dict[str, Any]] = load("relays")["relays"]
DRIVES: list[dict[str, Any]] = load("relays")["drives"]
ACCOUNTS: list[dict[str, Any]] = load("people")["accounts"]
CUSTOMERS: list[dict[str, Any]] = load("people")["customers"]
POINTS: dict[int, dict[str, Any]] = {point["id"]: point for point in load("var-83")["points"]}


def at_its_point(entry: dict[str, Any], point: dict[str, Any]) -> bool:
    return all(
        entry[name] == point[name] for name in ("lon", "lat", "insee", "postcode", "commune")
    )


def test_there_are_as_many_of_each_as_the_day_in_the_var_has() -> None:
    assert len(PRODUCERS) == 25
    assert len(RELAYS) == 40
    assert len(DRIVES) == 2
    assert len(CUSTOMERS) == 420
    assert len(PRODUCTS) >= 280
    assert 12 <= len(CATEGORIES) <= 20
    assert [account["role"] for account in ACCOUNTS] == [
        "consumer",
        "producer",
        "preparer",
        "driver",
        "relay_host",
        "desk",
    ]


def test_a_late_november_shelf_is_full() -> None:
    assert sum(LATE_NOVEMBER in product["months"] for product in PRODUCTS) >= 250


@pytest.mark.parametrize("producer", PRODUCERS, ids=lambda producer: str(producer["slug"]))
def test_a_farm_stands_at_its_point_and_has_its_papers(producer: dict[str, Any]) -> None:
    point = POINTS[producer["id"]]
    assert point["kind"] == "farm"
    assert at_its_point(producer, point)
    assert communes.INSEE_CODE.fullmatch(producer["insee"])
    assert FICTIONAL_PHONE.fullmatch(producer["phone"])
    assert INVENTED_MAIL.fullmatch(producer["email"])
    assert siret.is_valid(producer["siret"])
    assert luhn.is_valid(producer["siret"])
    assert producer["siret"].startswith("00")
    assert iban.is_valid(producer["iban"])
    regime = TaxRegime(producer["tax_regime"])
    assert bool(producer["vat_number"]) == regime.bills_tax
    assert bool(producer["tax_mention_fr"]) == (not regime.bills_tax)
    if producer["vat_number"]:
        assert tva.is_valid(producer["vat_number"])
    if producer["certificate"] is not None:
        assert re.fullmatch(r"FR-BIO-\d{2}", producer["certificate"]["code"])
    assert (producer["certificate"] is not None) == ("organic" in producer["labels"])
    assert producer["picture"] in FARMS
    assert set(producer["temperature_classes"]) == {
        name for name, kilograms in point["kg"].items() if kilograms
    }


@pytest.mark.parametrize("producer", PRODUCERS, ids=lambda producer: str(producer["slug"]))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_farm_tells_its_story_in_a_few_sentences(producer: dict[str, Any], language: str) -> None:
    story = producer[f"story_{language}"]
    assert 3 <= len(re.findall(r"[.!?](?:\s|$)", story)) <= 5
    assert len(story) > 200
    assert producer[f"grows_{language}"]
    assert len(producer["practices_fr"]) == len(producer["practices_en"])


def test_every_farm_sells_something_and_only_what_its_collection_can_carry() -> None:
    per_farm = Counter(product["producer"] for product in PRODUCTS)
    assert set(per_farm) == {producer["slug"] for producer in PRODUCERS}
    assert min(per_farm.values()) >= 10
    carried = {producer["slug"]: set(producer["temperature_classes"]) for producer in PRODUCERS}
    for product in PRODUCTS:
        assert product["temperature_class"] in carried[product["producer"]], product["reference"]


def test_names_that_identify_are_unique() -> None:
    for entries, name in (
        (PRODUCTS, "reference"),
        (PRODUCTS, "name_fr"),
        (PRODUCTS, "name_en"),
        (PRODUCTS, "description_fr"),
        (PRODUCERS, "slug"),
        (PRODUCERS, "name"),
        (PRODUCERS, "siret"),
        (PRODUCERS, "iban"),
        (CATEGORIES, "slug"),
        (CATEGORIES, "position"),
        (RELAYS + DRIVES, "slug"),
        (RELAYS + DRIVES, "name"),
        (CUSTOMERS + ACCOUNTS, "email"),
        (CUSTOMERS, "phone"),
        (load("vehicles")["vehicles"], "plate"),
        (load("vehicles")["vehicles"], "name"),
    ):
        counted = Counter(entry[name] for entry in entries)
        assert [value for value, times in counted.items() if times > 1] == [], name


def test_every_product_has_a_shelf_a_picture_and_words_the_shop_knows() -> None:
    shelves = {category["slug"] for category in CATEGORIES}
    assert {product["category"] for product in PRODUCTS} == shelves
    assert {product["picture"] for product in PRODUCTS} <= PICTURES
    assert {category["picture"] for category in CATEGORIES} <= PICTURES
    for entry in [*PRODUCTS, *CATEGORIES]:
        assert TaxClass(entry["tax_class"])
        assert TemperatureClass(entry["temperature_class"])
    for product in PRODUCTS:
        assert set(product["allergens"]) <= ALLERGENS, product["reference"]
        assert all(Label(label) for label in product["labels"])


def test_a_product_is_organic_only_where_its_farm_holds_a_certificate() -> None:
    certified = {producer["slug"] for producer in PRODUCERS if producer["certificate"]}
    claimed = {product["producer"] for product in PRODUCTS if "organic" in product["labels"]}
    assert claimed == certified


def test_prices_and_contents_say_how_each_thing_is_sold() -> None:
    for product in PRODUCTS:
        unit, price_unit = Unit(product["order_unit"]), Unit(product["price_unit"])
        weights = [product["min_g"], product["nominal_g"], product["max_g"]]
        assert 100 <= product["price_cents"] <= 20_000, product["reference"]
        if unit is Unit.GRAM:
            assert price_unit is Unit.GRAM
            assert product["order_step"] in {250, 500, 1000}
            assert product["content_amount"] is None
            assert product["usual_allotment"] % product["order_step"] == 0
        elif price_unit is Unit.GRAM:
            assert 0 < weights[0] <= weights[1] <= weights[2]
            assert product["content_amount"] is None
            assert product["order_step"] == 1
        else:
            assert weights == [None, None, None]
            assert product["content_amount"] > 0
            assert product["content_amount"] % product["pack_count"] == 0
            assert Unit(product["content_unit"])
        assert 0 < product["crate_share"] <= 1000
        assert product["gross_weight_g"] > 0
        assert product["usual_allotment"] > 0
        assert product["deposit_cents"] in {0, 20, 30, 40, 50, 60, 80}
        assert product["months"] == sorted(set(product["months"]))
        assert set(product["months"]) <= set(range(1, 13))


def test_all_ways_of_selling_and_all_temperatures_are_on_the_shelf() -> None:
    ways = Counter((product["order_unit"], product["price_unit"]) for product in PRODUCTS)
    assert set(ways) == {("piece", "piece"), ("piece", "gram"), ("gram", "gram")}
    assert min(ways.values()) >= 40
    temperatures = Counter(product["temperature_class"] for product in PRODUCTS)
    assert min(temperatures.values()) >= 30
    assert any(product["deposit_cents"] for product in PRODUCTS)


def test_cold_goods_have_a_limit_the_law_allows() -> None:
    for product in PRODUCTS:
        limit = product["max_temperature_dc"]
        match product["temperature_class"]:
            case "ambient":
                assert limit is None, product["reference"]
            case "chilled":
                assert 20 <= limit <= 80, product["reference"]
            case "frozen":
                assert limit == -180, product["reference"]


def test_alcohol_is_taxed_in_full_and_eggs_carry_their_mark() -> None:
    for product in PRODUCTS:
        if product["alcohol"]:
            assert product["tax_class"] == "full", product["reference"]
        if product["category"] == "vins-bieres":
            assert product["alcohol"]
        if product["picture"] == "eggs":
            assert re.fullmatch(r"[0-3]FR\w+", product["egg_mark"])
            assert "eggs" in product["allergens"]
        if product["category"] in {"fromages", "cremerie"}:
            assert "milk" in product["allergens"], product["reference"]
        if product["category"] == "poissons":
            assert "fish" in product["allergens"], product["reference"]


ALLERGEN_WORDS = {
    "gluten": r"\bfarines? de (?:blé|seigle)\b|\bblé dur\b|\bpain\b(?! d’épices)",
    "milk": r"\b(?:lait|beurre|crème(?! de (?:châtaigne|marrons))|brousse|mascarpone)\b",
    "eggs": r"\bœufs?\b(?! de truite)",
    "nuts": r"\b(?:noix(?! de)|amandes?|pistaches)\b",
    "fish": r"\b(?:anchois|truite)\b",
    "celery": r"\bcéleri\b",
    "sulphites": r"\bsulfites\b",
    "sesame": r"\bsésame\b",
    "mustard": r"\bmoutarde\b",
}


@pytest.mark.parametrize("allergen", ALLERGEN_WORDS)
def test_an_allergen_named_among_the_ingredients_is_declared(allergen: str) -> None:
    pattern = re.compile(ALLERGEN_WORDS[allergen])
    missing = [
        (product["reference"], product["ingredients_fr"])
        for product in PRODUCTS
        if pattern.search(product["ingredients_fr"].lower())
        and allergen not in product["allergens"]
    ]
    assert missing == []


@pytest.mark.parametrize("relay", RELAYS, ids=lambda relay: str(relay["slug"]))
def test_a_relay_stands_at_its_point_and_opens_after_the_truck(relay: dict[str, Any]) -> None:
    point = POINTS[relay["point_id"]]
    assert point["kind"] == "relay"
    assert at_its_point(relay, point)
    assert [relay["deliver_from_s"], relay["deliver_until_s"]] == point["windows"][0]
    assert relay["service_s"] == point["service_s"]
    assert relay["deliver_until_s"] <= relay["pickup_from_s"] < relay["pickup_until_s"]
    assert relay["crate_capacity"] >= sum(point["crates"].values())
    assert FICTIONAL_PHONE.fullmatch(relay["phone"])
    assert relay["welcome_fr"]
    assert relay["welcome_en"]
    assert relay["hours_fr"]
    assert relay["hours_en"]


def test_most_relays_keep_goods_cold_and_some_do_not() -> None:
    cold = sum(relay["has_cold"] for relay in RELAYS)
    assert 25 <= cold < 40


def test_every_home_of_the_day_is_somebodys_address() -> None:
    at_home = [customer for customer in CUSTOMERS if customer["home_point_id"] is not None]
    homes = {number for number, point in POINTS.items() if point["kind"] == "home"}
    assert {customer["home_point_id"] for customer in at_home} == homes
    assert len(at_home) == len(homes)
    for customer in at_home:
        assert at_its_point(customer, POINTS[customer["home_point_id"]])
        assert customer["address"]
    for customer in CUSTOMERS:
        assert FICTIONAL_PHONE.fullmatch(customer["phone"])
        assert INVENTED_MAIL.fullmatch(customer["email"])
        assert POINTS[customer["relay_point_id"]]["kind"] == "relay"


def test_every_commune_named_is_a_commune_of_france_with_that_postcode() -> None:
    for entry in [*PRODUCERS, *RELAYS, *DRIVES, *CUSTOMERS, ACCOUNTS[0]]:
        found = communes.by_insee(entry["insee"])
        assert found is not None, entry["insee"]
        assert entry["postcode"] in found.postcodes
        assert entry["commune"] == found.name


def test_the_people_of_the_demo_hold_roles_that_exist() -> None:
    by_role = {account["role"]: account for account in ACCOUNTS}
    assert by_role["producer"]["producer"] in {producer["slug"] for producer in PRODUCERS}
    assert by_role["relay_host"]["relay_point_id"] in {relay["point_id"] for relay in RELAYS}
    drivers = load("vehicles")["drivers"]
    assert by_role["driver"]["driver"] in {driver["email"] for driver in drivers}


def test_the_fleet_is_the_one_of_the_day() -> None:
    fleet = {kind["type"]: kind["count"] for kind in load("var-83")["fleet"]}
    vehicles = load("vehicles")["vehicles"]
    assert Counter(vehicle["kind"] for vehicle in vehicles) == fleet
    assert all(re.fullmatch(r"[OU][UI]-\d{3}-[IO][A-Z]", vehicle["plate"]) for vehicle in vehicles)
    drivers = load("vehicles")["drivers"]
    assert len(drivers) == 8
    assert {driver["usual_vehicle"] for driver in drivers} <= {
        vehicle["name"] for vehicle in vehicles
    }


def test_every_text_exists_in_both_languages() -> None:
    def check(value: Any) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                if key.endswith("_fr") and key.removesuffix("_fr") + "_en" in value:
                    other = value[key.removesuffix("_fr") + "_en"]
                    assert bool(item) == bool(other), key
                    if isinstance(item, list):
                        assert len(item) == len(other), key
                check(item)
        elif isinstance(value, list):
            for item in value:
                check(item)

    for name in FILES:
        check(load(name))
    texts = load("texts")
    for name in ("terms", "legal", "privacy", "ranking"):
        for section in texts[name]["sections"]:
            assert section["paragraphs_fr"]
            assert section["paragraphs_en"]
    assert [option["kind"] for option in texts["delivery_options"]] == ["relay", "drive", "home"]
    assert {option["minimum_cents"] for option in texts["delivery_options"]} == {1500}


@pytest.mark.parametrize("name", FILES)
def test_french_is_written_with_its_accents_apostrophes_and_spaces(name: str) -> None:
    for key, text in texts_in(load(name)):
        assert "lorem" not in text.lower()
        assert text == text.strip(), text
        assert "  " not in text, text
        if key.endswith("_fr"):
            assert "'" not in text, text
            assert not re.search(r"(?:\w| )[:;!?](?:\s|$)", text), text
            assert not re.search(r"« | »", text), text


def test_long_french_texts_carry_accents() -> None:
    for name in FILES:
        for key, text in texts_in(load(name)):
            if key.endswith("_fr") and len(text) > 120:
                assert ACCENTED.search(text), text
