"""The desk's door of the orders."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy.orm import Session

from shop.catalog.doors import enter_desk

bp = Blueprint("orders_desk", __name__, url_prefix="/desk/<market>", template_folder="../templates")
"""Pages of the desk; ``desk``, ``desk_supply`` and ``desk_money`` add theirs."""


def enter(session: Session, slug: str) -> int:
    """The desk of this market only; the person's key.

    Raises:
        MarketUnknown: there is none.
        RoleMissing: this person is not at its desk.
    """
    return enter_desk(session, slug).person_id
