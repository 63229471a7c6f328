"""Files of the bank on their way in: brought, looked at, kept or thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shop.billing.errors import MovementUnknown
from shop.billing.models import BankColumns, BankUpload


def bring(session: Session, market_id: int, name: str, content: bytes, *, at: datetime) -> int:
    """Keep a file until somebody has looked at it; its key. Only the latest is kept."""
    session.execute(delete(BankUpload).where(BankUpload.market_id == market_id))
    upload = BankUpload(market_id=market_id, name=name[:200], content=content, brought_at=at)
    session.add(upload)
    session.flush()
    return upload.id


def brought(session: Session, market_id: int, key: int) -> tuple[str, bytes]:
    """Name and content of a file that waits.

    Raises:
        MovementUnknown: it was kept or thrown away already.
    """
    upload = session.get(BankUpload, key)
    if upload is None or upload.market_id != market_id:
        raise MovementUnknown(upload_id=key)
    return upload.name, upload.content


def throw_away(session: Session, market_id: int, key: int) -> None:
    """The file is not needed any more."""
    session.execute(
        delete(BankUpload).where(BankUpload.id == key, BankUpload.market_id == market_id)
    )


def columns_of(session: Session, market_id: int) -> dict[str, int] | None:
    """Which column is what in the market's lists, as somebody said the last time."""
    found = session.scalar(select(BankColumns.columns).where(BankColumns.market_id == market_id))
    return dict(found) if found else None


def remember(session: Session, market_id: int, columns: Mapping[str, int]) -> None:
    """Keep which column is what for the next list."""
    session.execute(
        upsert(BankColumns)
        .values(market_id=market_id, columns=dict(columns))
        .on_conflict_do_update(index_elements=["market_id"], set_={"columns": dict(columns)})
    )
