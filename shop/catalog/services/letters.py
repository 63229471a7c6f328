"""In which language the shop writes to a producer."""

from __future__ import annotations

from sqlalchemy.orm import Session

from shop.catalog.errors import ProducerUnknown
from shop.catalog.models import Producer
from shop.kernel.errors import InvalidInput

LANGUAGES = ("fr", "en")


def set_language(session: Session, producer_id: int, language: str) -> None:
    """Write to this producer in ``language`` from now on.

    Raises:
        ProducerUnknown: there is none.
        InvalidInput: the shop does not speak it.
    """
    if language not in LANGUAGES:
        raise InvalidInput(field="language", reason="unknown")
    producer = session.get(Producer, producer_id)
    if producer is None:
        raise ProducerUnknown(producer_id=producer_id)
    producer.language = language
    session.flush()
