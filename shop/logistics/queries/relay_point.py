"""What comes to a pick-up point, who fetches it, and what a scanned code stands for."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.queries import markets
from shop.logistics.domain.searching import matches
from shop.logistics.domain.terms import HandoverKind
from shop.logistics.errors import CrateUnknown
from shop.logistics.models import Crate, Handover, Stop, TruckRound
from shop.logistics.queries.cycle_goods import CRATE_COLUMNS, CrateCard
from shop.orders.queries import handing
from shop.orders.queries.handing import OrderToHand


@dataclass(frozen=True, slots=True)
class Fetched:
    """Who took an order, and when."""

    receiver: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """One customer who comes for an order."""

    order: OrderToHand
    crates: list[CrateCard]
    fetched: Fetched | None
    is_there: bool
    """Whether the truck has brought it."""
    is_refused: bool

    @property
    def surname(self) -> str:
        """What the list is sorted by."""
        return self.order.contact_name.split()[-1]

    def answers(self, words: str) -> bool:
        """Whether a search for a name, an order or a crate means it."""
        texts = [self.order.contact_name, self.order.number, *(crate.code for crate in self.crates)]
        return matches(words, texts)


@dataclass(frozen=True, slots=True)
class Arrival:
    """When the truck is expected, or came."""

    stop_id: int
    planned_at: datetime
    state: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class PointDay:
    """The list of one pick-up point in one cycle."""

    cycle_id: int
    visits: list[Visit]
    arrivals: list[Arrival]

    @property
    def is_over(self) -> bool:
        """Whether everything was brought, or nothing was to be: no truck is waited for."""
        return all(visit.is_there or visit.is_refused for visit in self.visits)

    @property
    def fetched(self) -> int:
        """How many came."""
        return sum(visit.fetched is not None for visit in self.visits)

    @property
    def crates(self) -> int:
        """How many crates there are in all."""
        return sum(len(visit.crates) for visit in self.visits)


def day_at_point(session: Session, point_id: int, cycle_id: int) -> PointDay:
    """Who comes to a pick-up point in a cycle, by surname; a handful of questions."""
    orders = handing.at_point(session, point_id, cycle_id)
    ids = [order.order_id for order in orders]
    crates: dict[int, list[CrateCard]] = defaultdict(list)
    for row in session.execute(
        select(*CRATE_COLUMNS)
        .where(Crate.order_id.in_(ids), Crate.state != "missing")
        .order_by(Crate.order_id, Crate.position)
    ):
        card = CrateCard(*row)
        crates[card.order_id].append(card)
    fetched: dict[int, Fetched] = {}
    refused: set[int] = set()
    for order_id, kind, stop_id, receiver, at in session.execute(
        select(Handover.order_id, Handover.kind, Handover.stop_id, Handover.receiver, Handover.at)
        .where(Handover.order_id.in_(ids))
        .order_by(Handover.id)
    ):
        if kind is HandoverKind.REFUSED:
            refused.add(order_id)
        elif stop_id is None and kind is HandoverKind.SERVED:
            fetched.setdefault(order_id, Fetched(receiver or "", at))
    return PointDay(
        cycle_id,
        [
            Visit(
                order,
                crates[order.order_id],
                fetched.get(order.order_id),
                order.state in ("fulfilled", "settled"),
                order.order_id in refused or order.is_given_up,
            )
            for order in orders
        ],
        _arrivals(session, point_id, cycle_id),
    )


def _arrivals(session: Session, point_id: int, cycle_id: int) -> list[Arrival]:
    rows = session.execute(
        select(Stop.id, Stop.arrives_at, Stop.state, Stop.ended_at)
        .join(TruckRound, TruckRound.id == Stop.round_id)
        .where(Stop.pickup_point_id == point_id, TruckRound.cycle_id == cycle_id)
        .where(TruckRound.state.not_in(("draft", "discarded")))
        .order_by(Stop.arrives_at)
    )
    return [Arrival(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ScannedCrate:
    """What a crate's code stands for, and who has to do with it."""

    code: str
    order_id: int
    order_number: str
    order_state: str
    order_token: uuid.UUID
    person_id: int | None
    market_id: int
    market_slug: str
    cycle_id: int
    pickup_point_id: int | None
    stop_id: int | None
    driver_id: int | None
    round_state: str | None


def scanned(session: Session, code: str) -> ScannedCrate:
    """The crate with that code, however it is typed.

    Raises:
        CrateUnknown: there is none.
    """
    row = session.execute(
        select(Crate.code, Crate.order_id, Crate.stop_id, TruckRound.driver_id, TruckRound.state)
        .outerjoin(Stop, Stop.id == Crate.stop_id)
        .outerjoin(TruckRound, TruckRound.id == Stop.round_id)
        .where(Crate.code == code.strip().upper())
    ).one_or_none()
    if row is None:
        raise CrateUnknown(crate=code)
    order = handing.by_ids(session, [row.order_id])[row.order_id]
    market = markets.by_id(session, order.market_id)
    return ScannedCrate(
        code=row.code,
        order_id=order.order_id,
        order_number=order.number,
        order_state=order.state,
        order_token=order.token,
        person_id=order.person_id,
        market_id=market.id,
        market_slug=market.slug,
        cycle_id=order.cycle_id,
        pickup_point_id=order.pickup_point_id,
        stop_id=row.stop_id,
        driver_id=row.driver_id,
        round_state=row.state,
    )
