"""Where the gate of a farm is: shown by the producer, for the truck and for the public map."""

from __future__ import annotations

from sqlalchemy.orm import Session

from shop.catalog.errors import ProducerUnknown
from shop.catalog.models import Producer


def move_gate(session: Session, producer_id: int, *, lon: float, lat: float) -> None:
    """Let the truck come to this point; rounds that are planned from now on go there.

    Raises:
        ProducerUnknown: there is none.
    """
    producer = session.get(Producer, producer_id, with_for_update=True)
    if producer is None:
        raise ProducerUnknown(producer_id=producer_id)
    producer.lon, producer.lat = lon, lat
    session.flush()
