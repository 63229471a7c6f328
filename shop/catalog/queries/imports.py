"""Catalogue files as pages show them: the history, and one file with what it would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import ImportState
from shop.catalog.errors import ImportUnknown
from shop.catalog.models import SheetImport


@dataclass(frozen=True, slots=True)
class ImportCard:
    """One file a producer brought, and how far it got."""

    id: int
    producer_id: int
    filename: str
    state: ImportState
    uploaded_at: datetime
    read_at: datetime | None
    applied_at: datetime | None
    uploaded_by_id: int | None
    mapping: dict[str, Any] | None
    outcome: dict[str, Any] | None

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed, unchanged, gone, retired, problems."""
        found: dict[str, int] = (self.outcome or {}).get("counts", {})
        return found

    @property
    def is_working(self) -> bool:
        """Whether the worker has something to do with it."""
        return self.state is ImportState.UPLOADED or (
            self.state is ImportState.READ and bool((self.outcome or {}).get("asked"))
        )


@dataclass(frozen=True, slots=True)
class ImportPage:
    """One file with what it would change, as it was shown."""

    card: ImportCard
    preview: dict[str, Any]


_COLUMNS = (
    SheetImport.id,
    SheetImport.producer_id,
    SheetImport.filename,
    SheetImport.state,
    SheetImport.uploaded_at,
    SheetImport.read_at,
    SheetImport.applied_at,
    SheetImport.uploaded_by_id,
    SheetImport.mapping,
    SheetImport.outcome,
)


def history(session: Session, producer_id: int, limit: int = 30) -> list[ImportCard]:
    """The latest files of a producer, the newest first."""
    rows = session.execute(
        select(*_COLUMNS)
        .where(SheetImport.producer_id == producer_id)
        .order_by(SheetImport.id.desc())
        .limit(limit)
    )
    return [ImportCard(*tuple(row)) for row in rows]


def card(session: Session, producer_id: int, import_id: int) -> ImportCard:
    """One file, without its content.

    Raises:
        ImportUnknown: the producer brought no such file.
    """
    row = session.execute(
        select(*_COLUMNS).where(SheetImport.id == import_id, SheetImport.producer_id == producer_id)
    ).one_or_none()
    if row is None:
        raise ImportUnknown(import_id=import_id)
    return ImportCard(*tuple(row))


def page(session: Session, producer_id: int, import_id: int) -> ImportPage:
    """One file with what it would change.

    Raises:
        ImportUnknown: the producer brought no such file.
    """
    found = card(session, producer_id, import_id)
    preview = session.scalar(select(SheetImport.preview).where(SheetImport.id == import_id))
    return ImportPage(found, preview or {})
