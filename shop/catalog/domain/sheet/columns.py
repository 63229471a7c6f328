"""The columns a list may have, and the headings people give them."""

from __future__ import annotations

from enum import StrEnum


class Column(StrEnum):
    """What the cells of a column say."""

    REFERENCE = "reference"
    NAME = "name"
    VARIANT = "variant"
    DESCRIPTION = "description"
    CATEGORY = "category"
    PRODUCER = "producer"
    PRICE = "price"
    """Including tax, like any price not called net."""
    PRICE_PER_KG = "price_per_kg"
    PRICE_PER_L = "price_per_l"
    PRICE_NET = "price_net"
    PRICE_NET_PER_KG = "price_net_per_kg"
    PRICE_NET_PER_L = "price_net_per_l"
    PRICE_UNIT = "price_unit"
    VAT = "vat"
    TAX_CATEGORY = "tax_category"
    """Free words that may hold a rate."""
    SOLD_BY = "sold_by"
    CONTENT = "content"
    """« 500 g », « 4x250ml », « kg », « botte »."""
    CONTENT_UNIT = "content_unit"
    """The unit, where the number stands in a column of its own."""
    PIECE_WORD = "piece_word"
    CASE_SIZE = "case_size"
    STEP = "step"
    STEP_UNIT = "step_unit"
    MINIMUM = "minimum"
    DEPOSIT = "deposit"
    NOMINAL_WEIGHT = "nominal_weight"
    MIN_WEIGHT = "min_weight"
    MAX_WEIGHT = "max_weight"
    WEIGHT_MARGIN = "weight_margin"
    ORIGIN = "origin"
    MANUFACTURER = "manufacturer"
    NOTE = "note"
    LABELS = "labels"
    STORAGE = "storage"
    SHIPPING_CATEGORY = "shipping_category"
    """Free words that may name how cold it travels."""
    ALLERGENS = "allergens"
    TRACES = "traces"
    STOCK = "stock"
    ON_DEMAND = "on_demand"
    """Yes: without limit."""
    AVAILABLE = "available"
    IGNORED = "ignored"
    """Known, and of no use to us."""


PRICE_COLUMNS = (
    Column.PRICE,
    Column.PRICE_PER_KG,
    Column.PRICE_PER_L,
    Column.PRICE_NET,
    Column.PRICE_NET_PER_KG,
    Column.PRICE_NET_PER_L,
)
"""In the order in which they are believed when a row fills several."""

SPEAKS_OF: dict[Column, frozenset[str]] = {
    Column.REFERENCE: frozenset({"reference"}),
    Column.VARIANT: frozenset({"variant"}),
    Column.DESCRIPTION: frozenset({"description"}),
    Column.CATEGORY: frozenset({"category"}),
    Column.PRODUCER: frozenset({"producer"}),
    Column.PRICE_PER_KG: frozenset({"price_unit", "ordered_in"}),
    Column.PRICE_PER_L: frozenset({"price_unit", "ordered_in"}),
    Column.PRICE_NET_PER_KG: frozenset({"price_unit", "ordered_in"}),
    Column.PRICE_NET_PER_L: frozenset({"price_unit", "ordered_in"}),
    Column.PRICE_UNIT: frozenset({"price_unit", "ordered_in"}),
    Column.VAT: frozenset({"vat_bp"}),
    Column.SOLD_BY: frozenset({"ordered_in", "price_unit"}),
    Column.CONTENT: frozenset({"content", "pack_count", "ordered_in", "price_unit"}),
    Column.CONTENT_UNIT: frozenset({"content", "pack_count", "ordered_in", "price_unit"}),
    Column.PIECE_WORD: frozenset({"piece_word"}),
    Column.CASE_SIZE: frozenset({"case_size"}),
    Column.STEP: frozenset({"order_step"}),
    Column.MINIMUM: frozenset({"minimum"}),
    Column.DEPOSIT: frozenset({"deposit"}),
    Column.NOMINAL_WEIGHT: frozenset({"weight.nominal_g"}),
    Column.MIN_WEIGHT: frozenset({"weight.min_g"}),
    Column.MAX_WEIGHT: frozenset({"weight.max_g"}),
    Column.WEIGHT_MARGIN: frozenset({"weight.margin_bp"}),
    Column.ORIGIN: frozenset({"origin"}),
    Column.MANUFACTURER: frozenset({"manufacturer"}),
    Column.NOTE: frozenset({"note"}),
    Column.LABELS: frozenset({"labels"}),
    Column.STORAGE: frozenset({"storage"}),
    Column.ALLERGENS: frozenset({"allergens"}),
    Column.TRACES: frozenset({"allergens"}),
    Column.STOCK: frozenset({"stock", "unlimited"}),
    Column.ON_DEMAND: frozenset({"stock", "unlimited"}),
    Column.AVAILABLE: frozenset({"available"}),
}
"""Attributes of ``SheetProduct`` that a column decides; name and price are always said.

A weight is said by its parts: ``weight.min_g`` alone leaves the average as it was.
"""
