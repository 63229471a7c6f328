"""Find the headings of a list and say what each column is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from shop.catalog.domain.sheet import vocabulary
from shop.catalog.domain.sheet.columns import Column
from shop.catalog.domain.sheet.reading import ColumnGuess, Correction
from shop.catalog.domain.sheet.table import Cell, Row, Table, column_letter
from shop.catalog.domain.sheet.values import cell_text, read_number
from shop.kernel.folding import fold

SEARCHED_ROWS = 40
"""Headings are looked for in that many rows that hold something."""

_ENOUGH = 2
"""Different columns a row must name to be taken for headings."""

_BRACKETS = re.compile(r"[(\[].*?[)\]]")


@dataclass(frozen=True, slots=True)
class Headings:
    """Where the headings stand, and what they say; ``first_data`` is an index into the rows."""

    rows: tuple[int, ...]
    first_data: int
    texts: tuple[str, ...]

    @property
    def known(self) -> int:
        """How many different columns they name."""
        return _score(self.texts)


def column_for(heading: str) -> Column | None:
    """The column that ``heading`` names (« Prix HT / kg », « avail. », « Bestelnummer »)."""
    folded = fold(heading)
    if not folded:
        return None
    known = vocabulary.BY_HEADING.get(folded)
    if known is not None:
        return known
    priced = _price_column(folded)
    if priced is not None:
        return priced
    bare = fold(_BRACKETS.sub(" ", heading))
    if bare == folded:
        return None
    return vocabulary.BY_HEADING.get(bare) or _price_column(bare)


def _price_column(folded: str) -> Column | None:
    words = set(folded.split())
    kinds = (
        vocabulary.PRICE_WORDS,
        vocabulary.NET_WORDS,
        vocabulary.GROSS_WORDS,
        vocabulary.KILO_WORDS,
        vocabulary.LITER_WORDS,
    )
    named, net, gross, kilo, liter = (bool(words & kind) for kind in kinds)
    if not named and words not in ({"ttc"}, {"ht"}, {"ttc", "kg"}, {"ht", "kg"}, {"kg"}):
        return None
    if words == {"kg"}:
        return None
    if words - frozenset().union(*kinds) - vocabulary.PRICE_FILLERS:
        return None
    if net and not gross:
        if kilo:
            return Column.PRICE_NET_PER_KG
        return Column.PRICE_NET_PER_L if liter else Column.PRICE_NET
    if kilo:
        return Column.PRICE_PER_KG
    return Column.PRICE_PER_L if liter else Column.PRICE


def find_headings(
    table: Table, heading_row: int | None = None, taught: frozenset[str] = frozenset()
) -> Headings | None:
    """The headings of ``table``, one or two rows; None when no row looks like headings.

    ``heading_row`` is the row a person pointed at (the lower one of two); 0: there is none,
    columns go by their letters. ``taught`` are folded headings that a person explained.
    """
    rows = table.rows
    if heading_row is not None:
        return _pointed(rows, heading_row)
    best: Headings | None = None
    best_score = _ENOUGH - 1
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        one = _texts(row)
        score = _score(one, taught)
        if score > best_score:
            best, best_score = Headings((row.number,), index + 1, one), score
        if index + 1 >= len(rows) or not _may_be_second(row, rows[index + 1]):
            continue
        two = _joined(row, rows[index + 1])
        both = _score(two, taught)
        if both > max(best_score, score, _score(_texts(rows[index + 1]), taught)) or (
            best is not None and best.rows == (row.number,) and _is_headings(rows[index + 1])
        ):
            best = Headings((row.number, rows[index + 1].number), index + 2, two)
            best_score = max(both, best_score)
    return best


def _pointed(rows: Sequence[Row], heading_row: int) -> Headings | None:
    if heading_row == 0:
        width = max((len(row.cells) for row in rows), default=0)
        return Headings((), 0, ("",) * width)
    for index, row in enumerate(rows):
        if row.number == heading_row:
            if index and _may_be_second(rows[index - 1], row):
                two = _joined(rows[index - 1], row)
                if _score(two) > _score(_texts(row)):
                    return Headings((rows[index - 1].number, row.number), index + 1, two)
            return Headings((row.number,), index + 1, _texts(row))
    return None


def _texts(row: Row) -> tuple[str, ...]:
    return tuple(cell_text(cell) for cell in row.cells)


def _score(texts: Sequence[str], taught: frozenset[str] = frozenset()) -> int:
    known = {column for text in texts if (column := column_for(text)) is not None}
    return len(known) + sum(fold(text) in taught and column_for(text) is None for text in texts)


def _is_headings(row: Row) -> bool:
    """Whether a row below headings is headings again (another language, technical names)."""
    texts = [text for text in _texts(row) if text]
    known = [text for text in texts if column_for(text) is not None]
    return len(known) >= _ENOUGH and 2 * len(known) >= len(texts)


def _may_be_second(first: Row, second: Row) -> bool:
    texts = [text for text in _texts(second) if text]
    return (
        second.number == first.number + 1
        and bool(texts)
        and all(read_number(text) is None and len(text) <= 40 for text in texts)
        and any(column_for(text) for text in (*texts, *_joined(first, second)))
    )


def _joined(first: Row, second: Row) -> tuple[str, ...]:
    """Headings of two rows: « Prix » over « HT » and « TTC » are « Prix HT » and « Prix TTC »."""
    joined: list[str] = []
    over = ""
    for upper, lower in zip_longest(_texts(first), _texts(second), fillvalue=""):
        over = upper or over
        candidates = [text for text in (f"{over} {lower}", lower, upper) if text.strip()]
        if not lower:
            candidates = [upper]
        elif not upper:
            candidates = [lower, f"{over} {lower}"]
            if column_for(lower) is None or fold(lower) in vocabulary.WEAK_CONTENT:
                candidates.reverse()
        named = [text for text in candidates if column_for(text) is not None]
        joined.append((named or candidates)[0])
    return tuple(joined)


def guess_columns(
    headings: Headings, data: Sequence[Row], corrections: Mapping[str, Column | None]
) -> tuple[ColumnGuess, ...]:
    """What each column is; what a person said about a column goes before any guess."""
    width = max([len(headings.texts), *(len(row.cells) for row in data[:SEARCHED_ROWS])])
    texts = [*headings.texts, *[""] * (width - len(headings.texts))]
    keys = _keys(texts)
    found: list[Column | None] = [
        corrections[key] if key in corrections else column_for(text)
        for key, text in zip(keys, texts, strict=True)
    ]
    said = [key in corrections for key in keys]
    _settle_content(found, texts, said, data)
    _settle_twins(found, said)
    return tuple(
        ColumnGuess(index, texts[index], keys[index], found[index], _examples(data, index))
        for index in range(width)
        if texts[index] or _examples(data, index)
    )


def _keys(texts: Sequence[str]) -> list[str]:
    keys: list[str] = []
    for index, text in enumerate(texts):
        key = fold(text) or f"column {column_letter(index)}"
        keys.append(key if key not in keys else f"{key} {column_letter(index)}")
    return keys


def _settle_content(
    found: list[Column | None], texts: Sequence[str], said: Sequence[bool], data: Sequence[Row]
) -> None:
    """« Unité » beside « Contenance » is the unit of the content or of the price."""
    claims = [index for index, column in enumerate(found) if column is Column.CONTENT]
    weak = [i for i in claims if fold(texts[i]) in vocabulary.WEAK_CONTENT and not said[i]]
    if len(claims) < 2 or not weak:
        return
    strong = [index for index in claims if index not in weak]
    if not strong:
        bare = [i for i in weak if _holds_bare_numbers(data, i)]
        strong = bare[:1] or weak[:1]
    is_bare = _holds_bare_numbers(data, strong[0])
    for index in weak:
        if index != strong[0]:
            found[index] = Column.CONTENT_UNIT if is_bare else Column.PRICE_UNIT


def _settle_twins(found: list[Column | None], said: Sequence[bool]) -> None:
    """Of two columns that claim the same, the first one a person named, else the first."""
    for column in {c for c in found if c is not None and c is not Column.IGNORED}:
        claims = [index for index, claimed in enumerate(found) if claimed is column]
        chosen = next((index for index in claims if said[index]), claims[0])
        for index in claims:
            if index != chosen:
                found[index] = None


def _holds_bare_numbers(data: Sequence[Row], index: int) -> bool:
    cells = [cell for row in data[:SEARCHED_ROWS] if (cell := _cell(row, index)) is not None]
    return bool(cells) and all(read_number(cell_text(cell)) is not None for cell in cells)


def _examples(data: Sequence[Row], index: int) -> tuple[str, ...]:
    texts = (cell_text(_cell(row, index))[:60] for row in data[:SEARCHED_ROWS])
    return tuple(dict.fromkeys(text for text in texts if text))[:3]


def _cell(row: Row, index: int) -> Cell:
    return row.cells[index] if index < len(row.cells) else None


def read_columns(
    table: Table, correction: Correction | None
) -> tuple[Headings | None, tuple[ColumnGuess, ...], Sequence[Row]]:
    """Headings, columns and the rows below them, after what a person corrected."""
    correction = correction or Correction()
    headings = find_headings(table, correction.heading_row, frozenset(correction.columns))
    if headings is None:
        stand_in = Headings((), 0, ("",) * max((len(r.cells) for r in table.rows), default=0))
        return None, guess_columns(stand_in, table.rows, correction.columns), table.rows
    data = table.rows[headings.first_data :]
    return headings, guess_columns(headings, data, correction.columns), data
