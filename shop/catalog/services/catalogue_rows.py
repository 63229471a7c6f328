"""Write products of one producer in bulk, each change with what was before and after."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from shop.catalog.domain.listing import Shelf, Stored, made_reference, stored
from shop.catalog.domain.sheet import SheetProduct
from shop.catalog.errors import ProducerUnknown
from shop.catalog.models import Producer, Product, ProductChange
from shop.catalog.queries.catalogue import CatalogueRow, OwnCatalogue
from shop.kernel.folding import fold, slugify


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes the catalogue, when, and by which file."""

    at: datetime
    by: int | None = None
    import_id: int | None = None


def lock_catalogue(session: Session, producer_id: int) -> str:
    """Keep others from changing this producer's catalogue meanwhile; the producer's name.

    Raises:
        ProducerUnknown: there is none.
    """
    name = session.scalar(
        select(Producer.name).where(Producer.id == producer_id).with_for_update(key_share=True)
    )
    if name is None:
        raise ProducerUnknown(producer_id=producer_id)
    return name


def add_products(
    session: Session,
    catalogue: OwnCatalogue,
    producer_name: str,
    products: Sequence[tuple[SheetProduct, Shelf]],
    author: Author,
) -> list[int]:
    """Write new products; their keys in the order given."""
    if not products:
        return []
    taken = {row.reference for row in catalogue.rows.values()}
    rows = []
    afters = []
    for product, shelf in products:
        reference = product.reference
        if not reference or reference in taken:
            reference = made_reference(product, taken)
        taken.add(reference)
        columns = stored(product, shelf, catalogue.rates)
        afters.append(_plain(_shallow(columns)))
        rows.append(
            {
                **_values(columns, author),
                "producer_id": catalogue.producer_id,
                "reference": reference,
                "picture": picture_of(columns.name, shelf),
                **_found_by(columns.name, shelf, producer_name),
            }
        )
    session.execute(insert(Product), rows, execution_options={"render_nulls": True})
    keys = {
        row.reference: row.id
        for row in session.execute(
            select(Product.reference, Product.id).where(
                Product.producer_id == catalogue.producer_id
            )
        )
    }
    ids = [keys[row["reference"]] for row in rows]
    _note(session, author, [(key, None, after) for key, after in zip(ids, afters, strict=True)])
    return ids


def change_products(
    session: Session,
    catalogue: OwnCatalogue,
    producer_name: str,
    products: Sequence[tuple[int, SheetProduct, Shelf]],
    author: Author,
) -> int:
    """Write what differs of products that exist; how many did."""
    rows = []
    notes: list[tuple[int, dict[str, Any] | None, dict[str, Any]]] = []
    for product_id, product, shelf in products:
        row = catalogue.rows[product_id]
        after = stored(product, shelf, catalogue.rates, row.stored.tax_class)
        old, new = _shallow(row.stored), _shallow(after)
        differing = [name for name in new if new[name] != old[name]]
        values = _values(after, author)
        columns = [_COLUMN.get(name, name) for name in differing]
        written = {name: values[name] for name in columns}
        if product.reference and product.reference != row.reference:
            written["reference"] = product.reference
            old["reference"], new["reference"] = row.reference, product.reference
            differing.append("reference")
        if {"name", "category_id"} & set(differing):
            known = None if "name" in differing else row.name_en
            written |= _found_by(after.name, shelf, producer_name, known)
        if "name" in differing:
            written["name_en"] = None
        if not written:
            continue
        rows.append({"id": product_id, **written})
        notes.append(
            (
                product_id,
                _plain({name: old[name] for name in differing}),
                _plain({name: new[name] for name in differing}),
            )
        )
    if rows:
        session.execute(update(Product), rows)
    _note(session, author, notes)
    return len(rows)


def name_in_english(
    session: Session,
    row: CatalogueRow,
    shelf: Shelf,
    producer_name: str,
    name_en: str | None,
    author: Author,
) -> bool:
    """Say what English readers call a product; None: the same as everybody. False: it was so."""
    if row.name_en == name_en:
        return False
    found_by = _found_by(row.stored.name, shelf, producer_name, name_en)
    session.execute(
        update(Product)
        .where(Product.id == row.id)
        .values(name_en=name_en, search_text=found_by["search_text"])
        .execution_options(synchronize_session=False)
    )
    _note(session, author, [(row.id, {"name_en": row.name_en}, {"name_en": name_en})])
    return True


def retire_products(session: Session, product_ids: Collection[int], author: Author) -> int:
    """Take products off the catalogue; how many were on it."""
    if not product_ids:
        return 0
    gone = list(
        session.scalars(
            update(Product)
            .where(Product.id.in_(product_ids), Product.retired_at.is_(None))
            .values(retired_at=author.at)
            .returning(Product.id)
            .execution_options(synchronize_session=False)
        )
    )
    _note(session, author, [(key, {"retired": False}, {"retired": True}) for key in sorted(gone)])
    return len(gone)


def picture_of(name: str, shelf: Shelf) -> str:
    """The illustration whose word begins soonest in ``name``; the shelf's when none does."""
    words = f" {fold(name)} "
    found = [
        (words.index(f" {word}"), -len(word), picture)
        for word, picture in _pictures()
        if f" {word} " in words or f" {word}s " in words or f" {word}x " in words
    ]
    return min(found)[2] if found else shelf.picture


@cache
def _pictures() -> list[tuple[str, str]]:
    index = json.loads(
        (files("shop.web") / "static" / "img" / "produce" / "index.json").read_text("utf-8")
    )
    return [
        (fold(entry[language]), entry["name"])
        for entry in index["produce"]
        for language in ("fr", "en")
        if entry.get(language)
    ]


_COLUMN = {"retired": "retired_at"}
_NAMES = tuple(field.name for field in fields(Stored))


def _shallow(columns: Stored) -> dict[str, Any]:
    return {name: getattr(columns, name) for name in _NAMES}


def _values(columns: Stored, author: Author) -> dict[str, Any]:
    values = _shallow(columns)
    values["retired_at"] = author.at if values.pop("retired") else None
    return values


def _found_by(
    name: str, shelf: Shelf, producer_name: str, name_en: str | None = None
) -> dict[str, str]:
    return {
        "slug": slugify(name) or "produit",
        "sort_key": fold(name),
        "search_text": fold(
            " ".join(filter(None, (name, name_en, shelf.name_fr, shelf.name_en, producer_name)))
        ),
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(value, "value", value) for name, value in values.items()}


def _note(
    session: Session,
    author: Author,
    notes: Sequence[tuple[int, dict[str, Any] | None, dict[str, Any]]],
) -> None:
    if not notes:
        return
    session.execute(
        insert(ProductChange),
        [
            {
                "product_id": product_id,
                "at": author.at,
                "by_person_id": author.by,
                "import_id": author.import_id,
                "before": before,
                "after": after,
            }
            for product_id, before, after in notes
        ],
    )
