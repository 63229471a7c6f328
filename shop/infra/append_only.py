"""Tables that only ever grow: the database itself refuses to change or delete a row."""

from __future__ import annotations

from typing import Any

from shop.infra.db import Base

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""
"""Written once, by the first migration."""

APPEND_ONLY: dict[str, Any] = {"append_only": True}
"""Put in ``__table_args__`` as ``{"info": APPEND_ONLY}``; a house test looks for the trigger."""


def trigger(table: str) -> str:
    """Statement that makes ``table`` append-only; its migration runs it."""
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def append_only_tables() -> list[str]:
    """Names of the tables declared append-only."""
    return sorted(t.name for t in Base.metadata.sorted_tables if t.info.get("append_only"))
