"""Before anything is written, a list says what it would change, and only what it speaks of."""

from __future__ import annotations

from dataclasses import replace

from shop.catalog.domain.labels import Label
from shop.catalog.domain.sheet import (
    AllergenStatement,
    Difference,
    FieldChange,
    SheetProduct,
    WeightRange,
    compare,
)
from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit

ALL = frozenset(
    {"reference", "name", "price", "price_unit", "ordered_in", "content", "variant", "origin"}
    | {"labels", "stock", "unlimited", "order_step", "category", "pack_count"}
)
CARROTS = SheetProduct(
    "Carottes",
    Money(280),
    Unit.GRAM,
    Unit.GRAM,
    Quantity.grams(500),
    reference="C1",
    origin="Brignoles",
    stock=Quantity.grams(40_000),
)
HONEY = SheetProduct("Miel", Money(790), content=Quantity.grams(250), reference="M1")
LEEK = SheetProduct("Poireau", Money(300), piece_word="botte")


def test_the_same_list_changes_nothing() -> None:
    difference = compare([CARROTS, HONEY, LEEK], [LEEK, CARROTS, HONEY], ALL)
    assert difference.is_nothing
    assert difference.unchanged == (LEEK, CARROTS, HONEY)


def test_new_changed_unchanged_and_gone_are_told_apart() -> None:
    dearer = replace(CARROTS, price=Money(310), stock=Quantity.grams(20_000), row=4)
    garlic = SheetProduct("Ail", Money(200))
    difference = compare([CARROTS, HONEY, LEEK], [garlic, dearer, LEEK], ALL)
    assert difference.new == (garlic,)
    assert difference.unchanged == (LEEK,)
    assert difference.gone == (HONEY,)
    (change,) = difference.changed
    assert change.before == CARROTS
    assert change.after == dearer
    assert change.after.row == 4
    assert change.changes == (
        FieldChange("price", Money(280), Money(310)),
        FieldChange("stock", Quantity.grams(40_000), Quantity.grams(20_000)),
    )


def test_what_the_list_does_not_speak_of_is_kept() -> None:
    kept = replace(HONEY, labels=(Label.ORGANIC,), category="Épicerie", origin="Var")
    read = SheetProduct("Miel", Money(820), reference="M1")
    difference = compare([kept], [read], frozenset({"name", "price", "reference"}))
    assert difference.changed[0].after == replace(kept, price=Money(820))
    assert difference.changed[0].changes == (FieldChange("price", Money(790), Money(820)),)


def test_a_renamed_product_is_found_by_its_reference() -> None:
    difference = compare([HONEY], [replace(HONEY, name="Miel de lavande")], ALL)
    assert [change.changes[0].field for change in difference.changed] == ["name"]
    assert difference.gone == ()


def test_a_product_without_reference_is_found_by_name_and_content() -> None:
    numbered = replace(LEEK, reference="P9", name="POIREAU")
    difference = compare([LEEK], [numbered], ALL)
    assert [change.field for change in difference.changed[0].changes] == ["name", "reference"]
    other_size = replace(HONEY, reference=None, content=Quantity.grams(500))
    assert compare([HONEY], [other_size], ALL) == Difference(new=(other_size,), gone=(HONEY,))


def test_another_reference_is_another_product_even_under_the_same_name() -> None:
    other = replace(HONEY, reference="M2")
    assert compare([HONEY], [other], ALL) == Difference(new=(other,), gone=(HONEY,))


def test_a_name_that_could_be_two_products_is_not_guessed() -> None:
    twins = [replace(HONEY, reference="M1"), replace(HONEY, reference="M2")]
    read = replace(HONEY, reference=None)
    assert compare(twins, [read], ALL) == Difference(new=(read,), gone=tuple(twins))


def test_a_change_of_unit_takes_along_all_that_hangs_on_it() -> None:
    by_piece = SheetProduct("Carottes", Money(250), content=Quantity.grams(1000), reference="C1")
    said = frozenset({"price_unit", "ordered_in", "content", "reference"})
    (change,) = compare([CARROTS], [by_piece], said).changed
    assert change.after == replace(by_piece, origin="Brignoles")
    assert change.after.order_step == Quantity.pieces(1)
    assert change.after.stock is None


def test_an_empty_cell_does_not_take_away_what_only_the_catalogue_knows() -> None:
    known = replace(
        HONEY,
        vat_bp=550,
        storage=TemperatureClass.AMBIENT,
        allergens=AllergenStatement(),
        stock=Quantity.pieces(12),
    )
    said = frozenset({"reference", "vat_bp", "storage", "allergens", "stock", "unlimited"})
    assert compare([known], [replace(HONEY, reference=None)], said).is_nothing
    endless = replace(HONEY, unlimited=True)
    assert compare([known], [endless], said).changed[0].after == replace(
        known, stock=None, unlimited=True
    )


def test_a_weight_is_compared_by_the_parts_that_the_list_speaks_of() -> None:
    hen = SheetProduct(
        "Poule",
        Money(1200),
        Unit.GRAM,
        weight=WeightRange(nominal_g=1800, min_g=1600, max_g=2000, margin_bp=1500),
    )
    about = replace(hen, weight=WeightRange(nominal_g=1800))
    said = frozenset({"weight.nominal_g", "weight.margin_bp"})
    assert compare([hen], [about], said).is_nothing
    (change,) = compare([hen], [about], said | {"weight.min_g"}).changed
    assert change.after.weight == WeightRange(nominal_g=1800, max_g=2000, margin_bp=1500)
    assert [field.field for field in change.changes] == ["weight"]
    lighter = replace(hen, weight=WeightRange(nominal_g=900))
    (other,) = compare([hen], [lighter], frozenset({"weight.nominal_g"})).changed
    assert other.after.weight == WeightRange(nominal_g=900)


def test_the_producer_as_written_in_a_list_is_no_change() -> None:
    assert compare([HONEY], [replace(HONEY, producer="Ferme du Lac")], ALL).is_nothing
