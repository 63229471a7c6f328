"""One product in two shapes: the row of a producer's list, and what the catalogue keeps.

What a list says and the catalogue has no column for is kept beside it in ``listed``, so that the
same list brought again changes nothing, and a list taken away and brought back is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shop.catalog.domain.labels import Label, in_order
from shop.catalog.domain.sheet.allergens import Allergen, AllergenStatement
from shop.catalog.domain.sheet.product import SheetProduct, WeightRange
from shop.catalog.domain.sheet_record import plain_value, typed_value
from shop.catalog.domain.terms import TaxClass, TemperatureClass
from shop.kernel.folding import fold, slugify
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit

USUAL_MARGIN_BP = 1500
"""How far above the estimate a weighed amount may be charged, when nobody says."""

_KEPT_BESIDE = ("piece_word", "pack_count", "case_size", "minimum", "manufacturer", "note")
_BETWEEN = " – "


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category of the shop, and what it makes of products that say nothing else."""

    id: int
    slug: str
    name_fr: str
    name_en: str
    tax_class: TaxClass
    temperature_class: TemperatureClass
    picture: str

    def name(self, language: str) -> str:
        """The name in French, or in English."""
        return self.name_en if language == "en" else self.name_fr


@dataclass(frozen=True, slots=True)
class Stored:
    """The columns of a product that its list speaks of."""

    category_id: int
    name: str
    description: str
    order_unit: Unit
    order_step: int
    price_unit: Unit
    price_cents: int
    content_amount: int | None
    content_unit: Unit | None
    nominal_g: int | None
    min_g: int | None
    max_g: int | None
    margin_bp: int
    deposit_cents: int
    tax_class: TaxClass
    temperature_class: TemperatureClass
    labels: list[str]
    allergens: list[str]
    origin: str | None
    usual_allotment: int | None
    retired: bool
    listed: dict[str, Any] = field(default_factory=dict)


def stored(
    product: SheetProduct,
    shelf: Shelf,
    rates: Mapping[TaxClass, int],
    tax_class: TaxClass | None = None,
) -> Stored:
    """``product`` as the catalogue keeps it, on ``shelf``.

    ``rates`` are the rates of the day in hundredths of a percent; ``tax_class`` is what the
    product is now, kept while its rate is the one that the list says.
    """
    nominal, least, most = _weights(product)
    statement = product.allergens
    content = product.content
    kind = _tax_class(product.vat_bp, tax_class or shelf.tax_class, rates)
    return Stored(
        category_id=shelf.id,
        name=full_name(product.name, product.variant),
        description=product.description,
        order_unit=product.ordered_in,
        order_step=max(1, product.order_step.amount),
        price_unit=product.price_unit,
        price_cents=product.price.cents,
        content_amount=content.amount if content else None,
        content_unit=content.unit if content else None,
        nominal_g=nominal,
        min_g=least,
        max_g=most,
        margin_bp=_margin(product.weight),
        deposit_cents=product.deposit.cents,
        tax_class=kind,
        temperature_class=product.storage or shelf.temperature_class,
        labels=[label.value for label in product.labels],
        allergens=[a.value for a in Allergen if statement and a in statement.contains],
        origin=product.origin or None,
        usual_allotment=None if product.stock is None else product.stock.amount,
        retired=not product.available,
        listed=_beside(product, rates.get(kind)),
    )


def listed(
    row: Stored, shelf: Shelf, rates: Mapping[TaxClass, int], *, reference: str, key: int
) -> SheetProduct:
    """What a list would say to mean the product ``row``; ``key`` stands in for the row number."""
    beside = row.listed
    name, variant = row.name, ""
    if beside.get("variant") and row.name == full_name(beside.get("name", ""), beside["variant"]):
        name, variant = beside["name"], beside["variant"]
    given = {field: typed_value(field, beside[field]) for field in _KEPT_BESIDE if field in beside}
    unlimited = bool(beside.get("unlimited")) and row.usual_allotment is None
    stock = row.usual_allotment
    return SheetProduct(
        name=name,
        variant=variant,
        reference=None if beside.get("reference_made") else reference,
        price=Money(row.price_cents),
        price_unit=row.price_unit,
        ordered_in=row.order_unit,
        order_step=Quantity(row.order_step, row.order_unit),
        description=row.description,
        category=beside.get("category", shelf.name_fr),
        vat_bp=beside.get("vat_bp", rates.get(row.tax_class)),
        content=_content(row),
        deposit=Money(row.deposit_cents),
        weight=_weight(row),
        origin=row.origin or "",
        labels=in_order({Label(code) for code in row.labels if code in set(Label)}),
        storage=row.temperature_class,
        allergens=_statement(row),
        stock=None if stock is None or unlimited else Quantity(stock, row.order_unit),
        unlimited=unlimited,
        available=not row.retired,
        row=key,
        **given,
    )


