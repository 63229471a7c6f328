"""How customers may pay where they fetch their goods."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import SpotWay
from shop.catalog.models import DeliveryOption


def accept(session: Session, option_id: int, ways: Sequence[SpotWay]) -> None:
    """Accept these ways, and no others, with a delivery option."""
    session.execute(
        update(DeliveryOption)
        .where(DeliveryOption.id == option_id)
        .values(spot_ways=[way.value for way in ways])
    )
