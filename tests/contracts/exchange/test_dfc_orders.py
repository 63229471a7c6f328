"""Orders of the Data Food Consortium are read without the network, and answered in its terms."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from shop.adapters.dfc_orders import DfcExchange
from shop.kernel.quantity import Quantity
from shop.logistics.domain.exchange.orders import OutsideOrders
from shop.logistics.domain.exchange.problem import Terms, problem_of
from shop.logistics.domain.exchange.routes import OutsideRoutes, routes_of
from shop.logistics.domain.planning.goods import TemperatureClass
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from shop.logistics.errors import FileRefused
from tests.factories import outside_orders
from tests.factories.outside_orders import AT, content, document, named

BESIDE = Path(__file__).resolve().parents[4] / "shared"
PUBLISHED = Path(os.environ.get("CARRIOLE_SHARED") or BESIDE) / "dfc"
TERMS = Terms(on=date(2026, 12, 3), zone=ZoneInfo("Europe/Paris"))
BUSINESS = outside_orders.CONTEXT["dfc-b"]


def read(found: object) -> OutsideOrders:
    return DfcExchange().read(content(found))


def refused(found: object) -> dict[str, Any]:
    with pytest.raises(FileRefused) as refusal:
        DfcExchange().read(found if isinstance(found, bytes) else content(found))
    return refusal.value.facts


def planned(orders: OutsideOrders) -> OutsideRoutes:
    day = problem_of(orders, TERMS)
    return routes_of(day, solve(day.problem, StopRule(iterations=50), 1))


def test_a_line_is_known_by_where_it_waits_where_it_goes_and_what_it_weighs() -> None:
    orders = read(document())
    first, second = sorted(orders.lines, key=lambda line: line.id)
    assert orders.order_numbers == ("A-17",)
    assert (first.from_place, first.to_place) == (f"{AT}place/farm-1", f"{AT}place/relay")
    assert first.stock_id == f"{AT}stock/1"
    assert first.quantity == Quantity.grams(1500)
    assert second.quantity == Quantity.pieces(4)
    assert (first.weight_g, second.weight_g) == (1500, 1000)
    assert first.product == "Product 1"
    relay = next(place for place in orders.places if place.id == f"{AT}place/relay")
    assert (relay.lon, relay.lat) == (6.13, 43.43)
    assert relay.label == "1 rue relay, 83170 Brignoles"
    assert relay.opens_at == datetime(2026, 12, 3, 7, tzinfo=UTC)
    assert orders.vocabulary == BUSINESS
    assert orders.unweighed == ()


def test_terms_of_the_second_version_are_understood_from_the_address_of_their_context() -> None:
    found = document()
    found["@context"] = "https://w3id.org/dfc/ontology/context/context_2.0.0.json"
    line, stock = named(found, "line/1"), named(found, "stock/1")
    line["dfc-b:isFulfilledBy"] = line.pop("dfc-b:fulfilledBy")
    stock["dfc-b:storedIn"] = stock.pop("dfc-b:isStoredIn")
    relay = named(found, "place/relay")
    relay["dfc-b:isOpenDuring"] = relay.pop("dfc-b:isOpeningDuring")
    orders = read(found)
    assert len(orders.lines) == 2
    assert all(place.opens_at is not None for place in orders.places)
    assert orders.vocabulary == "http://w3id.org/dfc/ontology/v2.0.0/src/DFC_BusinessOntology.owl#"


def test_goods_that_must_be_cold_travel_in_their_class() -> None:
    found = document()
    named(found, "product/1")["dfc-b:refrigerated"] = True
    named(found, "goods/2")["dfc-b:frozen"] = "true"
    classes = {line.id: line.temperature for line in read(found).lines}
    assert classes == {
        f"{AT}line/1": TemperatureClass.CHILLED,
        f"{AT}line/2": TemperatureClass.FROZEN,
    }


def test_pieces_of_unknown_weight_are_told() -> None:
    found = document()
    del named(found, "product/2")["dfc-b:hasQuantity"]
    assert read(found).unweighed == (f"{AT}line/2",)


@pytest.mark.parametrize(
    ("change", "fault", "where"),
    [
        (
            lambda found: named(found, "line/2")["dfc-b:hasQuantity"].pop("dfc-b:hasUnit"),
            "no_unit",
            {"line": f"{AT}line/2"},
        ),
        (
            lambda found: named(found, "line/1").pop("dfc-b:hasQuantity"),
            "no_quantity",
            {"line": f"{AT}line/1"},
        ),
        (
            lambda found: named(found, "line/1")["dfc-b:hasQuantity"].update({"dfc-b:value": "-3"}),
            "not_positive",
            {"line": f"{AT}line/1", "value": "-3"},
        ),
        (
            lambda found: named(found, "line/1")["dfc-b:hasQuantity"].update({"dfc-b:value": "x"}),
            "not_a_number",
            {"line": f"{AT}line/1", "value": "x"},
        ),
        (
            lambda found: named(found, "line/1")["dfc-b:hasQuantity"].update(
                {"dfc-b:hasUnit": "dfc-m:Furlong"}
            ),
            "unknown_unit",
            {"line": f"{AT}line/1", "value": "furlong"},
        ),
        (
            lambda found: named(found, "stock/1").pop("dfc-b:isStoredIn"),
            "no_stock",
            {"line": f"{AT}line/1"},
        ),
        (
            lambda found: named(found, "place/farm-2")["dfc-b:hasAddress"].pop("dfc-b:latitude"),
            "no_coordinates",
            {"place": f"{AT}place/farm-2"},
        ),
        (
            lambda found: named(found, "place/farm-2")["dfc-b:hasAddress"].update(
                {"dfc-b:latitude": "431"}
            ),
            "out_of_range",
            {"place": f"{AT}place/farm-2", "value": "431.0, 6.06"},
        ),
        (
            lambda found: named(found, "place/relay").update(
                {"dfc-b:isOpeningDuring": {"dfc-b:start": "tomorrow"}}
            ),
            "bad_time",
            {"place": f"{AT}place/relay", "value": "tomorrow"},
        ),
        (lambda found: named(found, "order/1").pop("dfc-b:hasPart"), "no_lines", {}),
        (lambda found: named(found, "order/1").pop("dfc-b:selects"), "no_destination", {}),
    ],
)
def test_a_fault_is_told_with_the_order_and_the_line_or_place(
    change: Callable[[dict[str, Any]], object], fault: str, where: dict[str, str]
) -> None:
    found = document()
    change(found)
    facts = refused(found)
    assert facts["reason"] == "problems"
    assert facts["problems"] == [{"fault": fault, "order": "A-17", **where}]


def test_every_fault_of_a_file_is_told_at_once() -> None:
    found = document()
    del named(found, "line/1")["dfc-b:hasQuantity"]["dfc-b:hasUnit"]
    del named(found, "place/relay")["dfc-b:hasAddress"]
    faults = [each["fault"] for each in refused(found)["problems"]]
    assert sorted(faults) == ["no_coordinates", "no_unit"]


def test_hours_of_different_weeks_cannot_be_driven_on_one_day() -> None:
    found = document()
    named(found, "place/relay")["dfc-b:isOpeningDuring"] = {
        "dfc-b:start": "2026-12-24T07:00:00Z",
        "dfc-b:end": "2026-12-24T12:00:00Z",
    }
    told = refused(found)["problems"]
    assert [(each["fault"], each["place"]) for each in told] == [("far_apart", f"{AT}place/relay")]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (b'{"@context": {', "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"@graph": NaN}', "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"17", "not_linked_data"),
        (b'{"@context": {"@vocab": 3}, "a": 1}', "not_linked_data"),
        (b'{"orders": []}', "other_ontology"),
        (b'{"@context": {"s": "https://schema.org/"}, "@type": "s:Order"}', "other_ontology"),
        (content({**document(), "@graph": []}), "other_ontology"),
    ],
)
def test_what_is_no_order_of_the_consortium_is_refused_in_words(given: bytes, reason: str) -> None:
    assert refused(given)["reason"] == reason


def test_places_without_any_order_are_nothing_to_plan() -> None:
    found = document()
    found["@graph"] = [named(found, "place/relay")]
    assert refused(found) == {"reason": "no_orders"}


def test_a_context_at_any_other_address_is_never_fetched() -> None:
    found = document()
    found["@context"] = "http://169.254.169.254/context"
    assert refused(found) == {
        "reason": "unknown_context",
        "address": "http://169.254.169.254/context",
    }


def test_routes_point_at_the_things_of_the_orders_and_come_in_driving_order() -> None:
    orders = read(document())
    routes = planned(orders)
    written = DfcExchange().write(orders, routes)
    assert DfcExchange().write(orders, planned(orders)) == written
    things = {each["@id"]: each for each in jsonld.flatten(json.loads(written), None, {})}

    def kinds(name: str) -> list[dict[str, Any]]:
        return [each for each in things.values() if f"{BUSINESS}{name}" in each.get("@type", [])]

    (route,) = kinds("Route")
    steps = [things[each["@id"]] for each in route[f"{BUSINESS}hasStep"]]
    assert [each["@type"][0].removeprefix(BUSINESS) for each in steps].count("PickUpStep") == 2
    assert len(kinds("DeliveryStep")) == 2
    arrivals = [each[f"{BUSINESS}arrivalDate"][0] for each in steps]
    assert [each["@value"] for each in arrivals] == sorted(each["@value"] for each in arrivals)
    assert {each["@type"] for each in arrivals} == {"http://www.w3.org/2001/XMLSchema#dateTime"}
    shipped = {each[f"{BUSINESS}transports"][0]["@id"]: each for each in kinds("Shipment")}
    assert set(shipped) == {f"{AT}stock/1", f"{AT}stock/2"}
    first = shipped[f"{AT}stock/1"]
    assert first[f"{BUSINESS}startsAt"] == [{"@id": f"{AT}place/farm-1"}]
    assert first[f"{BUSINESS}endsAt"] == [{"@id": f"{AT}place/relay"}]
    (vehicle,) = kinds("Vehicle")
    assert first[f"{BUSINESS}isShippedIn"] == [{"@id": vehicle["@id"]}]
    assert len(vehicle[f"{BUSINESS}ships"]) == 2
    assert vehicle[f"{BUSINESS}basedAt"][0]["@id"] in {f"{AT}place/farm-1", f"{AT}place/farm-2"}
    assert len(kinds("PhysicalPlace")) == 3


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published case is not here")
def test_the_published_case_is_read_whole() -> None:
    orders = DfcExchange().read((PUBLISHED / "orders-DFC.json").read_bytes())
    assert orders.order_numbers == ("0001", "0002", "0003", "0004")
    assert len(orders.lines) == 10
    assert len(orders.places) == 14
    assert sum(line.weight_g for line in orders.lines) == 11_500
    needs = json.loads((PUBLISHED / "needs-verso.json").read_text("utf-8"))
    asked = sorted(
        (*each["pickup"]["location"], *each["delivery"]["location"]) for each in needs["shipments"]
    )
    spot = {place.id: (place.lon, place.lat) for place in orders.places}
    assert asked == sorted((*spot[each.from_place], *spot[each.to_place]) for each in orders.lines)


def _spots(found: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a document."""
    inner = found.items() if isinstance(found, dict) else enumerate(found)
    spots: list[tuple[Any, ...]] = []
    for key, value in inner:
        spots.append((*path, key))
        if isinstance(value, (dict, list)):
            spots += _spots(value, (*path, key))
    return spots


STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=12),
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: [[], [{}]]),
    st.sampled_from(["@id", "@none", "dfc-b:Order", "1e400", "-0", "9" * 400, "2026-13-45T99:00Z"]),
    st.fixed_dictionaries({"@value": st.text(max_size=5)}),
    st.fixed_dictionaries({"@list": st.lists(st.text(max_size=3), max_size=2)}),
)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_file_with_anything_anywhere_is_read_or_refused_in_words(data: st.DataObject) -> None:
    found = document()
    for _time in range(data.draw(st.integers(1, 3))):
        spots = _spots(found)
        *path, key = spots[data.draw(st.integers(0, 999)) % len(spots)]
        inner: Any = found
        for step in path:
            inner = inner[step]
        if data.draw(st.booleans()):
            inner[key] = data.draw(STRANGE)
        elif len(found) > 1 or path:
            del inner[key]
    try:
        orders = read(found)
    except FileRefused:
        return
    assert all(line.weight_g >= 0 for line in orders.lines)
