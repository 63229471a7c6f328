"""Our own list: the headings we offer, and products written so that nothing is lost on return."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from shop.catalog.domain.labels import name_of
from shop.catalog.domain.sheet.allergens import allergens_text
from shop.catalog.domain.sheet.columns import Column
from shop.catalog.domain.sheet.product import SheetProduct, WeightRange
from shop.catalog.domain.sheet.units import content_text, quantity_text
from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit

TemplateCell: TypeAlias = str | int | Decimal | Money | None
"""What stands in a cell of the template."""


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column of our own list, with its heading in both languages."""

    column: Column
    french: str
    english: str

    def heading(self, language: str = "fr") -> str:
        """The heading in French, or in English for any other language."""
        return self.french if language == "fr" else self.english


TEMPLATE_COLUMNS: tuple[TemplateColumn, ...] = (
    TemplateColumn(Column.REFERENCE, "Référence", "Reference"),
    TemplateColumn(Column.NAME, "Nom", "Name"),
    TemplateColumn(Column.VARIANT, "Variante", "Variant"),
    TemplateColumn(Column.CATEGORY, "Catégorie", "Category"),
    TemplateColumn(Column.PRICE, "Prix TTC", "Price incl. VAT"),
    TemplateColumn(Column.PRICE_UNIT, "Prix par", "Price per"),
    TemplateColumn(Column.VAT, "TVA %", "VAT %"),
    TemplateColumn(Column.SOLD_BY, "Vendu", "Sold by"),
    TemplateColumn(Column.PIECE_WORD, "Unité de vente", "Sales unit"),
    TemplateColumn(Column.CONTENT, "Contenance", "Content"),
    TemplateColumn(Column.STEP, "Pas de commande", "Order step"),
    TemplateColumn(Column.MINIMUM, "Minimum de commande", "Minimum order"),
    TemplateColumn(Column.CASE_SIZE, "Colisage", "Case size"),
    TemplateColumn(Column.STOCK, "Stock", "Stock"),
    TemplateColumn(Column.AVAILABLE, "Disponible", "Available"),
    TemplateColumn(Column.DEPOSIT, "Consigne", "Deposit"),
    TemplateColumn(Column.NOMINAL_WEIGHT, "Poids moyen (g)", "Average weight (g)"),
    TemplateColumn(Column.MIN_WEIGHT, "Poids minimum (g)", "Minimum weight (g)"),
    TemplateColumn(Column.MAX_WEIGHT, "Poids maximum (g)", "Maximum weight (g)"),
    TemplateColumn(Column.WEIGHT_MARGIN, "Marge de poids %", "Weight margin %"),
    TemplateColumn(Column.LABELS, "Labels", "Labels"),
    TemplateColumn(Column.STORAGE, "Conservation", "Storage"),
    TemplateColumn(Column.ALLERGENS, "Allergènes", "Allergens"),
    TemplateColumn(Column.TRACES, "Traces possibles", "Possible traces"),
    TemplateColumn(Column.ORIGIN, "Origine", "Origin"),
    TemplateColumn(Column.MANUFACTURER, "Fabricant", "Manufacturer"),
    TemplateColumn(Column.PRODUCER, "Producteur", "Producer"),
    TemplateColumn(Column.DESCRIPTION, "Description", "Description"),
    TemplateColumn(Column.NOTE, "Note", "Note"),
)
"""The columns of our own list, in order; every attribute of a product stands in one of them."""

_PRICE_UNITS = {
    Unit.PIECE: ("pièce", "piece"),
    Unit.GRAM: ("kg", "kg"),
    Unit.MILLILITER: ("litre", "litre"),
}
_SOLD_BY = {
    Unit.PIECE: ("à la pièce", "by the piece"),
    Unit.GRAM: ("au poids", "by weight"),
    Unit.MILLILITER: ("au volume", "by volume"),
}
_STORAGE = {
    TemperatureClass.AMBIENT: ("ambiant", "ambient"),
    TemperatureClass.CHILLED: ("frais", "chilled"),
    TemperatureClass.FROZEN: ("surgelé", "frozen"),
}


def template_headings(language: str = "fr") -> list[str]:
    """The headings of our own list."""
    return [column.heading(language) for column in TEMPLATE_COLUMNS]


