"""All that can be wrong or doubtful in a list, one code each; pages turn codes into sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shop.kernel.errors import InvalidInput

Fact = str | int | tuple[int, ...] | tuple[str, ...]
"""What may stand in a sentence about a row; plain values that can be kept as JSON."""


class ProblemCode(StrEnum):
    """Why a row cannot be used. In brackets: the facts that come with it."""

    NAME_MISSING = "name_missing"
    PRICE_MISSING = "price_missing"
    PRICE_UNREADABLE = "price_unreadable"
    """[value]"""
    PRICE_NEGATIVE = "price_negative"
    """[value]"""
    PRICE_TOO_HIGH = "price_too_high"
    """[value, limit_cents]"""
    PRICE_UNIT_UNKNOWN = "price_unit_unknown"
    """[value]"""
    PRICE_UNIT_CONFLICT = "price_unit_conflict"
    """Priced in a unit that goods of this content cannot have. [price_unit, content]"""
    VAT_UNREADABLE = "vat_unreadable"
    """[value]"""
    VAT_MISSING_FOR_NET_PRICE = "vat_missing_for_net_price"
    CONTENT_UNREADABLE = "content_unreadable"
    """[value]"""
    CONTENT_UNIT_UNKNOWN = "content_unit_unknown"
    """[value, unit]"""
    CONTENT_NOT_ABOVE_ZERO = "content_not_above_zero"
    """[value]"""
    SOLD_BY_UNKNOWN = "sold_by_unknown"
    """[value]"""
    PIECE_WEIGHT_MISSING = "piece_weight_missing"
    """A piece priced by the kilo without any weight."""
    WEIGHT_UNREADABLE = "weight_unreadable"
    """[value]"""
    WEIGHTS_OUT_OF_ORDER = "weights_out_of_order"
    """[min_g, nominal_g, max_g]"""
    STEP_UNREADABLE = "step_unreadable"
    """[value]"""
    MINIMUM_UNREADABLE = "minimum_unreadable"
    """[value]"""
    CASE_UNREADABLE = "case_unreadable"
    """[value]"""
    DEPOSIT_UNREADABLE = "deposit_unreadable"
    """[value]"""
    STOCK_UNREADABLE = "stock_unreadable"
    """[value]"""
    AVAILABILITY_UNREADABLE = "availability_unreadable"
    """[value]"""
    TEXT_TOO_LONG = "text_too_long"
    """[length, limit]"""
    DUPLICATE_REFERENCE = "duplicate_reference"
    """[reference, rows]: every row with that reference"""
    DUPLICATE_PRODUCT = "duplicate_product"
    """Same name, variant and content, no reference to tell them apart. [name, rows]"""


class WarningCode(StrEnum):
    """What the reader decided by itself; the row is used."""

    PRICE_ROUNDED = "price_rounded"
    """[value, cents]"""
    PRICE_ZERO = "price_zero"
    STORAGE_UNKNOWN = "storage_unknown"
    """[value]"""
    LABELS_UNKNOWN = "labels_unknown"
    """[values]"""
    ALLERGENS_UNKNOWN = "allergens_unknown"
    """The allergens of the row count as not declared. [values]"""
    ROW_TAKEN_AS_CATEGORY = "row_taken_as_category"
    """[category]"""
    NAME_TAKEN_FROM_ROW_ABOVE = "name_taken_from_row_above"
    """[name, from_row]"""
    DUPLICATE_ROW_IGNORED = "duplicate_row_ignored"
    """Equal in all to a row above, which is used. [first_row]"""


class NoticeCode(StrEnum):
    """What is to be said about the whole file."""

    NO_ROWS = "no_rows"
    """Headings only: a template that was not filled yet."""
    NO_HEADINGS = "no_headings"
    """No row looks like headings."""
    COLUMNS_MISSING = "columns_missing"
    """Nothing can be read before somebody says which columns these are. [fields]"""
    COLUMNS_UNUSED = "columns_unused"
    """Headings nobody understood. [headings]"""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row of the file cannot be used, or what was decided about it.

    ``row`` as the person sees it; ``column`` is the heading in the file, empty when the
    whole row is meant.
    """

    row: int
    column: str
    code: ProblemCode | WarningCode
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to say about the whole file."""

    code: NoticeCode
    facts: Mapping[str, Fact] = field(default_factory=dict)


class SheetEmpty(InvalidInput):
    """There is nothing in the file."""

    code = "sheet_empty"


class SheetTooLarge(InvalidInput):
    """More than we read at once; facts: ``limit_bytes``, ``limit_rows`` or ``limit_columns``."""

    code = "sheet_too_large"


class SheetEncrypted(InvalidInput):
    """The file asks for a password."""

    code = "sheet_encrypted"


class SheetFormatUnknown(InvalidInput):
    """Not a kind of file we read; facts: ``extension``."""

    code = "sheet_format_unknown"


class SheetUnreadable(InvalidInput):
    """The file is damaged, or is no table at all."""

    code = "sheet_unreadable"
