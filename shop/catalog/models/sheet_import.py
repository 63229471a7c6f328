"""A catalogue file: as it came, as it was understood, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, func
from sqlalchemy.orm import Mapped, deferred, mapped_column

from shop.catalog.domain.terms import ImportState
from shop.infra.column_types import text_enum
from shop.infra.db import Row


class SheetImport(Row):
    """One upload of one producer."""

    __tablename__ = "sheet_imports"

    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id"), index=True)
    filename: Mapped[str]
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    sha256: Mapped[str]
    state: Mapped[ImportState] = mapped_column(text_enum(ImportState))
    mapping: Mapped[dict[str, Any] | None]
    """Columns as the person corrected them; None: as guessed."""
    preview: Mapped[dict[str, Any] | None]
    """New, changed, unchanged, gone and problems, as shown before anything is written."""
    outcome: Mapped[dict[str, Any] | None]
    """Counts of what was written, or the reason why the file was refused."""
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    uploaded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    read_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
