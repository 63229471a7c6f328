"""What a producer's list would change: compared, counted, shown before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shop.catalog.domain.listing import Shelf, shelf_named
from shop.catalog.domain.sheet import (
    Difference,
    SheetProduct,
    SheetReading,
    compare,
)
from shop.catalog.domain.sheet_record import as_record, plain_value
from shop.catalog.errors import CategoriesMissing
from shop.catalog.queries.catalogue import OwnCatalogue
from shop.kernel.folding import fold

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


def difference_from(
    catalogue: OwnCatalogue, products: Iterable[SheetProduct], said: frozenset[str]
) -> Difference:
    """What a list changes in a catalogue; gone is only what is still for sale."""
    found = compare(catalogue.all_listed(), products, said | ALWAYS_COMPARED)
    still_there = tuple(product for product in found.gone if product.available)
    return Difference(found.new, found.changed, found.unchanged, still_there)


def shelves_for(
    difference: Difference,
    catalogue: OwnCatalogue,
    choices: Mapping[str, str],
    fallback: str | None,
) -> dict[str, Shelf]:
    """Category of each word that new or moved products use.

    Raises:
        CategoriesMissing: words that nobody placed.
    """
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


def shelf_of(
    before: SheetProduct,
    after: SheetProduct,
    catalogue: OwnCatalogue,
    places: Mapping[str, Shelf],
) -> Shelf:
    """Category of a product after the change: the one it had, unless the list moves it."""
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


def counts_of(difference: Difference, problems: Iterable[Any], *, retired: int) -> ImportCounts:
    """How many rows do what; a row with several problems counts once."""
    rows = {problem[0] if isinstance(problem, list) else problem.row for problem in problems}
    return ImportCounts(
        new=len(difference.new),
        changed=len(difference.changed),
        unchanged=len(difference.unchanged),
        gone=len(difference.gone),
        retired=retired,
        problems=len(rows),
    )


def preview_of(
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
        "problems": [[p.row, p.column, p.code, plain_facts(p.facts)] for p in reading.problems],
        "warnings": [[w.row, w.column, w.code, plain_facts(w.facts)] for w in reading.warnings],
        "notices": [[notice.code, plain_facts(notice.facts)] for notice in reading.notices],
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


def plain_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a problem as JSON keeps them."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()
    }


def choices_of(mapping: Mapping[str, Any] | None) -> dict[str, str]:
    """The categories that a person chose for words of the list: folded words to slugs."""
    return dict((mapping or {}).get("categories", {}))
