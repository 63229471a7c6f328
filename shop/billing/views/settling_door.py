"""The doors of settlement: the desk's and the producer's, and who may come in."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy.orm import Session

from shop.catalog.doors import enter_desk

desk = Blueprint(
    "desk_billing", __name__, url_prefix="/desk/<market>", template_folder="../templates"
)
producer = Blueprint(
    "producer_billing",
    __name__,
    url_prefix="/producer/<int:producer_id>",
    template_folder="../templates",
)


def enter(session: Session, slug: str) -> int:
    """The desk of this market only; the person's key.

    Raises:
        MarketUnknown: there is none.
        RoleMissing: this person is not at its desk.
    """
    return enter_desk(session, slug).person_id
