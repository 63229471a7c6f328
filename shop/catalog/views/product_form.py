"""Between the form of a product and the product."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from shop.catalog.domain.labels import Label, in_order
from shop.catalog.domain.sheet import DEFAULT_STEPS, SheetProduct, WeightRange
from shop.catalog.domain.sheet.allergens import Allergen, AllergenStatement
from shop.catalog.domain.terms import TemperatureClass
from shop.catalog.queries.catalogue import CatalogueRow, OwnCatalogue
from shop.catalog.views.fields import amount_typed
from shop.catalog.views.forms import ProductForm
from shop.kernel.money import Money
from shop.kernel.quantity import UNITS_PER_PRICE, Quantity, Unit
from shop.web.formats import percent
from shop.web.locale import chosen_language

_CONTENT_UNITS = {
    "g": (Unit.GRAM, 1),
    "kg": (Unit.GRAM, 1000),
    "ml": (Unit.MILLILITER, 1),
    "cl": (Unit.MILLILITER, 10),
    "l": (Unit.MILLILITER, 1000),
    "piece": (Unit.PIECE, 1),
}


def prepare(form: ProductForm, catalogue: OwnCatalogue) -> None:
    """Give the form its choices, before it is checked."""
    language = chosen_language()
    rates = sorted(set(catalogue.rates.values()))
    form.offer(
        [(shelf.id, shelf.name(language)) for shelf in catalogue.shelves.values()],
        [(rate, percent(rate)) for rate in rates],
    )


def values_of(catalogue: OwnCatalogue, row: CatalogueRow) -> dict[str, Any]:
    """What the form shows of a product."""
    stored = row.stored
    product = catalogue.listed(row.id)
    shelf = catalogue.shelves[stored.category_id]
    content, content_unit = _content_shown(product.content)
    own_rate = catalogue.rates.get(shelf.tax_class)
    statement = product.allergens
    return {
        "name": stored.name,
        "name_en": row.name_en or "",
        "category_id": stored.category_id,
        "sold_by": stored.order_unit.value,
        "price": stored.price_cents,
        "price_unit": stored.price_unit.value,
        "content": content,
        "content_unit": content_unit,
        "nominal_g": None if stored.nominal_g is None else Decimal(stored.nominal_g),
        "allotment": None
        if stored.usual_allotment is None
        else Decimal(stored.usual_allotment) / UNITS_PER_PRICE[stored.order_unit],
        "description": stored.description,
        "storage": ""
        if stored.temperature_class is shelf.temperature_class
        else stored.temperature_class.value,
        "vat": "" if product.vat_bp in (None, own_rate) else str(product.vat_bp),
        "deposit": stored.deposit_cents or None,
        "origin": stored.origin or "",
        "reference": product.reference or "",
        "labels": list(stored.labels),
        "allergens": list(stored.allergens),
        "no_allergen": statement is not None and not statement.contains,
    }


def product_of(
    form: ProductForm, catalogue: OwnCatalogue, known: SheetProduct | None
) -> SheetProduct | None:
    """The product that a checked form says; None when errors were put at its fields.

    What the form does not ask of ``known`` is kept.
    """
    sold_by, price_unit = Unit(form.sold_by.data), Unit(form.price_unit.data)
    if sold_by is not Unit.PIECE:
        price_unit = sold_by
    content = _content_typed(form) if sold_by is Unit.PIECE else None
    weight = _weight(form, known, sold_by)
    stock = _allotment(form, sold_by)
    if sold_by is Unit.PIECE and price_unit is not Unit.PIECE:
        _need_measure(form, price_unit, content, weight)
    if form.errors:
        return None
    shelf = catalogue.shelves[form.category_id.data]
    base = known or SheetProduct(name=form.name.data, price=Money(0))
    same_unit = base.ordered_in is sold_by
    renamed = known is None or form.name.data != catalogue.rows[known.row].stored.name
    given: dict[str, Any] = {}
    if renamed:
        given |= {"name": form.name.data, "variant": ""}
    if not same_unit or known is None:
        step = Quantity(DEFAULT_STEPS[sold_by], sold_by)
        given |= {"order_step": step, "minimum": None, "case_size": None}
    return replace(
        base,
        price=Money(form.price.data),
        price_unit=price_unit,
        ordered_in=sold_by,
        content=content,
        pack_count=base.pack_count if content == base.content else 1,
        weight=weight,
        stock=stock,
        unlimited=base.unlimited and stock is None,
        description=form.description.data or "",
        storage=TemperatureClass(form.storage.data or shelf.temperature_class),
        vat_bp=int(form.vat.data) if form.vat.data else catalogue.rates.get(shelf.tax_class),
        deposit=Money(form.deposit.data or 0),
        origin=form.origin.data or "",
        reference=form.reference.data or None,
        labels=in_order({Label(code) for code in form.labels.data}),
        allergens=_statement(form, known),
        **given,
    )


def _content_typed(form: ProductForm) -> Quantity | None:
    if form.content.data is None:
        return None
    unit, factor = _CONTENT_UNITS[form.content_unit.data]
    amount = form.content.data * factor
    if amount <= 0 or amount != amount.to_integral_value():
        _refuse(form.content, _("Give a content above zero, in whole grams or milliliters."))
        return None
    return Quantity(int(amount), unit)


def _content_shown(content: Quantity | None) -> tuple[Decimal | None, str]:
    if content is None:
        return None, "g"
    if content.unit is Unit.PIECE:
        return Decimal(content.amount), "piece"
    large, small = ("kg", "g") if content.unit is Unit.GRAM else ("l", "ml")
    if content.amount >= 1000:
        return Decimal(content.amount).scaleb(-3), large
    if small == "ml" and content.amount % 10 == 0:
        return Decimal(content.amount // 10), "cl"
    return Decimal(content.amount), small


def _weight(form: ProductForm, known: SheetProduct | None, sold_by: Unit) -> WeightRange | None:
    before = known.weight if known else None
    nominal = form.nominal_g.data
    if sold_by is not Unit.PIECE or nominal is None:
        return None
    if nominal <= 0 or nominal != nominal.to_integral_value():
        _refuse(form.nominal_g, _("Give a weight above zero, in whole grams."))
        return None
    grams = int(nominal)
    if before is None:
        return WeightRange(grams)
    least = before.min_g if before.min_g and before.min_g <= grams else None
    most = before.max_g if before.max_g and before.max_g >= grams else None
    return WeightRange(grams, least, most, before.margin_bp)


def _need_measure(
    form: ProductForm, price_unit: Unit, content: Quantity | None, weight: WeightRange | None
) -> None:
    """A piece priced by weight or volume needs one."""
    held = content.unit if content is not None else None
    if price_unit is Unit.GRAM and (weight or held is Unit.GRAM):
        return
    if price_unit is Unit.MILLILITER and weight is None and held is Unit.MILLILITER:
        return
    if not (form.content.errors or form.nominal_g.errors):
        if price_unit is Unit.GRAM:
            _refuse(form.nominal_g, _("Priced by the kilogram: say what a piece usually weighs."))
        else:
            _refuse(form.content, _("Priced by the liter: say how much a piece holds."))


def _allotment(form: ProductForm, unit: Unit) -> Quantity | None:
    if form.allotment.data is None:
        return None
    try:
        amount = amount_typed(f"{form.allotment.data:f}", unit)
    except ValueError as error:
        _refuse(form.allotment, str(error))
        return None
    return None if amount is None else Quantity(amount, unit)


def _statement(form: ProductForm, known: SheetProduct | None) -> AllergenStatement | None:
    contains = frozenset(Allergen(code) for code in form.allergens.data)
    before = known.allergens if known else None
    traces = (before.may_contain if before else frozenset()) - contains
    if contains or traces or form.no_allergen.data:
        return AllergenStatement(contains, traces)
    return None


def _refuse(field: Any, text: str) -> None:
    field.errors = [*field.errors, text]
