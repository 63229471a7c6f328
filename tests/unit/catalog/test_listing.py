"""A listed product keeps all that its list said when the catalogue gives it back."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from shop.catalog.domain.labels import Label, in_order
from shop.catalog.domain.listing import Shelf, listed, made_reference, shelf_named, stored
from shop.catalog.domain.sheet import SheetProduct, WeightRange, compare
from shop.catalog.domain.sheet.allergens import Allergen, AllergenStatement
from shop.catalog.domain.sheet_record import as_record, from_record
from shop.catalog.domain.terms import TaxClass, TemperatureClass
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit

RATES = {TaxClass.FOOD: 550, TaxClass.PREPARED: 1000, TaxClass.FULL: 2000}


def shelf(key: int, slug: str, french: str, english: str) -> Shelf:
    return Shelf(key, slug, french, english, TaxClass.FOOD, TemperatureClass.CHILLED, "basket")


DAIRY = shelf(1, "cremerie", "Lait, yaourts et beurre", "Milk, yoghurt and butter")
SHELVES = [DAIRY, shelf(2, "legumes", "Légumes", "Vegetables"), shelf(3, "miel", "Miel", "Honey")]

words = st.text("abcdefgéàœ ", min_size=1, max_size=12).map(str.strip).filter(bool)
ALL_SAID = frozenset(
    {
        "name", "price", "order_step", "variant", "description", "category", "price_unit",
        "ordered_in", "vat_bp", "content",
        "pack_count", "piece_word", "case_size", "minimum", "deposit", "origin",
        "manufacturer", "note", "labels", "storage", "allergens", "stock", "unlimited",
        "available", "reference", "weight.nominal_g", "weight.min_g", "weight.max_g",
        "weight.margin_bp",
    }
)  # fmt: skip


@st.composite
def products(draw: st.DrawFn) -> SheetProduct:
    ordered_in = draw(st.sampled_from(list(Unit)))
    by_piece = ordered_in is Unit.PIECE
    weighed = by_piece and draw(st.booleans())
    nominal = draw(st.integers(100, 5000))
    amounts = st.one_of(st.none(), st.integers(1, 9000).map(lambda n: Quantity(n, ordered_in)))
    contains = draw(st.frozensets(st.sampled_from(list(Allergen)), max_size=3))
    unlimited = draw(st.booleans())
    return SheetProduct(
        name=draw(words),
        variant=draw(st.one_of(st.just(""), words)),
        reference=draw(st.one_of(st.none(), words)),
        price=Money(draw(st.integers(0, 10_000))),
        price_unit=Unit.GRAM if weighed else ordered_in,
        ordered_in=ordered_in,
        order_step=Quantity(draw(st.integers(1, 500)), ordered_in),
        description=draw(st.one_of(st.just(""), words)),
        category=draw(words),
        vat_bp=draw(st.sampled_from([None, 0, 550, 900, 1000, 2000])),
        content=Quantity.grams(nominal) if by_piece and not weighed else None,
        piece_word=draw(st.sampled_from(["", "botte"])),
        case_size=draw(amounts),
        minimum=draw(amounts),
        deposit=Money(draw(st.integers(0, 300))),
        weight=WeightRange(
            nominal,
            draw(st.sampled_from([None, nominal - 50])),
            draw(st.sampled_from([None, nominal + 50])),
            draw(st.sampled_from([None, 1000, 1500])),
        )
        if weighed
        else None,
        origin=draw(st.sampled_from(["", "Espagne"])),
        manufacturer=draw(st.sampled_from(["", "Moulin"])),
        note=draw(st.sampled_from(["", "à commander"])),
        labels=in_order(draw(st.frozensets(st.sampled_from(list(Label)), max_size=3))),
        storage=draw(st.one_of(st.none(), st.sampled_from(list(TemperatureClass)))),
        allergens=draw(
            st.sampled_from(
                [None, AllergenStatement(contains), AllergenStatement(may_contain=contains)]
            )
        ),
        stock=None if unlimited else draw(amounts),
        unlimited=unlimited,
        available=draw(st.booleans()),
        row=draw(st.integers(1, 100)),
    )


@given(products())
def test_the_same_list_brought_again_changes_nothing(product: SheetProduct) -> None:
    kept = stored(product, DAIRY, RATES)
    json.dumps(kept.listed)
    again = listed(kept, DAIRY, RATES, reference=product.reference or "made", key=7)
    assert compare([again], [product], ALL_SAID).is_nothing
    assert again.row == 7


@given(products())
def test_keeping_what_was_given_back_is_keeping_the_same(product: SheetProduct) -> None:
    kept = stored(product, DAIRY, RATES)
    again = listed(kept, DAIRY, RATES, reference=product.reference or "made", key=7)
    assert stored(again, DAIRY, RATES, kept.tax_class) == kept


@given(products())
def test_a_product_survives_being_written_as_json(product: SheetProduct) -> None:
    back = from_record(json.loads(json.dumps(as_record(product))))
    assert back == product
    assert back.row == product.row


def test_the_weights_of_a_piece_are_whole_even_when_the_list_says_a_part() -> None:
    cheese = SheetProduct(
        name="Tomme", price=Money(2490), price_unit=Unit.GRAM, content=Quantity.grams(900)
    )
    assert (stored(cheese, DAIRY, RATES).nominal_g, stored(cheese, DAIRY, RATES).min_g) == (
        900,
        900,
    )
    ranged = replace(cheese, weight=WeightRange(min_g=800, max_g=1001))
    kept = stored(ranged, DAIRY, RATES)
    assert (kept.min_g, kept.nominal_g, kept.max_g, kept.margin_bp) == (800, 900, 1001, 1500)


def test_a_rate_chooses_the_kind_of_tax_unless_it_is_that_of_the_shelf() -> None:
    product = SheetProduct(name="Vin", price=Money(900), vat_bp=2000)
    assert stored(product, DAIRY, RATES).tax_class is TaxClass.FULL
    assert stored(replace(product, vat_bp=550), DAIRY, RATES).tax_class is TaxClass.FOOD
    odd = stored(replace(product, vat_bp=900), DAIRY, RATES)
    assert (odd.tax_class, odd.listed["vat_bp"]) == (TaxClass.FOOD, 900)


def test_words_find_their_shelf_in_either_language_and_number() -> None:
    slugs = {
        text: found.slug if (found := shelf_named(text, SHELVES)) else None
        for text in ("LEGUME", "vegetables", "Yaourts", "Miels", "Divers", "")
    }
    assert slugs == {
        "LEGUME": "legumes",
        "vegetables": "legumes",
        "Yaourts": "cremerie",
        "Miels": "miel",
        "Divers": None,
        "": None,
    }


def test_made_references_come_from_words_and_never_twice() -> None:
    jam = SheetProduct(name="Confiture de figues", price=Money(450), content=Quantity.grams(220))
    first = made_reference(jam, [])
    assert first == "confiture-de-figues-220-g"
    assert made_reference(jam, [first]) == "confiture-de-figues-220-g-2"
