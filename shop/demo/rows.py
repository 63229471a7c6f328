"""Rows made in memory with their keys, then written in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert, text, update
from sqlalchemy.orm import Session

from shop.infra.db import Base, table_of
from shop.infra.transitions import Transition
from shop.kernel.lifecycle import Lifecycle

Values = dict[str, Any]


class Rows:
    """Everything the demo will write, table by table, in the order it was made."""

    def __init__(self) -> None:
        self._rows: dict[Table, list[Values]] = defaultdict(list)
        self._written: dict[Table, int] = defaultdict(int)

    def add(self, table: type[Base], /, **values: Any) -> Values:
        """A row with the next key of its table; what is changed in it later is written too."""
        rows = self._rows[table_of(table)]
        row = {"id": len(rows) + 1, **values}
        rows.append(row)
        return row

    def link(self, table: type[Base], /, **values: Any) -> None:
        """A row that nobody refers to: the database gives it a key, if it has one."""
        self._rows[table_of(table)].append(values)

    def of(self, model: type[Base]) -> list[Values]:
        """The rows made so far for a table."""
        return self._rows[table_of(model)]

    def live(
        self,
        lifecycle: Lifecycle,
        row: Values,
        events: Iterable[tuple[str, datetime]],
        *,
        by: int | None = None,
        reason: str | None = None,
    ) -> None:
        """Let events happen to ``row`` one after the other, each with its transition.

        Raises:
            IllegalTransition: the lifecycle does not allow it.
        """
        state = row.get("state", lifecycle.initial)
        for event, at in events:
            after = lifecycle.after(state, event)
            self.link(
                Transition,
                subject=lifecycle.name,
                subject_id=row["id"],
                event=event,
                from_state=state,
                to_state=after,
                at=at,
                by_person_id=by,
                reason=reason,
            )
            state = after
        row["state"] = state

    def write(self, session: Session) -> None:
        """Insert what was made since the last time, parents first."""
        connection = session.connection()
        for table in Base.metadata.sorted_tables:
            rows = self._rows.get(table, [])
            fresh = rows[self._written[table] :]
            for batch in _alike(fresh):
                connection.execute(insert(table), batch)
            if fresh and "id" in fresh[0]:
                connection.execute(
                    text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
                    {"name": table.name, "last": len(rows)},
                )
            self._written[table] = len(rows)

    def rewrite(
        self, session: Session, model: type[Base], rows: Sequence[Values], *names: str
    ) -> None:
        """Write again what changed in rows that were written before."""
        if not rows:
            return
        table = table_of(model)
        session.connection().execute(
            update(table)
            .where(table.c.id == bindparam("key"))
            .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}),
            [
                {"key": row["id"], **{f"new_{name}": row.get(name) for name in names}}
                for row in rows
            ],
        )

    def counts(self) -> dict[str, int]:
        """How many rows each table got."""
        return {table.name: len(rows) for table, rows in self._rows.items() if rows}


def _alike(rows: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Rows with the same columns together: one statement for each."""
    batches: dict[tuple[str, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        batches[tuple(sorted(row))].append(row)
    return list(batches.values())
