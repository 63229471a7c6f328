"""Keep the file of an invoice: made once, then always the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.billing.domain.invoice import Invoice
from shop.billing.domain.invoice_record import thaw
from shop.billing.models import InvoiceFile, IssuedInvoice


@dataclass(frozen=True, slots=True)
class Unprinted:
    """An invoice whose file is still to be made."""

    id: int
    invoice: Invoice
    xml: str


def unprinted(session: Session, invoice_ids: Sequence[int]) -> list[Unprinted]:
    """Those of ``invoice_ids`` that have no file yet."""
    rows = session.execute(
        select(IssuedInvoice.id, IssuedInvoice.document, IssuedInvoice.xml)
        .outerjoin(InvoiceFile, InvoiceFile.invoice_id == IssuedInvoice.id)
        .where(IssuedInvoice.id.in_(invoice_ids), InvoiceFile.invoice_id.is_(None))
        .order_by(IssuedInvoice.id)
    )
    return [Unprinted(row.id, thaw(row.document), row.xml) for row in rows]


def unprinted_of_cycle(session: Session, market_id: int, cycle_id: int) -> list[int]:
    """Invoices of a cycle that have no file yet, the first issued first."""
    return list(
        session.scalars(
            select(IssuedInvoice.id)
            .outerjoin(InvoiceFile, InvoiceFile.invoice_id == IssuedInvoice.id)
            .where(IssuedInvoice.market_id == market_id, IssuedInvoice.cycle_id == cycle_id)
            .where(InvoiceFile.invoice_id.is_(None))
            .order_by(IssuedInvoice.id)
        )
    )


def keep(session: Session, invoice_id: int, pdf: bytes) -> bytes:
    """Keep ``pdf`` unless somebody was faster; the file that is kept."""
    kept = session.scalar(
        insert(InvoiceFile)
        .values(invoice_id=invoice_id, pdf=pdf, sha256=sha256(pdf).hexdigest())
        .on_conflict_do_nothing(index_elements=["invoice_id"])
        .returning(InvoiceFile.invoice_id)
    )
    if kept is not None:
        return pdf
    return session.scalars(
        select(InvoiceFile.pdf).where(InvoiceFile.invoice_id == invoice_id)
    ).one()
