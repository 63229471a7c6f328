"""Each row becomes a product that means the same, or is named with its reason."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shop.catalog.domain.labels import Label
from shop.catalog.domain.sheet import (
    Allergen,
    AllergenStatement,
    Cell,
    ProblemCode,
    Row,
    RowProblem,
    SheetProduct,
    SheetReading,
    Table,
    WarningCode,
    WeightRange,
    read_rows,
)
from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit


def reading(headings: str, *rows: str, default_vat_bp: int | None = None) -> SheetReading:
    """A list written with « | » between cells."""
    cells = (tuple(c.strip() or None for c in line.split("|")) for line in (headings, *rows))
    numbered = (Row(number, values) for number, values in enumerate(cells, 1))
    table = Table(tuple(row for row in numbered if not row.is_empty))
    return read_rows(table, default_vat_bp=default_vat_bp)


def product(headings: str, row: str) -> SheetProduct:
    read = reading(headings, row)
    assert read.problems == ()
    return read.products[0]


def problem(headings: str, row: str) -> tuple[str, ProblemCode | WarningCode]:
    read = reading(headings, row)
    assert read.products == ()
    assert len(read.problems) == 1
    return read.problems[0].column, read.problems[0].code


def test_loose_goods_are_priced_and_ordered_by_weight() -> None:
    carrots = product("Nom|Prix TTC|Unité|Pas de commande|Stock", "Carottes|2,80|kg|500 g|40")
    assert carrots.price == Money(280)
    assert (carrots.price_unit, carrots.ordered_in) == (Unit.GRAM, Unit.GRAM)
    assert carrots.order_step == Quantity.grams(500)
    assert carrots.stock == Quantity.grams(40_000)
    assert carrots.content is None


def test_a_pack_is_ordered_by_the_piece_and_keeps_its_content() -> None:
    juice = product("Nom|Prix|Conditionnement|Consigne", "Jus|3,40|4x250ml|0,40")
    assert (juice.price, juice.price_unit, juice.ordered_in) == (Money(340), Unit.PIECE, Unit.PIECE)
    assert (juice.content, juice.pack_count) == (Quantity.milliliters(1000), 4)
    assert juice.deposit == Money(40)
    assert juice.order_step == Quantity.pieces(1)


@pytest.mark.parametrize("price", ["24,90 €/kg", "24,90 € le kilo", "24.90/kg TTC"])
def test_a_piece_of_about_a_weight_is_priced_by_the_kilo(price: str) -> None:
    cheese = product("Nom|Prix|Poids", f"Tomme|{price}|env. 1,2 kg")
    assert (cheese.price, cheese.price_unit, cheese.ordered_in) == (
        Money(2490),
        Unit.GRAM,
        Unit.PIECE,
    )
    assert cheese.weight == WeightRange(nominal_g=1200)
    assert cheese.estimated_content == Quantity.grams(1200)


def test_weights_from_to_without_average_are_estimated_in_the_middle() -> None:
    hen = product("Nom|Prix au kg|Poids mini|Poids maxi|Vendu", "Poule|12|1,6|2000|à la pièce")
    assert hen.weight == WeightRange(nominal_g=1800, min_g=1600, max_g=2000)


@pytest.mark.parametrize(
    ("net", "vat", "cents"), [("2.34", "6", 248), ("9,48", "5,5 %", 1000), ("0,8531", "5,5", 90)]
)
def test_a_price_without_tax_becomes_a_consumer_price_rounded_once(
    net: str, vat: str, cents: int
) -> None:
    nuts = product("Name|Price (net)|VAT", f"Nuts|{net}|{vat}")
    assert nuts.price == Money(cents)
    assert nuts.price_was_net


def test_a_price_without_tax_needs_a_rate_from_the_list_or_from_the_producer() -> None:
    assert problem("Nom|Prix HT", "Ail|2") == ("Prix HT", ProblemCode.VAT_MISSING_FOR_NET_PRICE)
    read = reading("Nom|Prix HT", "Ail|2", default_vat_bp=550)
    assert [(p.price, p.vat_bp) for p in read.products] == [(Money(211), None)]


def test_the_price_with_tax_is_believed_before_the_one_without() -> None:
    assert product("Nom|Prix HT|Prix TTC|TVA", "Ail|2,00|2,11|5,5").price == Money(211)
    assert product("Nom|Prix HT|Prix TTC|TVA", "Ail|2,00||5,5").price == Money(211)


def test_a_price_for_100_g_is_told_per_kilo() -> None:
    spice = product("Nom|Prix|Prix par", "Safran|1,255|100 g")
    assert (spice.price, spice.price_unit) == (Money(1255), Unit.GRAM)


def test_a_dozen_in_the_price_is_what_the_piece_holds() -> None:
    eggs = product("Nom|Prix|Prix par", "Œufs|4,20|douzaine")
    assert (eggs.price, eggs.price_unit, eggs.content) == (
        Money(420),
        Unit.PIECE,
        Quantity.pieces(12),
    )


def test_fractions_of_a_cent_are_rounded_and_said() -> None:
    read = reading("Nom|Prix", "Ail|1,234")
    assert read.products[0].price == Money(123)
    assert read.warnings == (
        RowProblem(2, "Prix", WarningCode.PRICE_ROUNDED, {"value": "1,234", "cents": 123}),
    )


def test_units_in_a_column_of_their_own_belong_to_the_number_beside() -> None:
    headings = "name|units|unit_type|variant_unit_name|price|on_hand|on_demand"
    apples = product(headings, "Apples|2|kg||5|12|")
    assert (apples.content, apples.stock) == (Quantity.grams(2000), Quantity.pieces(12))
    leek = product(headings, "Leek|1||bunch|3|5|1")
    assert (leek.content, leek.piece_word) == (Quantity.pieces(1), "bunch")
    assert (leek.stock, leek.unlimited) == (None, True)


@pytest.mark.parametrize(
    ("headings", "row", "column", "code"),
    [
        ("Nom|Prix|Réf", "|2|A", "Nom", ProblemCode.NAME_MISSING),
        ("Nom|Prix|Réf", "…|2|A", "Nom", ProblemCode.NAME_MISSING),
        ("Nom|Prix|Réf", "Ail||A", "Prix", ProblemCode.PRICE_MISSING),
        ("Nom|Prix", "Ail|-2", "Prix", ProblemCode.PRICE_NEGATIVE),
        ("Nom|Prix", "Ail|deux", "Prix", ProblemCode.PRICE_UNREADABLE),
        ("Nom|Prix", "Ail|200 000", "Prix", ProblemCode.PRICE_TOO_HIGH),
        ("Nom|Prix|Prix par", "Ail|2|cageot doré", "Prix par", ProblemCode.PRICE_UNIT_UNKNOWN),
        ("Nom|Prix|Unité", "Lait|2 €/kg|1 l", "Prix", ProblemCode.PRICE_UNIT_CONFLICT),
        ("Nom|Prix|Vendu", "Poule|9 €/kg|pièce", "Prix", ProblemCode.PIECE_WEIGHT_MISSING),
        ("Nom|Prix|TVA", "Ail|2|cinq", "TVA", ProblemCode.VAT_UNREADABLE),
        ("Nom|Prix|Unité", "Ail|2|3 zorgs", "Unité", ProblemCode.CONTENT_UNIT_UNKNOWN),
        ("Nom|Prix|Unité", "Ail|2|comme ça", "Unité", ProblemCode.CONTENT_UNREADABLE),
        ("Nom|Prix|Unité", "Ail|2|0 g", "Unité", ProblemCode.CONTENT_NOT_ABOVE_ZERO),
        ("Nom|Prix|Vendu", "Ail|2|en tas", "Vendu", ProblemCode.SOLD_BY_UNKNOWN),
        ("Nom|Prix|Pas", "Ail|2|0,5", "Pas", ProblemCode.STEP_UNREADABLE),
        ("Nom|Prix|Pas", "Ail|2|0", "Pas", ProblemCode.STEP_UNREADABLE),
        ("Nom|Prix|Minimum", "Ail|2|peu", "Minimum", ProblemCode.MINIMUM_UNREADABLE),
        ("Nom|Prix|Colisage", "Ail|2|x", "Colisage", ProblemCode.CASE_UNREADABLE),
        ("Nom|Prix|Consigne", "Ail|2|-1", "Consigne", ProblemCode.DEPOSIT_UNREADABLE),
        ("Nom|Prix|Stock", "Ail|2|-3", "Stock", ProblemCode.STOCK_UNREADABLE),
        ("Nom|Prix|Dispo", "Ail|2|bof", "Dispo", ProblemCode.AVAILABILITY_UNREADABLE),
        ("Nom|Prix|Poids moyen", "Ail|2|lourd", "Poids moyen", ProblemCode.WEIGHT_UNREADABLE),
        ("Nom|Prix|Origine", f"Ail|2|{'x' * 201}", "Origine", ProblemCode.TEXT_TOO_LONG),
        (
            "Nom|Prix|Poids moyen|Poids mini",
            "Ail|2|100 g|200 g",
            "Poids moyen",
            ProblemCode.WEIGHTS_OUT_OF_ORDER,
        ),
    ],
)
def test_an_unusable_row_is_named_with_its_column_and_reason(
    headings: str, row: str, column: str, code: ProblemCode
) -> None:
    assert problem(headings, row) == (column, code)


def test_usable_rows_go_in_beside_unusable_ones() -> None:
    read = reading("Nom|Prix", "Ail|2", "", "Oignon|cher", "Navet|1,10")
    assert [(p.name, p.row) for p in read.products] == [("Ail", 2), ("Navet", 5)]
    assert [(p.row, p.facts) for p in read.problems] == [(4, {"value": "cher"})]
    assert read.row_count == 3


def test_a_reference_told_twice_names_both_rows_and_uses_neither() -> None:
    read = reading("Réf|Nom|Prix", "A|Ail|2", "B|Navet|1", "A|Ail rose|3")
    assert [p.reference for p in read.products] == ["B"]
    assert read.problems == tuple(
        RowProblem(row, "Réf", ProblemCode.DUPLICATE_REFERENCE, {"reference": "A", "rows": (2, 4)})
        for row in (2, 4)
    )


def test_the_same_reference_of_two_producers_is_no_double() -> None:
    read = reading("Réf|Nom|Prix|Producteur", "A|Ail|2|Lac", "A|Navet|1|Colline")
    assert len(read.products) == 2


def test_an_equal_row_told_twice_is_used_once_and_said() -> None:
    read = reading("Nom|Prix", "Ail|2", "Ail|2")
    assert len(read.products) == 1
    assert read.warnings == (
        RowProblem(3, "", WarningCode.DUPLICATE_ROW_IGNORED, {"first_row": 2}),
    )


def test_variants_under_a_name_and_titles_over_products_are_understood() -> None:
    read = reading(
        "Article|Variante|Prix|Unité",
        "LÉGUMES",
        "Pommes de terre",
        "|Filet|3,50|2 kg",
        "|Sac|12|10 kg",
        "FROMAGES",
        "Tomme|Entière|32|1,5 kg",
        "||17|750 g",
    )
    assert read.problems == ()
    assert [(p.name, p.variant, p.category, p.price.cents) for p in read.products] == [
        ("Pommes de terre", "Filet", "LÉGUMES", 350),
        ("Pommes de terre", "Sac", "LÉGUMES", 1200),
        ("Tomme", "Entière", "FROMAGES", 3200),
        ("Tomme", "", "FROMAGES", 1700),
    ]
    assert [(w.row, w.code) for w in read.warnings] == [
        (2, WarningCode.ROW_TAKEN_AS_CATEGORY),
        (4, WarningCode.NAME_TAKEN_FROM_ROW_ABOVE),
        (5, WarningCode.NAME_TAKEN_FROM_ROW_ABOVE),
        (6, WarningCode.ROW_TAKEN_AS_CATEGORY),
        (8, WarningCode.NAME_TAKEN_FROM_ROW_ABOVE),
    ]


def test_headings_repeated_on_a_new_page_are_no_product() -> None:
    read = reading("Nom|Prix", "Ail|2", "Nom|Prix", "Navet|1")
    assert [p.name for p in read.products] == ["Ail", "Navet"]
    assert read.problems == ()


@pytest.mark.parametrize(
    ("written", "storage"),
    [
        ("Frais", TemperatureClass.CHILLED),
        ("0-4 °C", TemperatureClass.CHILLED),
        ("Réfrigéré (+4°)", TemperatureClass.CHILLED),
        ("Surgelé", TemperatureClass.FROZEN),
        ("-18 °C", TemperatureClass.FROZEN),
        ("température ambiante", TemperatureClass.AMBIENT),
        ("20 °C", TemperatureClass.AMBIENT),
        ("", None),
    ],
)
def test_how_cold_it_travels_is_said_in_words_or_degrees(
    written: str, storage: TemperatureClass | None
) -> None:
    assert product("Nom|Prix|Conservation", f"Ail|2|{written}").storage is storage


def test_an_unknown_storage_or_label_is_said_and_the_row_used() -> None:
    read = reading("Nom|Prix|Conservation|Labels", "Ail|2|à la cave|AB, Étoile verte")
    assert read.products[0].labels == (Label.ORGANIC,)
    assert [(w.code, w.facts) for w in read.warnings] == [
        (WarningCode.LABELS_UNKNOWN, {"values": ("Étoile verte",)}),
        (WarningCode.STORAGE_UNKNOWN, {"value": "à la cave"}),
    ]


def test_labels_stand_in_the_note_only_where_no_column_has_them() -> None:
    nuts = product("Nom|Prix|Note", "Noix|2|bio ◎")
    assert (nuts.labels, nuts.note) == ((Label.ORGANIC,), "")
    told = product("Nom|Prix|Note", "Noix|2|dem, cassées à la main")
    assert (told.labels, told.note) == ((Label.DEMETER,), "dem, cassées à la main")
    assert product("Nom|Prix|Note", "Noix|2|pas encore bio").labels == ()
    assert product("Nom|Prix|Note|Labels", "Noix|2|bio|").labels == ()


def test_a_column_called_bio_takes_yes_and_no() -> None:
    assert product("Nom|Prix|Bio", "Noix|2|oui").labels == (Label.ORGANIC,)
    assert product("Nom|Prix|Bio", "Noix|2|non").labels == ()


def test_allergens_are_declared_in_full_or_not_at_all() -> None:
    headings = "Nom|Prix|Allergènes|Traces"
    assert product(headings, "Pain|2|blé, seigle|lait et noix").allergens == AllergenStatement(
        frozenset({Allergen.GLUTEN}), frozenset({Allergen.MILK, Allergen.NUTS})
    )
    assert product(headings, "Ail|2|aucun|").allergens == AllergenStatement()
    assert product(headings, "Ail|2||").allergens is None
    read = reading(headings, "Pain|2|gluten, poudre de lune|")
    assert read.products[0].allergens is None
    assert [w.code for w in read.warnings] == [WarningCode.ALLERGENS_UNKNOWN]


def test_typed_cells_and_text_cells_mean_the_same() -> None:
    headings = ("Réf", "Nom", "Prix", "TVA", "Unité", "Stock")
    typed: tuple[Cell, ...] = (
        Decimal(29932), "Noix", Decimal("2.5"), Decimal("0.055"), "kg", Decimal(4)
    )  # fmt: skip
    written: tuple[Cell, ...] = ("29932", "Noix", "2,50", "5,5 %", "kg", "4")
    both = [
        read_rows(Table((Row(1, headings), Row(2, cells)))).products for cells in (typed, written)
    ]
    assert both[0] == both[1]
    assert both[0][0].reference == "29932"


def test_the_reading_tells_which_fields_the_list_speaks_of() -> None:
    assert reading("Nom|Prix|Origine", "Ail|2|Lautrec").said == {"name", "price", "origin"}
    assert reading("Nom|Prix", "Ail|2 €/kg").said == {"name", "price", "price_unit", "ordered_in"}
