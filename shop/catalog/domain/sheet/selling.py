"""How a row sells its product: price, unit of the price, piece or weight, content, tax."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from shop.catalog.domain.sheet.cells import RowCells
from shop.catalog.domain.sheet.columns import PRICE_COLUMNS, Column
from shop.catalog.domain.sheet.problems import ProblemCode, WarningCode
from shop.catalog.domain.sheet.product import WeightRange
from shop.catalog.domain.sheet.units import (
    Content,
    ContentFault,
    measure_named,
    quantity_text,
    read_content,
    whole,
)
from shop.catalog.domain.sheet.values import (
    cell_text,
    cents_of,
    read_amount,
    read_number,
    read_rate_bp,
)
from shop.kernel.folding import fold
from shop.kernel.money import Money
from shop.kernel.quantity import UNITS_PER_PRICE, Quantity, Unit

PRICE_LIMIT = Money(10_000_000)
"""A higher price is taken for a slip of the pen."""

_NET_COLUMNS = {Column.PRICE_NET, Column.PRICE_NET_PER_KG, Column.PRICE_NET_PER_L}
_KILO_COLUMNS = {Column.PRICE_PER_KG, Column.PRICE_NET_PER_KG}
_LITER_COLUMNS = {Column.PRICE_PER_L, Column.PRICE_NET_PER_L}
_RATE_IN_WORDS = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")
_TAX_WORDS = re.compile(r"(?i)\b(?:ttc|ht|net|netto|tva|comprise)\b\.?")
_NET_WORDS = re.compile(r"(?i)\b(?:ht|net|netto)\b")
_BEFORE_UNIT = re.compile(r"(?i)^(?:\s|/|-|\(|\b(?:le|la|les|l'|par|per|au|à la|de|du)\b)+")
_SOLD_BY = {
    Unit.PIECE: """
        piece | pieces | a la piece | unite | a l unite | unit | by piece | by the piece | each
        stuk | per stuk""",
    Unit.GRAM: """
        poids | au poids | vrac | en vrac | kg | au kg | kilo | au kilo | gramme | grammes | gram
        weight | by weight | loose | gewicht | per gewicht""",
    Unit.MILLILITER: "volume | au volume | l | litre | au litre | liter | by volume | milliliter",
}
_UNIT_SOLD_BY = {
    fold(word): unit
    for unit, text in _SOLD_BY.items()
    for line in text.strip().splitlines()
    for word in line.split("|")
}
_GRAMS_IF_ABOVE = 20
"""A weight without unit: up to here kilograms, above grams."""


@dataclass(frozen=True, slots=True)
class Selling:
    """Price with tax and all that hangs on the unit."""

    price: Money
    price_unit: Unit
    price_was_net: bool
    ordered_in: Unit
    content: Content
    weight: WeightRange | None
    vat_bp: int | None


@dataclass(frozen=True, slots=True)
class _Asked:
    """The price as written, before tax and unit are settled."""

    amount: Decimal
    column: Column
    unit_text: str
    is_net: bool


def read_selling(cells: RowCells, default_vat_bp: int | None) -> Selling | None:
    """How the row sells; None when a problem was noted on the way."""
    noted = len(cells.problems)
    vat_bp = _read_vat(cells)
    content = _read_content(cells)
    weight = _read_weight(cells, content)
    asked = _read_price(cells)
    sold_by = _read_sold_by(cells)
    if asked is None or len(cells.problems) > noted:
        return None
    priced = _read_price_unit(cells, asked, content)
    if priced is None:
        return None
    content, per = priced
    ordered_in = sold_by or _ordered_in(content, per)
    if per is None:
        per = Quantity(UNITS_PER_PRICE[content.loose or ordered_in], content.loose or ordered_in)
    if per.unit is Unit.GRAM and ordered_in is Unit.PIECE and content.quantity is None:
        weight = _with_middle(weight)
    if not _fits(cells, asked.column, ordered_in, per.unit, content, weight):
        return None
    rate = vat_bp if vat_bp is not None else default_vat_bp
    price = _consumer_price(cells, asked, per, rate)
    if price is None:
        return None
    return Selling(price, per.unit, asked.is_net, ordered_in, content, weight, vat_bp)


def _read_vat(cells: RowCells) -> int | None:
    cell = cells.cell(Column.VAT)
    if cell is not None:
        rate = read_rate_bp(cell)
        if rate is None:
            cells.problem(Column.VAT, ProblemCode.VAT_UNREADABLE, value=cell_text(cell))
        return rate
    worded = _RATE_IN_WORDS.search(cells.text(Column.TAX_CATEGORY))
    return read_rate_bp(worded.group(1)) if worded else None


def _read_price(cells: RowCells) -> _Asked | None:
    column = next((c for c in PRICE_COLUMNS if cells.cell(c) is not None), None)
    if column is None:
        first = next((c for c in PRICE_COLUMNS if cells.layout.has(c)), None)
        cells.problem(first, ProblemCode.PRICE_MISSING)
        return None
    text = cells.text(column)
    read = read_amount(text)
    if read is None:
        cells.problem(column, ProblemCode.PRICE_UNREADABLE, value=text)
        return None
    amount, rest = read
    if amount < 0:
        cells.problem(column, ProblemCode.PRICE_NEGATIVE, value=text)
        return None
    is_net = column in _NET_COLUMNS or bool(_NET_WORDS.search(rest))
    unit_text = _BEFORE_UNIT.sub("", _TAX_WORDS.sub("", rest)).strip(" ().")
    return _Asked(amount, column, unit_text, is_net)


def _read_price_unit(
    cells: RowCells, asked: _Asked, content: Content
) -> tuple[Content, Quantity | None] | None:
    """What the price is for, None when it is not said; a content that only the price names.

    « douzaine » or « 500 g » as the unit of a price is what one piece holds.
    """
    column, text = asked.column, asked.unit_text
    if not text and cells.cell(Column.PRICE_UNIT) is not None:
        column = Column.PRICE_UNIT
        text = _BEFORE_UNIT.sub("", cells.text(column).replace("€", "")).strip(" ().")
    if not text:
        if asked.column in _KILO_COLUMNS:
            return content, Quantity.grams(1000)
        return content, Quantity.milliliters(1000) if asked.column in _LITER_COLUMNS else None
    unit = read_content(text)
    if isinstance(unit, ContentFault):
        cells.problem(column, ProblemCode.PRICE_UNIT_UNKNOWN, value=text)
        return None
    if unit.loose is not None:
        return content, Quantity(1000, unit.loose)
    if unit.quantity is None or unit.quantity == content.quantity:
        named = replace(content, piece_word=content.piece_word or unit.piece_word, loose=None)
        return (named if content.loose is None else content), Quantity.pieces(1)
    if unit.quantity.unit is Unit.PIECE and unit.quantity.amount == 1:
        return content, Quantity.pieces(1)
    is_bare = content.quantity is None and content.loose is None
    if is_bare and (unit.quantity.unit is Unit.PIECE or unit.quantity.amount not in {100, 1000}):
        return replace(unit, piece_word=content.piece_word or unit.piece_word), Quantity.pieces(1)
    return content, unit.quantity


def _ordered_in(content: Content, per: Quantity | None) -> Unit:
    if content.loose is not None:
        return content.loose
    if content.quantity is None and not content.piece_word and per is not None:
        return per.unit
    return Unit.PIECE


def _fits(
    cells: RowCells,
    column: Column,
    ordered_in: Unit,
    price_unit: Unit,
    content: Content,
    weight: WeightRange | None,
) -> bool:
    """Whether price and content can be of one product; notes why not."""
    if price_unit is ordered_in:
        return True
    held = content.quantity
    if weight is not None and weight.nominal_g is not None:
        held = Quantity.grams(weight.nominal_g)
    if ordered_in is Unit.PIECE and held is None:
        cells.problem(column, ProblemCode.PIECE_WEIGHT_MISSING)
        return False
    if ordered_in is not Unit.PIECE or (held is not None and held.unit is not price_unit):
        said = cells.text(Column.CONTENT) or (quantity_text(held) if held else ordered_in.value)
        cells.problem(
            column, ProblemCode.PRICE_UNIT_CONFLICT, price_unit=price_unit.value, content=said
        )
        return False
    return True


def _consumer_price(
    cells: RowCells, asked: _Asked, per: Quantity, vat_bp: int | None
) -> Money | None:
    """Price with tax for a piece, kilogram or liter, rounded half up once."""
    if asked.is_net and vat_bp is None:
        cells.problem(asked.column, ProblemCode.VAT_MISSING_FOR_NET_PRICE)
        return None
    tax = 10_000 + (vat_bp or 0) if asked.is_net else 10_000
    scale = UNITS_PER_PRICE[per.unit]
    price = Money(cents_of(asked.amount, tax * scale, 10_000 * per.amount))
    text = cells.text(asked.column)
    if price.cents > PRICE_LIMIT.cents:
        cells.problem(
            asked.column, ProblemCode.PRICE_TOO_HIGH, value=text, limit_cents=PRICE_LIMIT.cents
        )
        return None
    if not price:
        cells.warn(asked.column, WarningCode.PRICE_ZERO)
    elif not asked.is_net and per.amount == scale and price.as_decimal() != asked.amount:
        cells.warn(asked.column, WarningCode.PRICE_ROUNDED, value=text, cents=price.cents)
    return price


def _read_content(cells: RowCells) -> Content:
    text, unit = cells.text(Column.CONTENT), cells.text(Column.CONTENT_UNIT)
    word = cells.text(Column.PIECE_WORD)
    number = read_number(text) if text else None
    if not text and not unit:
        return Content(piece_word=word)
    if number is not None and unit:
        text = f"{text} {unit}"
    elif number is not None and cells.layout.has(Column.CONTENT_UNIT):
        text = f"{text} p"
    elif number is not None:
        text = f"{text} {unit_in_heading(cells.layout.heading(Column.CONTENT)) or ''}".strip()
    elif not text:
        text = unit
    content = read_content(text)
    if isinstance(content, ContentFault):
        cells.problem(Column.CONTENT, ProblemCode(content.value), value=text)
        return Content()
    return replace(content, piece_word=word) if word else content


def unit_in_heading(heading: str) -> str | None:
    """The unit that a heading names for the numbers below it (« Poids (g) »), or None."""
    for word in reversed(fold(heading).split()):
        measure = measure_named(word)
        if measure is not None and measure[0] is not Unit.PIECE:
            return word
    return None


def _read_sold_by(cells: RowCells) -> Unit | None:
    text = cells.text(Column.SOLD_BY)
    folded = fold(text)
    if not folded:
        return None
    if folded in _UNIT_SOLD_BY:
        return _UNIT_SOLD_BY[folded]
    cells.problem(Column.SOLD_BY, ProblemCode.SOLD_BY_UNKNOWN, value=text)
    return None


def _read_weight(cells: RowCells, content: Content) -> WeightRange | None:
    nominal_g = _grams(cells, Column.NOMINAL_WEIGHT)
    min_g = _grams(cells, Column.MIN_WEIGHT) or content.min_g
    max_g = _grams(cells, Column.MAX_WEIGHT) or content.max_g
    if nominal_g is None and content.about and content.quantity is not None:
        nominal_g = content.quantity.amount
    steps = [g for g in (min_g, nominal_g, max_g) if g is not None]
    if steps != sorted(steps):
        cells.problem(
            Column.NOMINAL_WEIGHT,
            ProblemCode.WEIGHTS_OUT_OF_ORDER,
            min_g=min_g or 0,
            nominal_g=nominal_g or 0,
            max_g=max_g or 0,
        )
        return None
    margin_bp = None
    if cells.cell(Column.WEIGHT_MARGIN) is not None:
        margin_bp = read_rate_bp(cells.cell(Column.WEIGHT_MARGIN))
        if margin_bp is None:
            value = cells.text(Column.WEIGHT_MARGIN)
            cells.problem(Column.WEIGHT_MARGIN, ProblemCode.WEIGHT_UNREADABLE, value=value)
    weight = WeightRange(nominal_g, min_g, max_g, margin_bp)
    return weight if weight else None


def _with_middle(weight: WeightRange | None) -> WeightRange | None:
    """A weight from … to … without average: the middle is what the estimate goes by."""
    if weight is None or weight.nominal_g or not (weight.min_g and weight.max_g):
        return weight
    return replace(weight, nominal_g=(weight.min_g + weight.max_g) // 2)


def _grams(cells: RowCells, column: Column) -> int | None:
    text = cells.text(column)
    if not text:
        return None
    number = read_number(text)
    grams: int | None
    if number is not None:
        heading = unit_in_heading(cells.layout.heading(column))
        unit = heading or ("kg" if number <= _GRAMS_IF_ABOVE else "g")
        measure = measure_named(unit)
        grams = whole(number * measure[1]) if measure else None
    else:
        content = read_content(text)
        is_weight = isinstance(content, Content) and content.quantity is not None
        grams = None
        if is_weight and isinstance(content, Content) and content.quantity is not None:
            grams = content.quantity.amount if content.quantity.unit is Unit.GRAM else None
    if grams is None or grams <= 0:
        cells.problem(column, ProblemCode.WEIGHT_UNREADABLE, value=text)
        return None
    return grams