def template_rows(
    products: Iterable[SheetProduct], language: str = "fr"
) -> list[list[TemplateCell]]:
    """One row per product, a cell per column of ``TEMPLATE_COLUMNS``; read back, they are equal."""
    return [
        [_WRITERS[column.column](product, language) for column in TEMPLATE_COLUMNS]
        for product in products
    ]


def _counted(quantity: Quantity | None, language: str) -> TemplateCell:
    """Pieces as a number, weights and volumes with their unit."""
    if quantity is None:
        return None
    return quantity.amount if quantity.unit is Unit.PIECE else quantity_text(quantity, language)


def _percent(basis_points: int | None) -> TemplateCell:
    return None if basis_points is None else Decimal(basis_points).scaleb(-2)


def _rate(basis_points: int | None) -> TemplateCell:
    """A rate; one below 0.35 % is written with its sign, as a bare number it reads 35 %."""
    if basis_points is not None and 0 < basis_points < 35:
        return f"{Decimal(basis_points).scaleb(-2)} %"
    return _percent(basis_points)


def _stock(product: SheetProduct, language: str) -> TemplateCell:
    if product.unlimited:
        return "illimité" if language == "fr" else "unlimited"
    return _counted(product.stock, language)


def _content(product: SheetProduct, language: str) -> TemplateCell:
    if product.content is None:
        return None
    return content_text(product.content, product.pack_count, language)


def _labels(product: SheetProduct, language: str) -> TemplateCell:
    return ", ".join(name_of(label, language) for label in product.labels)


def _contains(product: SheetProduct, language: str) -> TemplateCell:
    statement = product.allergens
    return None if statement is None else allergens_text(statement.contains, language)


def _traces(product: SheetProduct, language: str) -> TemplateCell:
    statement = product.allergens
    return None if statement is None else allergens_text(statement.may_contain, language)


def _storage(product: SheetProduct, language: str) -> TemplateCell:
    return None if product.storage is None else _in(_STORAGE[product.storage], language)


def _available(product: SheetProduct, language: str) -> TemplateCell:
    return _in(("oui", "yes") if product.available else ("non", "no"), language)


def _weight(product: SheetProduct) -> WeightRange:
    return product.weight or WeightRange()


def _in(words: tuple[str, str], language: str) -> str:
    return words[0 if language == "fr" else 1]


_WRITERS: dict[Column, Callable[[SheetProduct, str], TemplateCell]] = {
    Column.REFERENCE: lambda product, _: product.reference,
    Column.NAME: lambda product, _: product.name,
    Column.VARIANT: lambda product, _: product.variant,
    Column.CATEGORY: lambda product, _: product.category,
    Column.PRICE: lambda product, _: product.price,
    Column.PRICE_UNIT: lambda product, language: _in(_PRICE_UNITS[product.price_unit], language),
    Column.VAT: lambda product, _: _rate(product.vat_bp),
    Column.SOLD_BY: lambda product, language: _in(_SOLD_BY[product.ordered_in], language),
    Column.PIECE_WORD: lambda product, _: product.piece_word,
    Column.CONTENT: _content,
    Column.STEP: lambda product, language: _counted(product.order_step, language),
    Column.MINIMUM: lambda product, language: _counted(product.minimum, language),
    Column.CASE_SIZE: lambda product, language: _counted(product.case_size, language),
    Column.STOCK: _stock,
    Column.AVAILABLE: _available,
    Column.DEPOSIT: lambda product, _: product.deposit if product.deposit else None,
    Column.NOMINAL_WEIGHT: lambda product, _: _weight(product).nominal_g,
    Column.MIN_WEIGHT: lambda product, _: _weight(product).min_g,
    Column.MAX_WEIGHT: lambda product, _: _weight(product).max_g,
    Column.WEIGHT_MARGIN: lambda product, _: _rate(_weight(product).margin_bp),
    Column.LABELS: _labels,
    Column.STORAGE: _storage,
    Column.ALLERGENS: _contains,
    Column.TRACES: _traces,
    Column.ORIGIN: lambda product, _: product.origin,
    Column.MANUFACTURER: lambda product, _: product.manufacturer,
    Column.PRODUCER: lambda product, _: product.producer,
    Column.DESCRIPTION: lambda product, _: product.description,
    Column.NOTE: lambda product, _: product.note,
}
