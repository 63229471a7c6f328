"""A listed product as plain values, to be kept in a database, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from shop.catalog.domain.labels import Label, in_order
from shop.catalog.domain.sheet.allergens import Allergen, AllergenStatement
from shop.catalog.domain.sheet.product import SheetProduct, WeightRange
from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit

_MONEY = frozenset({"price", "deposit"})
_UNITS = frozenset({"price_unit", "ordered_in"})
_QUANTITIES = frozenset({"order_step", "content", "case_size", "minimum", "stock"})
_ALWAYS = frozenset({"name", "price", "order_step", "row"})
_USUAL = {
    field.name: field.default for field in fields(SheetProduct) if field.name not in _ALWAYS
} | {"deposit": Money.zero()}


def as_record(product: SheetProduct) -> dict[str, Any]:
    """``product`` as JSON values; what is as usual is left out."""
    values = {field.name: getattr(product, field.name) for field in fields(product)}
    return {
        name: plain_value(name, value)
        for name, value in values.items()
        if name in _ALWAYS or value != _USUAL[name]
    }


def from_record(record: Mapping[str, Any]) -> SheetProduct:
    """The product of ``as_record``."""
    return SheetProduct(**{name: typed_value(name, value) for name, value in record.items()})


def plain_value(field: str, value: Any) -> Any:
    """One attribute of a product as a JSON value."""
    if value is None:
        return None
    if field in _MONEY:
        return value.cents
    if field in _QUANTITIES:
        return [value.amount, value.unit.value]
    if field == "weight":
        return [value.nominal_g, value.min_g, value.max_g, value.margin_bp]
    if field == "labels":
        return [label.value for label in value]
    if field == "allergens":
        return {
            "contains": _in_order(value.contains),
            "may_contain": _in_order(value.may_contain),
        }
    if field in _UNITS or field == "storage":
        return value.value
    return value


def typed_value(field: str, value: Any) -> Any:
    """The attribute that ``plain_value`` wrote."""
    if value is None:
        return None
    if field in _MONEY:
        return Money(value)
    if field in _QUANTITIES:
        return Quantity(value[0], Unit(value[1]))
    if field == "weight":
        return WeightRange(*value)
    if field == "labels":
        return in_order({Label(code) for code in value})
    if field == "allergens":
        return AllergenStatement(
            frozenset(Allergen(code) for code in value["contains"]),
            frozenset(Allergen(code) for code in value["may_contain"]),
        )
    if field in _UNITS:
        return Unit(value)
    if field == "storage":
        return TemperatureClass(value)
    return value


def _in_order(allergens: frozenset[Allergen]) -> list[str]:
    return [allergen.value for allergen in Allergen if allergen in allergens]
