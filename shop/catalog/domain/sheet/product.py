"""A product as one row of a producer's list says it."""

from __future__ import annotations

from dataclasses import dataclass, field

from shop.catalog.domain.labels import Label
from shop.catalog.domain.sheet.allergens import AllergenStatement
from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit

DEFAULT_STEPS = {Unit.PIECE: 1, Unit.GRAM: 100, Unit.MILLILITER: 100}
"""Order step when the list says none, in smallest units."""


@dataclass(frozen=True, slots=True)
class WeightRange:
    """What one piece weighs when pieces differ; ``None``: not said.

    ``margin_bp`` is how far the weighed amount may lie above the estimate, in hundredths
    of a percent: the announced ceiling.
    """

    nominal_g: int | None = None
    min_g: int | None = None
    max_g: int | None = None
    margin_bp: int | None = None

    def __post_init__(self) -> None:
        steps = [g for g in (self.min_g, self.nominal_g, self.max_g) if g is not None]
        if steps != sorted(steps) or any(g <= 0 for g in steps):
            raise ValueError("weights must be above zero, min ≤ nominal ≤ max")

    def __bool__(self) -> bool:
        return any(
            value is not None for value in (self.nominal_g, self.min_g, self.max_g, self.margin_bp)
        )


@dataclass(frozen=True, slots=True)
class SheetProduct:
    """One product that a customer could order, as its row says it.

    ``price`` includes tax and is for one piece, one kilogram or one liter (``price_unit``).
    ``ordered_in`` is what a customer counts in: pieces, grams or milliliters; the order step,
    the minimum, the case and the stock are in that unit. ``content`` is what one piece holds
    in all, ``pack_count`` of equal parts (« 4 x 250 ml » is 1000 ml of 4); None for goods sold
    loose and for pieces whose content is not said.
    """

    name: str
    price: Money
    price_unit: Unit = Unit.PIECE
    ordered_in: Unit = Unit.PIECE
    order_step: Quantity = field(default_factory=lambda: Quantity.pieces(1))
    reference: str | None = None
    variant: str = ""
    description: str = ""
    category: str = ""
    producer: str = ""
    vat_bp: int | None = None
    """Tax rate in hundredths of a percent (550 is 5.5 %); None: not said."""
    content: Quantity | None = None
    pack_count: int = 1
    piece_word: str = ""
    """What a piece is called: « botte », « barquette »; empty: piece."""
    case_size: Quantity | None = None
    """What the case the producer packs holds; None: not said."""
    minimum: Quantity | None = None
    deposit: Money = field(default_factory=Money.zero)
    """Paid for the container of one piece, given back when it returns."""
    weight: WeightRange | None = None
    """For pieces that are weighed before they are billed; None: the content is exact."""
    origin: str = ""
    manufacturer: str = ""
    note: str = ""
    labels: tuple[Label, ...] = ()
    """In the order of ``Label``."""
    storage: TemperatureClass | None = None
    allergens: AllergenStatement | None = None
    """None: nothing was declared, which is not the same as « none of them »."""
    stock: Quantity | None = None
    """None: not said, or without limit when ``unlimited``."""
    unlimited: bool = False
    available: bool = True
    price_was_net: bool = field(default=False, compare=False)
    """Whether the list gave the price without tax."""
    row: int = field(default=0, compare=False)
    """Where it stands in the file; 0 for a product that comes from elsewhere."""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a product has a name")
        if self.price.cents < 0 or self.deposit.cents < 0:
            raise ValueError("price and deposit must be zero or more")
        counted = [self.order_step, self.minimum, self.stock, self.case_size]
        if any(q is not None and q.unit is not self.ordered_in for q in counted):
            raise ValueError("order step, minimum, case and stock are in the unit of ordering")
        if self.price_unit is not self.ordered_in and self.ordered_in is not Unit.PIECE:
            raise ValueError("loose goods are priced in the unit they are ordered in")
        if self.price_unit is not self.ordered_in:
            estimate = self.estimated_content
            if estimate is None or estimate.unit is not self.price_unit:
                raise ValueError("a piece priced by weight or volume needs such a content")
        if self.weight is not None and not self.weight:
            raise ValueError("a weight says something, or is None")
        if self.pack_count < 1 or (self.content and self.content.amount % self.pack_count):
            raise ValueError("a pack is made of equal parts")
        if self.stock is not None and self.unlimited:
            raise ValueError("a stock has an amount or no limit, not both")

    @property
    def estimated_content(self) -> Quantity | None:
        """What one piece weighs on average, else what it holds; None when neither is said."""
        if self.weight is not None and self.weight.nominal_g is not None:
            return Quantity.grams(self.weight.nominal_g)
        return self.content
