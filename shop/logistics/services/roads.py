"""Ask the road servers for what is not kept yet, in their order, and keep what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from sqlalchemy import BigInteger, Integer, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session
from structlog import get_logger

from shop.kernel.errors import GatewayError, GatewayRefused
from shop.logistics.domain.roads import Point, RoadTable, blocks_to_ask, distinct, key_of
from shop.logistics.models import RoadLeg, RoadMap
from shop.logistics.ports import RoadMatrix, RoadSource
from shop.logistics.queries.roads import kept

log = get_logger()

LARGEST_INSERT = 50_000
"""Legs written by one statement."""

PATIENCE = 2
"""After so many questions in a row that came to nothing a source is left alone."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of asking: the source that was found, and how many pairs it was asked."""

    source: str | None
    """None: nobody answers, distances will be estimated."""
    data_date: str
    asked: int
    failed: int


@dataclass(frozen=True, slots=True)
class Books:
    """Where answers are kept: how to open a session to read, and one to write."""

    read: Callable[[], AbstractContextManager[Session]]
    write: Callable[[], AbstractContextManager[Session]]


def measure(
    matrix: RoadMatrix,
    points: Sequence[Point],
    books: Books,
    say: Callable[[int, int], None] = lambda done, of: None,
) -> Measured:
    """Make sure that every pair of ``points`` that a road server knows is kept.

    The first source that answers is asked for what is missing of its map, block by block, each
    kept as it comes: a try that was cut goes on where it stopped. ``say`` hears pairs done and
    pairs to do. No session is open while a server is asked.
    """
    spots, _ = distinct(points)
    for source in matrix.sources:
        try:
            date = source.data_date(spots[0])
        except GatewayError as error:
            log.warning("road_source_silent", source=source.name, error=str(error))
            continue
        with books.write() as session:
            map_id = open_map(session, source.name, date)
        with books.read() as session:
            table = kept(session, map_id, spots)
        asked, failed = _ask(source, map_id, spots, table, books, say)
        if asked and failed == asked:
            with books.write() as session:
                _drop_if_empty(session, map_id)
            continue
        return Measured(source.name, date, asked, failed)
    return Measured(None, "", 0, 0)


def open_map(session: Session, source: str, data_date: str) -> int:
    """The key of the map of a source at a date, which from now on is the one planned by."""
    statement = insert(RoadMap).values(source=source, data_date=data_date)
    found: int = session.scalars(
        statement.on_conflict_do_update(
            index_elements=["source", "data_date"], set_={"answered_at": func.clock_timestamp()}
        ).returning(RoadMap.id)
    ).one()
    return found


def remember(
    session: Session, map_id: int, rows: Sequence[Point], columns: Sequence[Point], part: RoadTable
) -> None:
    """Keep what a source said of a block, in bulk; said again, the last word counts."""
    starts = np.repeat([key_of(point) for point in rows], len(columns))
    ends = np.tile([key_of(point) for point in columns], len(rows))
    for first in range(0, starts.size, LARGEST_INSERT):
        cut = slice(first, first + LARGEST_INSERT)
        legs = select(
            bindparam("map_id", map_id, BigInteger),
            *(
                func.unnest(bindparam(name, values.ravel()[cut].tolist(), ARRAY(kind)))
                for name, values, kind in (
                    ("starts", starts, BigInteger),
                    ("ends", ends, BigInteger),
                    ("meters", part.distance_m, Integer),
                    ("seconds", part.duration_s, Integer),
                )
            ),
        )
        statement = insert(RoadLeg).from_select(
            ["map_id", "from_key", "to_key", "distance_m", "duration_s"], legs
        )
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["map_id", "from_key", "to_key"],
                set_={
                    "distance_m": statement.excluded.distance_m,
                    "duration_s": statement.excluded.duration_s,
                },
            )
        )


def forget_old_maps(session: Session) -> int:
    """Delete every kept leg but those of the map that answered last; how many maps went."""
    newest = select(RoadMap.id).order_by(RoadMap.answered_at.desc(), RoadMap.id.desc()).limit(1)
    gone = session.scalars(
        delete(RoadMap)
        .where(RoadMap.id.not_in(newest))
        .returning(RoadMap.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(gone)


def _ask(
    source: RoadSource,
    map_id: int,
    spots: Sequence[Point],
    table: RoadTable,
    books: Books,
    say: Callable[[int, int], None],
) -> tuple[int, int]:
    """Ask for every hole of ``table``; pairs asked for, and pairs that stay holes."""
    unknown = table.unknown
    to_do, done, failed, silent = int(unknown.sum()), 0, 0, 0
    for rows, columns in blocks_to_ask(unknown, source.largest):
        before = int(table.unknown[np.ix_(rows, columns)].sum())
        for some_rows, some_columns in _answered(source, spots, rows, columns, table):
            with books.write() as session:
                remember(
                    session,
                    map_id,
                    [spots[each] for each in some_rows],
                    [spots[each] for each in some_columns],
                    _part(table, some_rows, some_columns),
                )
        holes = int(table.unknown[np.ix_(rows, columns)].sum())
        done += before
        failed += holes
        silent = silent + 1 if holes == before else 0
        say(done, to_do)
        if silent >= PATIENCE:
            return to_do, to_do - done + failed
    return to_do, failed


def _answered(
    source: RoadSource,
    spots: Sequence[Point],
    rows: list[int],
    columns: list[int],
    table: RoadTable,
) -> Iterator[tuple[list[int], list[int]]]:
    """Parts of a block that were answered and written into ``table``.

    A block that is too large for the server is halved until it fits.
    """
    waiting = [(rows, columns)]
    while waiting:
        some_rows, some_columns = waiting.pop()
        try:
            part = source.table(
                [spots[each] for each in some_rows], [spots[each] for each in some_columns]
            )
        except GatewayError as error:
            if _too_large(error) and max(len(some_rows), len(some_columns)) > 1:
                waiting.extend(_halves(some_rows, some_columns))
                continue
            log.warning("roads_not_answered", source=source.name, error=str(error))
            continue
        table.put(some_rows, some_columns, part)
        yield some_rows, some_columns


def _halves(rows: list[int], columns: list[int]) -> list[tuple[list[int], list[int]]]:
    if len(rows) >= len(columns):
        middle = len(rows) // 2
        return [(rows[:middle], columns), (rows[middle:], columns)]
    middle = len(columns) // 2
    return [(rows, columns[:middle]), (rows, columns[middle:])]


def _too_large(error: GatewayError) -> bool:
    return isinstance(error, GatewayRefused) and bool(error.facts.get("too_large"))


def _part(table: RoadTable, rows: list[int], columns: list[int]) -> RoadTable:
    at = np.ix_(rows, columns)
    return RoadTable(table.distance_m[at], table.duration_s[at])


def _drop_if_empty(session: Session, map_id: int) -> None:
    """A map that said nothing shall not stand before one that did."""
    legs = select(RoadLeg.map_id).where(RoadLeg.map_id == map_id).exists()
    session.execute(
        delete(RoadMap)
        .where(RoadMap.id == map_id, ~legs)
        .execution_options(synchronize_session=False)
    )
