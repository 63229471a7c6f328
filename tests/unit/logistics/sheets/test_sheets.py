import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.quantity import Quantity
from shop.logistics.domain.sheets import (
    crate_labels,
    picking_by_order,
    picking_by_producer,
    picking_by_product,
    relay_sheet,
    round_sheet,
)
from shop.logistics.domain.sheets.picking_by_order import PickLine, by_zone
from shop.logistics.domain.sheets.words import StopKind
from shop.orders.domain import purchase_sheet
from tests.factories import sheets
from tests.factories.sheets import FRENCH

PRINTED: dict[str, Callable[[Callable[[str], str]], dict[str, Any]]] = {
    "purchase order": lambda say: purchase_sheet.to_print(sheets.purchase_sheet(), say, FRENCH),
    "by order": lambda say: picking_by_order.to_print(sheets.picking_by_order(), say, FRENCH),
    "by product": lambda say: picking_by_product.to_print(sheets.picking_by_product(), say, FRENCH),
    "by producer": lambda say: picking_by_producer.to_print(
        sheets.picking_by_producer(), say, FRENCH
    ),
    "labels": lambda say: crate_labels.to_print(sheets.crate_labels(), say, FRENCH),
    "round": lambda say: round_sheet.to_print(sheets.round_sheet(), say, FRENCH),
    "relay": lambda say: relay_sheet.to_print(sheets.relay_sheet(), say, FRENCH),
}


@pytest.mark.parametrize("printed", PRINTED.values(), ids=PRINTED)
def test_a_sheet_goes_to_the_printer_as_plain_values(
    printed: Callable[[Callable[[str], str]], dict[str, Any]],
) -> None:
    data = printed(str)
    assert json.loads(json.dumps(data)) == data


@pytest.mark.parametrize("printed", PRINTED.values(), ids=PRINTED)
def test_every_word_of_a_sheet_is_translated(
    printed: Callable[[Callable[[str], str]], dict[str, Any]],
) -> None:
    data = printed(lambda message: f"‹{message}›")
    words = _texts(data["labels"]) + _texts(data["heading"]["labels"])
    assert words
    assert all(word.startswith("‹") and word.endswith("›") for word in words)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    return [value]


lines = st.builds(
    PickLine,
    order_line_id=st.integers(1, 999),
    product=st.just("Mâche"),
    packaging=st.just("barquette"),
    producer=st.just("Maraîchage d’Ici"),
    zone=st.sampled_from(["A", "B", "C"]),
    temperature=st.sampled_from(TemperatureClass),
    quantity=st.just(Quantity.pieces(1)),
)


@given(st.lists(lines))
def test_grouping_by_zone_loses_no_line_and_ends_with_the_frozen(found: list[PickLine]) -> None:
    zones = by_zone(found)
    assert sorted(line.order_line_id for zone in zones for line in zone.lines) == sorted(
        line.order_line_id for line in found
    )
    coldness = [picking_by_order.WORK_ORDER.index(zone.temperature) for zone in zones]
    assert coldness == sorted(coldness)
    assert len({(zone.zone, zone.temperature) for zone in zones}) == len(zones)
    assert all(
        line.zone == zone.zone and line.temperature is zone.temperature
        for zone in zones
        for line in zone.lines
    )


def test_the_last_stop_is_loaded_first() -> None:
    ambient = sheets.round_sheet().loading[2]
    assert ambient.limit.temperature is TemperatureClass.AMBIENT
    assert [(step.step, step.stop_rank) for step in ambient.steps] == [(1, 5), (2, 3), (3, 2)]
    assert [step.crates for step in ambient.steps] == [9, 1, 44]
    assert ambient.crates == 54


def test_a_compartment_holds_only_its_own_crates() -> None:
    frozen = sheets.round_sheet().loading[0]
    assert [(step.stop_rank, step.numbers) for step in frozen.steps] == [
        (5, ("C5008", "C5017", "C5026")),
        (2, tuple(f"C{2000 + 3 * index + 2}" for index in range(2, 44, 3))),
    ]


def test_what_is_taken_at_a_farm_is_not_loaded_at_departure() -> None:
    sheet = sheets.round_sheet()
    farm = sheet.stops[0]
    assert (farm.kind, farm.comes_aboard, farm.crate_count) == (StopKind.FARM, True, 12)
    assert all(step.stop_rank != farm.rank for load in sheet.loading for step in load.steps)


