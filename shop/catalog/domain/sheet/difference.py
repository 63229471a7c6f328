"""What a list would change in a catalogue, told before anything is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import TypeAlias

from shop.catalog.domain.sheet.product import SheetProduct, WeightRange
from shop.kernel.folding import fold

NameKey: TypeAlias = tuple[str, str, tuple[int, str] | None]

_COMPARED = tuple(
    field.name for field in fields(SheetProduct) if field.compare and field.name != "producer"
)
_UNIT_BOUND = frozenset(
    {
        "price_unit",
        "ordered_in",
        "order_step",
        "minimum",
        "case_size",
        "stock",
        "unlimited",
        "content",
        "pack_count",
        "weight",
    }
)
"""Attributes that make sense together only."""

_KEPT_WHEN_UNSAID = frozenset({"reference", "vat_bp", "storage", "allergens"})
"""An empty cell does not take these away: None means that nothing was said."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that would become another; ``field`` is an attribute of ``SheetProduct``."""

    field: str
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class ProductChange:
    """A product of the catalogue that the list says otherwise.

    ``after`` is the product as it would stand: what the list does not speak of is kept.
    """

    before: SheetProduct
    after: SheetProduct
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """New, changed and unchanged products in the order of the list; gone ones by catalogue."""

    new: tuple[SheetProduct, ...] = ()
    changed: tuple[ProductChange, ...] = ()
    unchanged: tuple[SheetProduct, ...] = ()
    """As they stand in the catalogue."""
    gone: tuple[SheetProduct, ...] = ()
    """In the catalogue, no longer in the list."""

    @property
    def is_nothing(self) -> bool:
        """Whether taking the list in would change nothing."""
        return not (self.new or self.changed or self.gone)


def compare(
    catalogue: Iterable[SheetProduct], read: Iterable[SheetProduct], said: frozenset[str]
) -> Difference:
    """What ``read`` would change in one producer's ``catalogue``.

    The same product is found by its reference, else by its folded name, variant and content
    (when one of both has no reference, and only one fits). ``said`` are the attributes the
    list speaks of (``SheetReading.said``); others are neither compared nor changed, nor are
    reference, tax, storage, allergens, stock and weighing margin where the cell is empty. The
    producer's name is not compared: a catalogue has one producer.
    """
    shelf = list(catalogue)
    listed = list(read)
    partner = _pair(shelf, listed)
    new: list[SheetProduct] = []
    changed: list[ProductChange] = []
    unchanged: list[SheetProduct] = []
    for index, product in enumerate(listed):
        if index not in partner:
            new.append(product)
            continue
        before = shelf[partner[index]]
        after = _merged(before, product, said)
        changes = tuple(
            FieldChange(name, getattr(before, name), getattr(after, name))
            for name in _COMPARED
            if getattr(before, name) != getattr(after, name)
        )
        if changes:
            changed.append(ProductChange(before, after, changes))
        else:
            unchanged.append(before)
    kept = set(partner.values())
    gone = tuple(product for index, product in enumerate(shelf) if index not in kept)
    return Difference(tuple(new), tuple(changed), tuple(unchanged), gone)


def name_key(product: SheetProduct) -> NameKey:
    """What tells products without a reference apart: folded name and variant, and content."""
    content = product.content
    return (
        fold(product.name),
        fold(product.variant),
        None if content is None else (content.amount, content.unit.value),
    )


def _pair(shelf: list[SheetProduct], listed: list[SheetProduct]) -> dict[int, int]:
    """Index in the list → index in the catalogue, each used once."""
    by_reference = {p.reference: i for i, p in enumerate(shelf) if p.reference}
    partner = {
        i: by_reference[p.reference]
        for i, p in enumerate(listed)
        if p.reference and p.reference in by_reference
    }
    by_name: dict[NameKey, list[int]] = defaultdict(list)
    for i in sorted(set(range(len(shelf))) - set(partner.values())):
        by_name[name_key(shelf[i])].append(i)
    seekers: dict[NameKey, list[int]] = defaultdict(list)
    for i in sorted(set(range(len(listed))) - set(partner)):
        seekers[name_key(listed[i])].append(i)
    for key, wanting in seekers.items():
        offered = by_name.get(key, [])
        if len(wanting) == len(offered) == 1 and not (
            listed[wanting[0]].reference and shelf[offered[0]].reference
        ):
            partner[wanting[0]] = offered[0]
    return partner


def _merged(before: SheetProduct, read: SheetProduct, said: frozenset[str]) -> SheetProduct:
    """``before`` with what the list says; all that hangs on the unit together when it must."""
    names = (said | {"name", "price"}) & set(_COMPARED)
    names -= {name for name in _KEPT_WHEN_UNSAID if getattr(read, name) is None}
    if read.stock is None and not read.unlimited:
        names -= {"stock", "unlimited"}
    values = {name: getattr(read, name) for name in names}
    try:
        weight = _merged_weight(before.weight, read.weight, said)
        return replace(before, row=read.row, weight=weight, **values)
    except ValueError:
        together = names | _UNIT_BOUND
        return replace(before, row=read.row, **{name: getattr(read, name) for name in together})


def _merged_weight(
    before: WeightRange | None, read: WeightRange | None, said: frozenset[str]
) -> WeightRange | None:
    """The parts of a weight that the list speaks of over those that were; no part: None."""
    parts = asdict(before or WeightRange())
    for name, value in asdict(read or WeightRange()).items():
        if f"weight.{name}" in said and (value is not None or name != "margin_bp"):
            parts[name] = value
    merged = WeightRange(**parts)
    return merged if merged else None
