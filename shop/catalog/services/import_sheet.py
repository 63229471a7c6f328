"""Bring a catalogue file: keep it, read it, show what it would change, take it in once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.listing import Shelf, shelf_named
from shop.catalog.domain.sheet import (
    Column,
    Correction,
    Difference,
    SheetProduct,
    SheetReading,
    SheetTooLarge,
    Table,
    compare,
    read_rows,
)
from shop.catalog.domain.sheet_record import as_record, from_record, plain_value
from shop.catalog.domain.terms import ImportState, TaxClass
from shop.catalog.errors import CategoriesMissing, ImportNotReady, ImportUnknown, ProducerUnknown
from shop.catalog.models import Producer, SheetImport
from shop.catalog.ports import SpreadsheetReader
from shop.catalog.queries.catalogue import OwnCatalogue, own_catalogue
from shop.catalog.services.catalogue_rows import (
    Author,
    add_products,
    change_products,
    lock_catalogue,
    retire_products,
)
from shop.infra import outbox
from shop.kernel.errors import InvalidInput
from shop.kernel.folding import fold

READ_TOPIC = "catalog.import_sheet"
APPLY_TOPIC = "catalog.apply_import"

LARGEST_BYTES = 10 * 1024 * 1024
"""Longer files are not kept."""

ALWAYS_COMPARED = frozenset({"available"})
"""A product that the list names is for sale, unless the list says otherwise."""


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What became of the rows of a file."""

    new: int
    changed: int
    unchanged: int
    gone: int
    """In the catalogue, no longer in the file."""
    retired: int
    """Of the gone ones, those that were taken off the catalogue."""
    problems: int
    """Rows that could not be used."""


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
        brought.outcome = {"code": refusal.code, "facts": _plain_facts(refusal.facts)}
        return
    catalogue = own_catalogue(session, brought.producer_id, at)
    reading = _understand(brought, table, _usual_rate(session, brought, at))
    difference = _compare(catalogue, reading.products, reading.said)
    choices = _choices(brought.mapping)
    brought.preview = _preview(reading, difference, catalogue, choices)
    brought.outcome = {"counts": asdict(_counts(difference, reading.problems, retired=0))}
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
    difference = _compare(catalogue, products, frozenset(brought.preview["said"]))
    places = _places(difference, catalogue, _choices(brought.mapping), fallback_category)
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
                _place(change.before, change.after, catalogue, places),
            )
            for change in difference.changed
        ],
        author,
    )
    retired = 0
    if (brought.outcome or {}).get("retire_gone"):
        gone = [product.row for product in difference.gone]
        retired = retire_products(session, gone, author)
    counts = _counts(difference, brought.preview["problems"], retired=retired)
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


def _compare(
    catalogue: OwnCatalogue, products: Iterable[SheetProduct], said: frozenset[str]
) -> Difference:
    found = compare(catalogue.all_listed(), products, said | ALWAYS_COMPARED)
    still_there = tuple(product for product in found.gone if product.available)
    return Difference(found.new, found.changed, found.unchanged, still_there)


def _places(
    difference: Difference,
    catalogue: OwnCatalogue,
    choices: Mapping[str, str],
    fallback: str | None,
) -> dict[str, Shelf]:
    """Category of each word that new or moved products use."""
    by_slug = {shelf.slug: shelf for shelf in catalogue.shelves.values()}
    places: dict[str, Shelf] = {}
    missing: list[str] = []
    for text in _category_texts(difference):
        slug = choices.get(fold(text)) or fallback
        known = None if choices.get(fold(text)) else shelf_named(text, by_slug.values())
        place = known or by_slug.get(slug or "")
        if place is None:
            missing.append(text)
        else:
            places[text] = place
    if missing:
        raise CategoriesMissing(field="categories", texts=missing)
    return places


def _place(
    before: SheetProduct,
    after: SheetProduct,
    catalogue: OwnCatalogue,
    places: Mapping[str, Shelf],
) -> Shelf:
    if before.category != after.category:
        return places[after.category]
    return catalogue.shelves[catalogue.rows[before.row].stored.category_id]


def _category_texts(difference: Difference) -> list[str]:
    texts = [product.category for product in difference.new]
    texts += [
        change.after.category
        for change in difference.changed
        if change.after.category != change.before.category
    ]
    return list(dict.fromkeys(texts))


def _counts(difference: Difference, problems: Iterable[Any], *, retired: int) -> ImportCounts:
    rows = {problem[0] if isinstance(problem, list) else problem.row for problem in problems}
    return ImportCounts(
        new=len(difference.new),
        changed=len(difference.changed),
        unchanged=len(difference.unchanged),
        gone=len(difference.gone),
        retired=retired,
        problems=len(rows),
    )


def _preview(
    reading: SheetReading,
    difference: Difference,
    catalogue: OwnCatalogue,
    choices: Mapping[str, str],
) -> dict[str, Any]:
    """All that is shown before anything is written, as JSON values."""
    index = {product.row: position for position, product in enumerate(reading.products)}
    shelves = list(catalogue.shelves.values())
    guesses = {}
    for text in _category_texts(difference):
        guess = shelf_named(text, shelves)
        guesses[text] = choices.get(fold(text)) or (guess.slug if guess else None)
    return {
        "products": [as_record(product) for product in reading.products],
        "said": sorted(reading.said),
        "row_count": reading.row_count,
        "heading_rows": list(reading.heading_rows),
        "columns": [
            [guess.index, guess.heading, guess.key, guess.column, list(guess.examples)]
            for guess in reading.columns
        ],
        "problems": [[p.row, p.column, p.code, _plain_facts(p.facts)] for p in reading.problems],
        "warnings": [[w.row, w.column, w.code, _plain_facts(w.facts)] for w in reading.warnings],
        "notices": [[notice.code, _plain_facts(notice.facts)] for notice in reading.notices],
        "new": [index[product.row] for product in difference.new],
        "changed": [
            [
                index[change.after.row],
                change.before.row,
                [
                    [
                        each.field,
                        plain_value(each.field, each.old),
                        plain_value(each.field, each.new),
                    ]
                    for each in change.changes
                ],
            ]
            for change in difference.changed
        ],
        "unchanged": [product.row for product in difference.unchanged],
        "gone": [[product.row, product.reference, product.name] for product in difference.gone],
        "categories": guesses,
    }


def _plain_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()
    }


def _choices(mapping: Mapping[str, Any] | None) -> dict[str, str]:
    return dict((mapping or {}).get("categories", {}))


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
