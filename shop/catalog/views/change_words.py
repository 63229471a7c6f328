"""Changes of a product in words: which part of it, from what, to what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from shop.catalog.domain.terms import TemperatureClass
from shop.catalog.queries.catalogue import OwnCatalogue
from shop.catalog.queries.product_changes import Change
from shop.catalog.views.words import allergen_name, label_name, temperature_name
from shop.kernel.quantity import Quantity, Unit
from shop.web import formats
from shop.web.locale import chosen_language

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Item:
    """One part of a product that changed."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Told:
    """One change, as its producer reads it."""

    at: datetime
    who: str
    items: list[Item]


def told(
    changes: list[Change], people: Mapping[int | None, str], catalogue: OwnCatalogue
) -> list[Told]:
    """Changes in words, without those that say nothing to a person."""
    found = []
    for change in changes:
        who = people.get(change.by_person_id) or ""
        if change.file_name:
            who = " · ".join(part for part in (who, change.file_name) if part)
        items = (
            [Item(_("The product"), NOTHING, _("new"))]
            if change.before is None
            else _items(change.before, change.after, catalogue)
        )
        if items:
            found.append(Told(change.at, who or _("by the clock"), items))
    return found


def _items(
    before: Mapping[str, Any], after: Mapping[str, Any], catalogue: OwnCatalogue
) -> list[Item]:
    labels = _labels()
    return [
        Item(
            labels[name],
            _value(name, before.get(name), {**after, **before}, catalogue),
            _value(name, after[name], after, catalogue),
        )
        for name in after
        if name in labels and before.get(name) != after[name]
    ]


def _labels() -> dict[str, str]:
    return {
        "price_cents": _("Price incl. tax"),
        "name": _("Name"),
        "name_en": _("Name in English"),
        "reference": _("Your reference"),
        "description": _("Description"),
        "category_id": _("Category"),
        "order_unit": _("Customers order"),
        "price_unit": _("The price is for"),
        "content_amount": _("Net content of a piece"),
        "nominal_g": _("Usual weight of a piece"),
        "deposit_cents": _("Deposit for the container"),
        "temperature_class": _("Storage"),
        "labels": _("Signs of quality"),
        "allergens": _("Allergens it contains"),
        "origin": _("Origin"),
        "usual_allotment": _("Usual quantity per sale"),
        "retired": _("In the catalogue"),
    }


def _value(name: str, value: Any, around: Mapping[str, Any], catalogue: OwnCatalogue) -> str:
    if name == "retired":
        return str(_("no") if value else _("yes"))
    if value in (None, "", []):
        return NOTHING
    if name in ("price_cents", "deposit_cents"):
        return formats.money(value)
    if name in ("price_unit", "order_unit"):
        return formats.price_unit(Unit(value))
    if name == "category_id":
        shelf = catalogue.shelves.get(value)
        return shelf.name(chosen_language()) if shelf else NOTHING
    if name == "content_amount":
        unit = around.get("content_unit")
        return formats.quantity(Quantity(value, Unit(unit))) if unit else formats.number(value)
    if name == "nominal_g":
        return formats.kilograms(value)
    if name == "temperature_class":
        return temperature_name(TemperatureClass(value))
    if name == "labels":
        return ", ".join(label_name(code) for code in value)
    if name == "allergens":
        return ", ".join(allergen_name(code) for code in value)
    if isinstance(value, int):
        return formats.number(value)
    return str(value)
