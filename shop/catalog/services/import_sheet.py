"""Bring a catalogue file: keep it, read it, show what it would change, take it in once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.sheet import (
    Column,
    Correction,
    SheetReading,
    SheetTooLarge,
    Table,
    read_rows,
)
from shop.catalog.domain.sheet_record import from_record
from shop.catalog.domain.terms import ImportState, TaxClass
from shop.catalog.errors import CategoriesMissing, ImportNotReady, ImportUnknown, ProducerUnknown
from shop.catalog.models import Producer, SheetImport
from shop.catalog.ports import SpreadsheetReader
from shop.catalog.queries.catalogue import own_catalogue
from shop.catalog.services.catalogue_rows import (
    Author,
    add_products,
    change_products,
    lock_catalogue,
    retire_products,
)
from shop.catalog.services.import_difference import (
    ImportCounts,
    choices_of,
    counts_of,
    difference_from,
    plain_facts,
    preview_of,
    shelf_of,
    shelves_for,
)
from shop.infra import outbox
from shop.kernel.errors import InvalidInput
from shop.kernel.folding import fold

READ_TOPIC = "catalog.import_sheet"
APPLY_TOPIC = "catalog.apply_import"

LARGEST_BYTES = 10 * 1024 * 1024
"""Longer files are not kept."""


def upload(
    session: Session, producer_id: int, filename: str, content: bytes, by: int | None
) -> int:
    """Keep a file and ask for its reading; the key of the import.

    Raises:
        ProducerUnknown: there is none.
        SheetTooLarge: more than ``LARGEST_BYTES``.
    """
    if len(content) > LARGEST_BYTES:
        raise SheetTooLarge(field="file", limit_bytes=LARGEST_BYTES)
    if session.get(Producer, producer_id) is None:
        raise ProducerUnknown(producer_id=producer_id)
    brought = SheetImport(
        producer_id=producer_id,
        filename=filename,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        state=ImportState.UPLOADED,
        mapping=_remembered(session, producer_id),
        uploaded_by_id=by,
    )
    session.add(brought)
    session.flush()
    outbox.post(session, READ_TOPIC, import_id=brought.id)
    return brought.id


def read(session: Session, import_id: int, reader: SpreadsheetReader, *, at: datetime) -> None:
    """Understand the file and keep what it would change; nothing of the catalogue is written.

    Read before: nothing happens. A file that cannot be opened is refused with the reason kept.

    Raises:
        ImportUnknown: there is none.
    """
    brought = _lock(session, import_id)
    if brought.state is not ImportState.UPLOADED:
        return
    brought.read_at = at
    try:
        table = reader.read_table(brought.content, brought.filename)
    except InvalidInput as refusal:
        brought.state = ImportState.REFUSED
        brought.outcome = {"code": refusal.code, "facts": plain_facts(refusal.facts)}
        return
    catalogue = own_catalogue(session, brought.producer_id, at)
    reading = _understand(brought, table, _usual_rate(session, brought, at))
    difference = difference_from(catalogue, reading.products, reading.said)
    choices = choices_of(brought.mapping)
    brought.preview = preview_of(reading, difference, catalogue, choices)
    brought.outcome = {"counts": asdict(counts_of(difference, reading.problems, retired=0))}
    brought.state = ImportState.READ


def correct(
    session: Session,
    import_id: int,
    columns: Mapping[int, Column | None],
    heading_row: int | None,
) -> None:
    """Say what each column of the file says, by its place from 0, and read the file again.

    ``heading_row`` is where the headings stand; 0: there are none; None: guess.

    Raises:
        ImportNotReady: it was taken in, or discarded.
    """
    brought = _lock(session, import_id)
    if brought.state not in {ImportState.READ, ImportState.UPLOADED}:
        raise ImportNotReady(state=brought.state)
    brought.mapping = {
        **(brought.mapping or {}),
        "by_place": [[place, column and column.value] for place, column in columns.items()],
        "heading_row": heading_row,
    }
    brought.state, brought.preview, brought.outcome = ImportState.UPLOADED, None, None
    outbox.post(session, READ_TOPIC, import_id=import_id)


def ask(
    session: Session,
    import_id: int,
    *,
    categories: Mapping[str, str],
    retire_gone: bool,
    by: int | None,
) -> None:
    """Ask for the usable rows to be taken in; ``categories`` goes from words to slugs.

    Raises:
        ImportNotReady: it was not read, or is taken in already.
        CategoriesMissing: words of the file without a category.
    """
    brought = _lock(session, import_id)
    if brought.state is not ImportState.READ or brought.preview is None:
        raise ImportNotReady(state=brought.state)
    mapping = dict(brought.mapping or {})
    kept = {**mapping.get("categories", {}), **{fold(t): slug for t, slug in categories.items()}}
    missing = [
        text
        for text, guess in brought.preview["categories"].items()
        if not (kept.get(fold(text)) or guess)
    ]
    if missing:
        raise CategoriesMissing(field="categories", texts=missing)
    brought.mapping = {**mapping, "categories": kept}
    brought.outcome = {**(brought.outcome or {}), "asked": True, "retire_gone": retire_gone}
    outbox.post(session, APPLY_TOPIC, key=f"{APPLY_TOPIC}:{import_id}", import_id=import_id, by=by)


def apply(
    session: Session,
    import_id: int,
    at: datetime,
    by: int | None = None,
    *,
    fallback_category: str | None = None,
) -> ImportCounts:
    """Write the usable rows of a file that was read, all in this transaction.

    Applied before: nothing is written and the counts of then are answered.
    ``fallback_category`` (a slug) takes the products whose words nobody placed.

    Raises:
        ImportUnknown: there is none.
        ImportNotReady: it was not read, was refused or discarded.
        CategoriesMissing: words of the file without a category.
    """
    brought = _lock(session, import_id)
    if brought.state is ImportState.APPLIED and brought.outcome is not None:
        return ImportCounts(**brought.outcome["counts"])
    if brought.state is not ImportState.READ or brought.preview is None:
        raise ImportNotReady(state=brought.state)
    producer_name = lock_catalogue(session, brought.producer_id)
    catalogue = own_catalogue(session, brought.producer_id, at)
    products = [from_record(record) for record in brought.preview["products"]]
    difference = difference_from(catalogue, products, frozenset(brought.preview["said"]))
    places = shelves_for(difference, catalogue, choices_of(brought.mapping), fallback_category)
    author = Author(at, by, import_id)
    add_products(
        session,
        catalogue,
        producer_name,
        [(product, places[product.category]) for product in difference.new],
        author,
    )
    change_products(
        session,
        catalogue,
        producer_name,
        [
            (
                change.before.row,
                change.after,
                shelf_of(change.before, change.after, catalogue, places),
            )
            for change in difference.changed
        ],
        author,
    )
    retired = 0
    if (brought.outcome or {}).get("retire_gone"):
        gone = [product.row for product in difference.gone]
        retired = retire_products(session, gone, author)
    counts = counts_of(difference, brought.preview["problems"], retired=retired)
    brought.state, brought.applied_at = ImportState.APPLIED, at
    brought.outcome = {"counts": asdict(counts)}
    return counts


def discard(session: Session, import_id: int) -> None:
    """Put a file aside; what it would change is not written.

    Raises:
        ImportNotReady: it was taken in already.
    """
    brought = _lock(session, import_id)
    if brought.state is ImportState.APPLIED:
        raise ImportNotReady(state=brought.state)
    brought.state = ImportState.DISCARDED


def note_failure(session: Session, import_id: int, code: str) -> None:
    """Keep why the rows could not be taken in, so that the person can try again."""
    brought = _lock(session, import_id)
    if brought.state is ImportState.READ:
        outcome = dict(brought.outcome or {})
        outcome.pop("asked", None)
        brought.outcome = {**outcome, "failed": code}


def correction_of(mapping: Mapping[str, Any] | None) -> Correction | None:
    """What a person said about the columns, as it was kept."""
    if not mapping or not (mapping.get("columns") or mapping.get("heading_row") is not None):
        return None
    columns = mapping.get("columns") or {}
    return Correction(
        {key: None if name is None else Column(name) for key, name in columns.items()},
        mapping.get("heading_row"),
    )


def _understand(brought: SheetImport, table: Table, usual_rate: int) -> SheetReading:
    """The list as the person explained it.

    Columns are explained by their place; they are kept by their heading, so that they still fit
    when the next file has others in between.
    """
    reading = read_rows(table, correction_of(brought.mapping), usual_rate)
    mapping = dict(brought.mapping or {})
    by_place = dict(mapping.pop("by_place", []))
    if not by_place:
        return reading
    mapping["columns"] = {
        **(mapping.get("columns") or {}),
        **{
            guess.key: by_place[guess.index] for guess in reading.columns if guess.index in by_place
        },
    }
    brought.mapping = mapping
    return read_rows(table, correction_of(mapping), usual_rate)


def _usual_rate(session: Session, brought: SheetImport, at: date | datetime) -> int:
    """The rate that turns a price without tax into what a consumer pays, when no rate is said."""
    producer = session.get_one(Producer, brought.producer_id)
    if not producer.tax_regime.bills_tax:
        return 0
    return own_catalogue(session, brought.producer_id, at, only=()).rates.get(TaxClass.FOOD, 0)


def _remembered(session: Session, producer_id: int) -> dict[str, Any] | None:
    """What the producer said about the columns and words of the last file taken in."""
    kept = session.scalar(
        select(SheetImport.mapping)
        .where(SheetImport.producer_id == producer_id, SheetImport.mapping.is_not(None))
        .where(SheetImport.state == ImportState.APPLIED)
        .order_by(SheetImport.id.desc())
        .limit(1)
    )
    return {**kept, "heading_row": None} if kept else None


def _lock(session: Session, import_id: int) -> SheetImport:
    brought = session.get(SheetImport, import_id, with_for_update=True, populate_existing=True)
    if brought is None:
        raise ImportUnknown(import_id=import_id)
    return brought
