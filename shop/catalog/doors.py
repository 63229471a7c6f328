"""The doors of a market's desk and of a farm: who may come in, and which cycle they look at."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g
from sqlalchemy.orm import Session

from shop.accounts.access import demand
from shop.accounts.domain.roles import Identity, Role
from shop.catalog.queries import cycles, markets, producers
from shop.catalog.queries.cycles import CycleCard

STARTED = ("open", "closed", "archived")
"""States of a cycle that customers have seen."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The cycle that is looked at, and those one may choose."""

    cycle: CycleCard | None
    cycles: tuple[CycleCard, ...]


def enter_desk(session: Session, slug: str) -> Identity:
    """The desk of this market only; the frame of the page is the desk's.

    Raises:
        MarketUnknown: there is none.
        RoleMissing: this person is not at its desk.
    """
    g.market = markets.by_slug(session, slug)
    who = demand(Role.DESK, g.market.id)
    g.side_of = "desk"
    return who


def enter_farm(session: Session, producer_id: int) -> Identity:
    """This producer's people only; the frame of the page is the farm's.

    Raises:
        RoleMissing: this person does not act for them.
    """
    who = demand(Role.PRODUCER, producer_id)
    g.producer = producers.by_id(session, producer_id)
    g.side_of = "producer"
    return who


def choose(session: Session, code: str | None, *, closed: bool = False) -> Choice:
    """The cycle asked for, else the latest that has begun (``closed``: that has closed)."""
    recent = [card for card in cycles.recent(session, g.market.id, 40) if card.state in STARTED]
    if code:
        return Choice(cycles.by_code(session, g.market.id, code), tuple(recent))
    fitting = [card for card in recent if not closed or card.state != "open"] or recent
    return Choice(fitting[0] if fitting else None, tuple(recent))
