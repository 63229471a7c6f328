"""Sentences about a producer's list: columns, problems by row, what changes, why it was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext

from shop.catalog.domain.labels import name_of
from shop.catalog.domain.sheet import Column
from shop.catalog.domain.sheet_record import typed_value
from shop.catalog.domain.terms import ImportState
from shop.catalog.views.words import allergen_name, temperature_name
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit
from shop.web.formats import money, percent, quantity
from shop.web.locale import chosen_language

Facts = Mapping[str, Any]


def _(text: str, **facts: Any) -> str:
    return str(gettext(text, **facts))


def column_name(column: Column | str | None) -> str:
    """What a column of a list says."""
    names: dict[str, str] = {
        Column.REFERENCE: _("Reference"),
        Column.NAME: _("Name"),
        Column.VARIANT: _("Variant"),
        Column.DESCRIPTION: _("Description"),
        Column.CATEGORY: _("Category"),
        Column.PRODUCER: _("Producer"),
        Column.PRICE: _("Price incl. tax"),
        Column.PRICE_PER_KG: _("Price incl. tax per kilogram"),
        Column.PRICE_PER_L: _("Price incl. tax per liter"),
        Column.PRICE_NET: _("Price without tax"),
        Column.PRICE_NET_PER_KG: _("Price without tax per kilogram"),
        Column.PRICE_NET_PER_L: _("Price without tax per liter"),
        Column.PRICE_UNIT: _("What the price is for"),
        Column.VAT: _("Tax rate"),
        Column.TAX_CATEGORY: _("Kind of tax"),
        Column.SOLD_BY: _("Sold by piece or by weight"),
        Column.CONTENT: _("Content or unit"),
        Column.CONTENT_UNIT: _("Unit of the content"),
        Column.PIECE_WORD: _("What a piece is called"),
        Column.CASE_SIZE: _("Pieces per case"),
        Column.STEP: _("Order step"),
        Column.STEP_UNIT: _("Unit of the order step"),
        Column.MINIMUM: _("Least one orders"),
        Column.DEPOSIT: _("Deposit"),
        Column.NOMINAL_WEIGHT: _("Usual weight"),
        Column.MIN_WEIGHT: _("Least weight"),
        Column.MAX_WEIGHT: _("Greatest weight"),
        Column.WEIGHT_MARGIN: _("Margin of weight"),
        Column.ORIGIN: _("Origin"),
        Column.MANUFACTURER: _("Maker"),
        Column.NOTE: _("Note"),
        Column.LABELS: _("Signs of quality"),
        Column.STORAGE: _("Storage"),
        Column.SHIPPING_CATEGORY: _("Kind of transport"),
        Column.ALLERGENS: _("Allergens"),
        Column.TRACES: _("Possible traces"),
        Column.STOCK: _("Quantity available"),
        Column.ON_DEMAND: _("Without limit"),
        Column.AVAILABLE: _("For sale"),
        Column.IGNORED: _("Known, not used"),
    }
    return names[column] if column else _("Not used")


def field_name(field: str) -> str:
    """An attribute of a product, as people call it."""
    names = {
        "price": _("Price"),
        "price_unit": _("Price for"),
        "ordered_in": _("Sold by"),
        "order_step": _("Order step"),
        "vat_bp": _("Tax rate"),
        "content": _("Content"),
        "pack_count": _("Parts in a pack"),
        "piece_word": _("What a piece is called"),
        "case_size": _("Pieces per case"),
        "minimum": _("Least one orders"),
        "deposit": _("Deposit"),
        "weight": _("Weight"),
        "labels": _("Signs of quality"),
        "storage": _("Storage"),
        "allergens": _("Allergens"),
        "stock": _("Quantity available"),
        "unlimited": _("Without limit"),
        "available": _("For sale"),
        "manufacturer": _("Maker"),
    }
    return names.get(field) or column_name(Column(field))


def value_text(field: str, plain: Any) -> str:
    """A value of ``sheet_record`` as people read it; a dash when there is none."""
    value = typed_value(field, plain)
    if value is None or value in ("", ()):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, Quantity):
        return quantity(value)
    if isinstance(value, Unit):
        return unit_name(value)
    if field == "vat_bp":
        return percent(value)
    if field == "weight":
        sizes = [value.min_g, value.nominal_g, value.max_g]
        return " · ".join(quantity(Quantity.grams(g)) for g in sizes if g is not None) or "–"
    if field == "labels":
        return ", ".join(name_of(label, chosen_language()) for label in value)
    if field == "storage":
        return temperature_name(value)
    if field == "allergens":
        return _allergens_text(plain)
    return str(value)


def unit_name(unit: Unit) -> str:
    """What one price or one order counts in."""
    names: dict[Unit, str] = {
        Unit.PIECE: _("the piece"),
        Unit.GRAM: _("the kilogram"),
        Unit.MILLILITER: _("the liter"),
    }
    return names[unit]


def _allergens_text(plain: Any) -> str:
    contains = ", ".join(allergen_name(code) for code in plain["contains"]) or _("none")
    traces = ", ".join(allergen_name(code) for code in plain["may_contain"])
    return (
        _("%(contains)s; traces: %(traces)s", contains=contains, traces=traces)
        if traces
        else contains
    )


def problem_text(code: str, facts: Facts) -> str:
    """Why a row cannot be used."""
    sentences: dict[str, Callable[[], str]] = {
        "name_missing": lambda: _("The name is missing."),
        "price_missing": lambda: _("The price is missing."),
        "price_unreadable": lambda: _("“%(value)s” is not a price.", **_of(facts)),
        "price_negative": lambda: _("The price %(value)s is below zero.", **_of(facts)),
        "price_too_high": lambda: _(
            "The price %(value)s is more than %(limit)s: is the decimal mark missing?",
            value=facts.get("value", ""),
            limit=money(int(facts.get("limit_cents", 0))),
        ),
        "price_unit_unknown": lambda: _(
            "“%(value)s” is not something a price can be for: write kg, litre or piece.",
            **_of(facts),
        ),
        "price_unit_conflict": lambda: _(
            "The price is for another unit than the content “%(content)s”.",
            content=facts.get("content", ""),
        ),
        "vat_unreadable": lambda: _("“%(value)s” is not a tax rate.", **_of(facts)),
        "vat_missing_for_net_price": lambda: _(
            "The price is without tax and the tax rate is missing."
        ),
        "content_unreadable": lambda: _(
            "“%(value)s” is not a content we understand.", **_of(facts)
        ),
        "content_unit_unknown": lambda: _(
            "“%(value)s” has no unit we know: write g, kg, ml, cl, l or piece.", **_of(facts)
        ),
        "content_not_above_zero": lambda: _("The content must be above zero."),
        "sold_by_unknown": lambda: _(
            "“%(value)s”: write “by the piece” or “by weight”.", **_of(facts)
        ),
        "piece_weight_missing": lambda: _(
            "Sold by the piece and priced by the kilogram: say what a piece usually weighs."
        ),
        "weight_unreadable": lambda: _("“%(value)s” is not a weight.", **_of(facts)),
        "weights_out_of_order": lambda: _(
            "The usual weight must lie between the least and the greatest."
        ),
        "step_unreadable": lambda: _("“%(value)s” is not an order step.", **_of(facts)),
        "minimum_unreadable": lambda: _("“%(value)s” is not a least quantity.", **_of(facts)),
        "case_unreadable": lambda: _("“%(value)s” is not a number of pieces.", **_of(facts)),
        "deposit_unreadable": lambda: _("“%(value)s” is not a deposit.", **_of(facts)),
        "stock_unreadable": lambda: _("“%(value)s” is not a quantity.", **_of(facts)),
        "availability_unreadable": lambda: _("“%(value)s”: write yes or no.", **_of(facts)),
        "text_too_long": lambda: _(
            "The text has %(length)s characters; %(limit)s is the most.",
            length=facts.get("length", ""),
            limit=facts.get("limit", ""),
        ),
        "duplicate_reference": lambda: _(
            "The reference “%(reference)s” stands on several rows: %(rows)s.",
            reference=facts.get("reference", ""),
            rows=_joined(facts.get("rows", ())),
        ),
        "duplicate_product": lambda: _(
            "“%(name)s” stands on several rows that differ: %(rows)s.",
            name=facts.get("name", ""),
            rows=_joined(facts.get("rows", ())),
        ),
    }
    return sentences[code]() if code in sentences else code


def warning_text(code: str, facts: Facts) -> str:
    """What the reader decided by itself about a row."""
    sentences: dict[str, Callable[[], str]] = {
        "price_rounded": lambda: _(
            "The price %(value)s was rounded to %(price)s.",
            value=facts.get("value", ""),
            price=money(int(facts.get("cents", 0))),
        ),
        "price_zero": lambda: _("The price is zero."),
        "storage_unknown": lambda: _(
            "“%(value)s” is no storage we know: the category decides.", **_of(facts)
        ),
        "labels_unknown": lambda: _(
            "Not a sign of quality we know: %(values)s.", values=_joined(facts.get("values", ()))
        ),
        "allergens_unknown": lambda: _(
            "Not an allergen we know: %(values)s. The row counts as not declared.",
            values=_joined(facts.get("values", ())),
        ),
        "row_taken_as_category": lambda: _(
            "Taken for the title of a category: “%(category)s”.",
            category=facts.get("category", ""),
        ),
        "name_taken_from_row_above": lambda: _(
            "The name “%(name)s” was taken from row %(row)s.",
            name=facts.get("name", ""),
            row=facts.get("from_row", ""),
        ),
        "duplicate_row_ignored": lambda: _(
            "Says the same as row %(row)s: counted once.", row=facts.get("first_row", "")
        ),
    }
    return sentences[code]() if code in sentences else code


def notice_text(code: str, facts: Facts) -> str:
    """Something about the whole file."""
    if code == "no_rows":
        return _("The file has headings and no products yet.")
    if code == "no_headings":
        return _("No row looks like headings. Tell us below what each column says.")
    if code == "columns_missing":
        missing = ", ".join(column_name(name) for name in facts.get("fields", ()))
        return _(
            "We did not find these columns: %(columns)s. Point at them below.", columns=missing
        )
    return _("Columns we did not use: %(headings)s.", headings=_joined(facts.get("headings", ())))


def refusal_text(code: str, facts: Facts) -> str:
    """Why a whole file was refused."""
    if code == "sheet_too_large":
        return _("The file is too large. Bring at most 10,000 rows and 10 MB at a time.")
    texts = {
        "sheet_empty": _("The file is empty."),
        "sheet_encrypted": _("The file asks for a password. Save it without one."),
        "sheet_format_unknown": _(
            "This is not a spreadsheet. Bring a .xlsx, .xls, .ods or .csv file."
        ),
        "sheet_unreadable": _(
            "The file is damaged, or holds no table. Open it, save it again and retry."
        ),
        "categories_missing": _("Choose a category for each word of the file first."),
    }
    return texts.get(code) or _("The file could not be taken in.")


def import_state(state: ImportState) -> tuple[str, str]:
    """State of a file in words, and the kind of its badge."""
    states: dict[ImportState, tuple[str, str]] = {
        ImportState.UPLOADED: (_("Being read"), "info"),
        ImportState.READ: (_("To check"), "look"),
        ImportState.APPLIED: (_("Taken in"), "good"),
        ImportState.REFUSED: (_("Refused"), "bad"),
        ImportState.DISCARDED: (_("Put aside"), ""),
    }
    return states[state]


def _of(facts: Facts) -> dict[str, Any]:
    return {"value": facts.get("value", "")}


def _joined(values: Any) -> str:
    return ", ".join(str(value) for value in values)
