"""To whom orders are invoiced: a consumer, a firm, an administration."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.billing.domain.invoice import Party
from shop.billing.domain.sellers import Buyer
from shop.billing.models import BuyerParty
from shop.orders.queries.billed import BilledOrder


def of_orders(session: Session, orders: Sequence[BilledOrder]) -> dict[int, Buyer]:
    """The buyer of each order: as the desk noted it, else the organisation, else the person."""
    rows = session.scalars(
        select(BuyerParty).where(BuyerParty.order_id.in_([order.id for order in orders]))
    )
    noted = {row.order_id: _noted(row) for row in rows}
    return {order.id: noted.get(order.id) or _known(order) for order in orders}


def of_order(session: Session, order: BilledOrder) -> Buyer:
    """The buyer of one order."""
    return of_orders(session, [order])[order.id]


def _known(order: BilledOrder) -> Buyer:
    buyer = order.organisation
    if buyer is not None:
        return Buyer(
            Party(buyer.name, buyer.address, buyer.postcode, buyer.commune, siret=buyer.siret)
        )
    return Buyer(Party(order.contact_name, order.address, order.postcode, order.commune))


def _noted(row: BuyerParty) -> Buyer:
    return Buyer(
        Party(
            name=row.name,
            address=row.address,
            postcode=row.postcode,
            commune=row.commune,
            siret=row.siret,
            vat_number=row.vat_number,
            service_code=row.service_code,
            engagement=row.engagement,
        ),
        is_public=row.is_public,
        service_required=row.service_required,
        engagement_required=row.engagement_required,
    )
