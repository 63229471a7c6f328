"""What a page says of a file that was read: its rows by what would become of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shop.catalog.domain.sheet_record import from_record
from shop.catalog.queries.imports import ImportPage
from shop.catalog.views.sheet_words import (
    field_name,
    notice_text,
    problem_text,
    value_text,
    warning_text,
)
from shop.kernel.quantity import UnitPrice
from shop.web.formats import quantity, unit_price

ROWS_SHOWN = 50
"""Rows of a file on one page."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file in words; ``changes`` are (what, before, after)."""

    row: int | str
    name: str
    text: str = ""
    price: str = ""
    category: str = ""
    changes: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Shown:
    """The part of a file that a page shows."""

    show: str
    """new, changed, gone, problems or warnings."""
    counts: dict[str, int]
    lines: list[Line]
    page: int
    pages: int
    notices: list[str]
    columns: list[dict[str, Any]]
    heading_row: int | None
    row_count: int
    categories: list[tuple[str, str | None]]
    """Words of the file and the category guessed for them."""


def shown(found: ImportPage, show: str, page: int) -> Shown:
    """The rows of one kind, a page of them; the first kind that has any when none is asked."""
    preview = found.preview
    makers: dict[str, Callable[[Any], Line]] = {
        "problems": _problem,
        "changed": lambda entry: _changed(preview, entry),
        "new": lambda index: _new(preview, index),
        "gone": lambda entry: Line(row="–", name=entry[2], text=entry[1]),
        "warnings": _warning,
    }
    counts = {kind: len(preview.get(kind, ())) for kind in makers}
    if show not in makers:
        show = next((kind for kind, count in counts.items() if count), "new")
    entries = preview.get(show, [])
    pages = max(1, -(-len(entries) // ROWS_SHOWN))
    page = min(max(1, page), pages)
    lines = [makers[show](each) for each in entries[(page - 1) * ROWS_SHOWN : page * ROWS_SHOWN]]
    headings = preview.get("heading_rows") or []
    return Shown(
        show=show,
        counts=counts,
        lines=lines,
        page=page,
        pages=pages,
        notices=[notice_text(code, facts) for code, facts in preview.get("notices", ())],
        columns=[
            dict(zip(("index", "heading", "key", "column", "examples"), each, strict=True))
            for each in preview.get("columns", ())
        ],
        heading_row=headings[-1] if headings else None,
        row_count=preview.get("row_count", 0),
        categories=list(preview.get("categories", {}).items()),
    )


def _new(preview: dict[str, Any], index: int) -> Line:
    product = from_record(preview["products"][index])
    return Line(
        row=product.row,
        name=f"{product.name} {product.variant}".strip(),
        text=quantity(product.content),
        price=unit_price(UnitPrice(product.price.cents, product.price_unit)),
        category=product.category,
    )


def _changed(preview: dict[str, Any], entry: list[Any]) -> Line:
    index, _product_id, changes = entry
    record = preview["products"][index]
    return Line(
        row=record["row"],
        name=f"{record['name']} {record.get('variant', '')}".strip(),
        changes=[
            (field_name(name), value_text(name, old), value_text(name, new))
            for name, old, new in changes
        ],
    )


def _problem(entry: list[Any]) -> Line:
    row, column, code, facts = entry
    return Line(row=row, name=column, text=problem_text(code, facts))


def _warning(entry: list[Any]) -> Line:
    row, column, code, facts = entry
    return Line(row=row, name=column, text=warning_text(code, facts))
