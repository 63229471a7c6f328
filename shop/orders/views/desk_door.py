"""The desk's door of the orders: who may come in, and which cycle they look at."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g
from sqlalchemy.orm import Session

from shop.accounts.access import demand
from shop.accounts.domain.roles import Role
from shop.catalog.queries import cycles, markets
from shop.catalog.queries.cycles import CycleCard

bp = Blueprint("orders_desk", __name__, url_prefix="/desk/<market>", template_folder="../templates")
"""Pages of the desk; ``desk``, ``desk_supply`` and ``desk_money`` add theirs."""

STARTED = ("open", "closed", "archived")


@dataclass(frozen=True, slots=True)
class Choice:
    """The cycle that is looked at, and those one may choose."""

    cycle: CycleCard | None
    cycles: tuple[CycleCard, ...]


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


def choose(session: Session, code: str | None, *, closed: bool = False) -> Choice:
    """The cycle asked for, else the latest that has begun (``closed``: that has closed)."""
    recent = [card for card in cycles.recent(session, g.market.id, 40) if card.state in STARTED]
    if code:
        return Choice(cycles.by_code(session, g.market.id, code), tuple(recent))
    fitting = [card for card in recent if not closed or card.state != "open"] or recent
    return Choice(fitting[0] if fitting else None, tuple(recent))