def full_name(name: str, variant: str) -> str:
    """Name and variant as customers read them."""
    return f"{name}{_BETWEEN}{variant}" if variant else name


def made_reference(product: SheetProduct, taken: Iterable[str]) -> str:
    """A reference for a product whose list gives none: from its words, free among ``taken``."""
    words = [product.name, product.variant]
    if product.content is not None:
        words.append(f"{product.content.amount} {product.content.unit.value[:1]}")
    base = slugify(" ".join(words))[:48] or "produit"
    used = set(taken)
    number = 1
    reference = base
    while reference in used:
        number += 1
        reference = f"{base}-{number}"
    return reference


def shelf_named(text: str, shelves: Iterable[Shelf]) -> Shelf | None:
    """The shelf that a list calls ``text``, when its words say it; None: a person must choose."""
    wanted = set(_stems(text))
    if not wanted:
        return None
    best: Shelf | None = None
    best_share = 0.5
    for shelf in shelves:
        for name in (shelf.name_fr, shelf.name_en, shelf.slug.replace("-", " ")):
            words = set(_stems(name))
            share = len(wanted & words) / len(wanted | words) if words else 0.0
            if wanted <= words:
                share = max(share, 0.75)
            if share > best_share:
                best, best_share = shelf, share
    return best


def _stems(text: str) -> list[str]:
    """Words without their plural."""
    return [
        word.rstrip("sx") if len(word) > 3 else word
        for word in fold(text).split()
        if word not in _SMALL_WORDS
    ]


_SMALL_WORDS = frozenset({"et", "de", "des", "du", "la", "le", "les", "and", "d", "l", "the"})


def _weights(product: SheetProduct) -> tuple[int | None, int | None, int | None]:
    """Usual, least and greatest weight of a piece that is weighed; None three times when exact."""
    weight = product.weight or WeightRange()
    nominal = weight.nominal_g
    if nominal is None and weight.min_g and weight.max_g:
        nominal = (weight.min_g + weight.max_g) // 2
    by_weight = product.ordered_in is Unit.PIECE and product.price_unit is not Unit.PIECE
    if nominal is None and by_weight and product.content is not None:
        nominal = product.content.amount
    if nominal is None:
        return None, None, None
    return nominal, min(weight.min_g or nominal, nominal), max(weight.max_g or nominal, nominal)


def _margin(weight: WeightRange | None) -> int:
    if weight is None or weight.margin_bp is None:
        return USUAL_MARGIN_BP
    return weight.margin_bp


def _weight(row: Stored) -> WeightRange | None:
    """What the list said of the weight; of rows that came otherwise, what the columns say."""
    if "weight" in row.listed:
        kept: WeightRange | None = typed_value("weight", row.listed["weight"])
        return kept
    if row.nominal_g is None or row.price_unit is Unit.MILLILITER:
        return None
    margin = None if row.margin_bp == USUAL_MARGIN_BP else row.margin_bp
    return WeightRange(row.nominal_g, row.min_g, row.max_g, margin)


def _content(row: Stored) -> Quantity | None:
    if row.content_amount is None or row.content_unit is None:
        return None
    return Quantity(row.content_amount, row.content_unit)


def _statement(row: Stored) -> AllergenStatement | None:
    traces = frozenset(Allergen(code) for code in row.listed.get("traces", ()))
    contains = frozenset(Allergen(code) for code in row.allergens)
    if not contains and not traces and not row.listed.get("allergens_said"):
        return None
    return AllergenStatement(contains, traces - contains)


def _tax_class(vat_bp: int | None, now: TaxClass, rates: Mapping[TaxClass, int]) -> TaxClass:
    if vat_bp is None or rates.get(now) == vat_bp:
        return now
    for kind in (TaxClass.FOOD, TaxClass.PREPARED, TaxClass.FULL, TaxClass.PLANTS):
        if rates.get(kind) == vat_bp:
            return kind
    return now


def _beside(product: SheetProduct, rate: int | None) -> dict[str, Any]:
    """What has no column of its own, or would be lost in it."""
    kept: dict[str, Any] = {"category": product.category, "weight": None}
    if product.variant:
        kept |= {"name": product.name, "variant": product.variant}
    if product.reference is None:
        kept["reference_made"] = True
    if product.vat_bp not in (None, rate):
        kept["vat_bp"] = product.vat_bp
    if product.weight is not None:
        kept["weight"] = plain_value("weight", product.weight)
    if product.allergens is not None:
        kept["allergens_said"] = True
        if product.allergens.may_contain:
            kept["traces"] = plain_value("allergens", product.allergens)["may_contain"]
    if product.unlimited:
        kept["unlimited"] = True
    for name in _KEPT_BESIDE:
        value = getattr(product, name)
        if value not in ("", None, 1):
            kept[name] = plain_value(name, value)
    return kept
