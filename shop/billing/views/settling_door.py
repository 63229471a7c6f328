"""The doors of settlement: the desk's and the producer's, and who may come in."""

from __future__ import annotations

from flask import Blueprint, Response, g
from sqlalchemy.orm import Session

from shop.accounts.access import demand
from shop.accounts.domain.roles import Role
from shop.catalog.queries import markets, producers

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
    g.market = markets.by_slug(session, slug)
    who = demand(Role.DESK, g.market.id)
    g.side_of = "desk"
    return who.person_id


def enter_farm(session: Session, producer_id: int) -> int:
    """This producer's people only; the person's key.

    Raises:
        RoleMissing: this person does not act for them.
    """
    who = demand(Role.PRODUCER, producer_id)
    g.producer = producers.by_id(session, producer_id)
    g.side_of = "producer"
    return who.person_id


def file_of(content: bytes, kind: str, name: str, *, inline: bool = False) -> Response:
    """A file that leaves; nobody in between keeps it."""
    way = "inline" if inline else "attachment"
    return Response(
        content,
        mimetype=kind,
        headers={
            "Content-Disposition": f'{way}; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )
