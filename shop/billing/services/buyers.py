"""Say to whom an order is invoiced, and what became of an invoice at its portal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.billing.domain.invoice_terms import InvoiceKind
from shop.billing.domain.lifecycles import SUBMISSION
from shop.billing.domain.sellers import Buyer
from shop.billing.errors import AlreadyInvoiced, InvoiceUnknown
from shop.billing.models import BuyerParty, InvoiceSubmission, IssuedInvoice
from shop.infra.transitions import advance


def name_buyer(session: Session, order_id: int, buyer: Buyer) -> None:
    """Invoice an order to a firm or an administration.

    Raises:
        AlreadyInvoiced: what was issued stands; credit it first.
    """
    issued = session.scalar(
        select(IssuedInvoice.id)
        .where(IssuedInvoice.order_id == order_id, IssuedInvoice.kind == InvoiceKind.INVOICE)
        .limit(1)
    )
    if issued is not None:
        raise AlreadyInvoiced(order_id=order_id)
    party = buyer.party
    values = {
        "name": party.name,
        "siret": party.siret,
        "vat_number": party.vat_number,
        "address": party.address,
        "postcode": party.postcode,
        "commune": party.commune,
        "is_public": buyer.is_public,
        "service_code": party.service_code,
        "service_required": buyer.service_required,
        "engagement": party.engagement,
        "engagement_required": buyer.engagement_required,
    }
    session.execute(
        insert(BuyerParty)
        .values(order_id=order_id, **values)
        .on_conflict_do_update(index_elements=["order_id"], set_=values)
    )


def note_submission(
    session: Session,
    invoice_id: int,
    event: str,
    *,
    reference: str = "",
    note: str = "",
    at: datetime,
    by: int | None = None,
) -> None:
    """Note what a portal or a buyer did with an invoice.

    Raises:
        InvoiceUnknown: it goes to no portal.
        IllegalTransition: that cannot happen where it stands.
    """
    row = session.scalar(
        select(InvoiceSubmission)
        .where(InvoiceSubmission.invoice_id == invoice_id)
        .with_for_update()
    )
    if row is None:
        raise InvoiceUnknown(invoice_id=invoice_id)
    row.reference = reference or row.reference
    row.note = note
    row.changed_at = at
    advance(session, SUBMISSION, row, event, at=at, by=by, reason=note or None)
