"""Tell the orders who took what when: the desk answers a bank with it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.queries import identity
from shop.logistics.domain.terms import HandoverKind
from shop.logistics.models import Handover
from shop.orders.ports.witnessing import Witnessed


class RoundWitness:
    """Answers off what drivers and hosts noted."""

    def witnessed(self, session: Session, order_id: int) -> tuple[Witnessed, ...]:
        """Every moment that was noted of an order, oldest first."""
        rows = session.scalars(
            select(Handover).where(Handover.order_id == order_id).order_by(Handover.id)
        ).all()
        names = identity.names(session, {row.by_person_id for row in rows if row.by_person_id})
        return tuple(
            Witnessed(
                at=row.device_at,
                is_served=row.kind is HandoverKind.SERVED,
                receiver=row.receiver or "",
                note=row.note or "",
                by=names.get(row.by_person_id or 0, ""),
            )
            for row in rows
        )
