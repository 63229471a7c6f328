"""Column types that the tables of several rooms share."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Enum


def text_enum(kind: type[StrEnum], name: str | None = None) -> Enum:
    """A text column that holds one of the values of ``kind``; the database checks it.

    ``name`` tells the check from another one of the same kind in the same table.
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name or _snake(kind.__name__),
        values_callable=lambda members: [member.value for member in members],
    )


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