@given(st.permutations(range(5)))
def test_loading_follows_the_rank_of_a_stop_not_its_place_in_the_list(order: list[int]) -> None:
    sheet = sheets.round_sheet()
    shuffled = round_sheet.RoundSheet(
        **{
            name: getattr(sheet, name)
            for name in round_sheet.RoundSheet.__dataclass_fields__
            if name != "stops"
        },
        stops=tuple(sheet.stops[index] for index in order),
    )
    assert shuffled.loading == sheet.loading


def test_a_host_finds_people_by_surname_whatever_the_accents() -> None:
    found = [order.surname for order in sheets.relay_sheet(6).by_surname]
    assert found == [
        "Bénézet",
        "de la Rochefoucauld-Montbazon",
        "Gœury-Lefèvre",
        "N’Guyen",
        "Œillet",
        "Özdemir",
    ]


def test_a_relay_knows_how_many_crates_of_each_kind_come() -> None:
    sheet = sheets.relay_sheet(6)
    assert sheet.crate_count == 12
    assert [sheet.crates_of(kept) for kept in sheets.CLASSES] == [6, 4, 2]


def test_a_product_is_the_sum_of_what_the_orders_want() -> None:
    tomatoes = sheets.picking_by_product(orders=3).products[0]
    assert tomatoes.total == Quantity.grams(250 + 373 + 496)


def test_a_product_nobody_wants_is_not_on_the_sheet() -> None:
    empty = picking_by_product.ProductToPick(
        "Mâche", "barquette", "Maraîchage", "Légumes", TemperatureClass.AMBIENT, ()
    )
    with pytest.raises(ValueError, match="nobody wants Mâche"):
        _ = empty.total


def test_a_site_expects_what_the_farm_confirmed_rather_than_what_was_ordered() -> None:
    first, second, *_ = sheets.picking_by_producer().producers[0].products
    assert first.expected == first.ordered - Quantity.grams(1)
    assert second.expected == second.ordered


@pytest.mark.parametrize("skip", [-1, 8])
def test_a_page_of_labels_has_eight_places(skip: int) -> None:
    with pytest.raises(ValueError, match="skip must be 0 to 7"):
        sheets.crate_labels(skip=skip)


@given(st.integers(0, 60), st.integers(1, 7))
def test_cutting_a_pile_of_orders_loses_none(orders: int, at_most: int) -> None:
    sheet = sheets.picking_by_order(orders=orders)
    parts = list(picking_by_order.in_parts(sheet, at_most))
    assert tuple(order for part in parts for order in part.orders) == sheet.orders
    assert all(len(part.orders) <= at_most for part in parts)
    assert all(part.orders for part in parts) or len(parts) == 1
    if len(parts) > 1:
        assert [part.part for part in parts] == [
            f"{number}/{len(parts)}" for number in range(1, len(parts) + 1)
        ]


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(1, 20))
def test_cutting_a_pile_of_products_cuts_no_product(shares: list[int], at_least: int) -> None:
    sheet = sheets.picking_by_product()
    one = sheet.products[0]
    products = tuple(replace(one, shares=one.shares[:1] * count) for count in shares)
    parts = list(picking_by_product.in_parts(replace(sheet, products=products), at_least))
    assert tuple(product for part in parts for product in part.products) == products
    for part in parts[:-1]:
        *before, last = [len(product.shares) for product in part.products]
        assert sum(before) < at_least <= sum(before) + last


@given(st.integers(0, 70), st.integers(0, 7), st.integers(1, 3))
def test_cutting_a_pile_of_labels_fills_every_page_but_the_last(
    labels: int, skip: int, pages: int
) -> None:
    sheet = sheets.crate_labels(labels, skip)
    parts = list(crate_labels.in_parts(sheet, pages))
    assert tuple(label for part in parts for label in part.labels) == sheet.labels
    assert all(part.skip + len(part.labels) == 8 * pages for part in parts[:-1])
    assert [part.skip for part in parts] == [skip, *[0] * (len(parts) - 1)][: len(parts)]


def test_a_weighed_line_says_what_needs_no_confirmation() -> None:
    data = picking_by_order.to_print(sheets.picking_by_order(1), str, FRENCH)
    line = data["orders"][0]["zones"][1]["lines"][0]
    assert (line["product"], line["quantity"]) == ("Tomate cœur de bœuf", "250\u00a0g")
    assert line["span"] == "200\u00a0g – 287\u00a0g"


def test_a_stop_says_in_words_when_it_is_expected() -> None:
    stop = round_sheet.to_print(sheets.round_sheet(), str, FRENCH)["stops"][2]
    assert (stop["planned"], stop["window"]) == ("10:13", ["10:00", "11:00"])
    assert stop["to_collect"] == "12,50\u00a0€"
    assert stop["crates"] == [{"temperature": "ambient", "crates": 1, "weight": ""}]
