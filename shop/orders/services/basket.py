"""Put things into a basket, which holds them for a while; let go; come back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Integer, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.catalog.errors import AllotmentExhausted, CycleNotOpen
from shop.catalog.queries import offers
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.markets import MarketCard
from shop.catalog.queries.offers import OfferCard
from shop.catalog.services import allotment
from shop.infra.db import table_of
from shop.infra.places.geocoding import PinBy
from shop.infra.transitions import advance_all
from shop.orders.domain.basket import (
    LineChange,
    changes,
    difference,
    expiry,
    fits_step,
    what_is_left,
)
from shop.orders.domain.lifecycles import BASKET
from shop.orders.errors import AmountRefused, BasketUnknown, OfferUnavailable
from shop.orders.models import Basket, BasketLine
from shop.orders.queries import basket as baskets
from shop.orders.queries.basket import BasketCard, BasketView, Visitor

_LINES = (
    func.unnest(
        bindparam("offer_ids", type_=ARRAY(BigInteger)),
        bindparam("amounts", type_=ARRAY(Integer)),
    )
    .table_valued("offer_id", "amount", name="lines", with_ordinality="place")
    .render_derived()
)
_INSERT = insert(table_of(BasketLine)).from_select(
    ["basket_id", "offer_id", "amount"],
    select(bindparam("basket", type_=BigInteger), _LINES.c.offer_id, _LINES.c.amount).order_by(
        _LINES.c.place
    ),
)
_PUT = _INSERT.on_conflict_do_update(
    index_elements=["basket_id", "offer_id"], set_={"amount": _INSERT.excluded.amount}
)
"""Lines of a basket, any number of them: built once."""

_KEEP = (
    update(Basket)
    .where(Basket.token == bindparam("cookie"), Basket.person_id.is_(None))
    .where(Basket.cycle_id == bindparam("cycle"), Basket.state != "ordered")
    .values(expires_at=bindparam("until"))
    .returning(*baskets.COLUMNS)
    .execution_options(synchronize_session=False)
)

TRIES = 3
"""How often a basket that comes back looks again at what is left."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A basket after a change: the lines that could not be kept as they were."""

    basket_id: int
    token: uuid.UUID
    lost: list[LineChange] = field(default_factory=list)
    view: BasketView | None = None
    """What is in it now, with prices."""


def set_lines(
    session: Session,
    visitor: Visitor,
    market: MarketCard,
    cycle: CycleCard,
    wanted: Mapping[int, int],
    now: datetime,
) -> Kept:
    """Make the basket hold ``wanted`` of each offer named; zero takes the line out.

    Lines that are not named stay. All or none: an error leaves the unit of work. Doing it twice
    changes nothing. A basket whose time was over comes back first, with what is left.

    Raises:
        CycleNotOpen: the market does not sell now.
        OfferUnavailable: an offer is not on this shelf.
        AmountRefused: an amount is no whole number of steps.
        AllotmentExhausted: too little is left of an offer.
    """
    if not cycle.is_open_at(now):
        raise CycleNotOpen(cycle_id=cycle.id)
    card = claim(session, visitor, market, cycle, now)
    before = baskets.amounts(session, card.id) if card else {}
    found = offers.by_ids(session, before.keys() | wanted.keys())
    _check(found, cycle.id, {key: value for key, value in wanted.items() if value})
    if card is None or card.holds:
        _check_left(found, before, wanted)
    if card is None:
        card = _open(session, visitor, market, cycle, now)
    lost: list[LineChange] = []
    if not card.holds:
        # What the visitor asks for now is held below, all or none; the rest as far as possible.
        coming_back = {key: value for key, value in before.items() if key not in wanted}
        lost = _revive(session, card, coming_back, now)
        card = replace(card, state="open")
        before = baskets.amounts(session, card.id)
        held = {key: value for key, value in before.items() if key not in wanted}
    else:
        held = before
    after = {**held, **{key: value for key, value in wanted.items() if value}}
    after = {key: value for key, value in after.items() if wanted.get(key, value)}
    _move(session, card.id, held, after)
    _write(session, card.id, before, after)
    return Kept(card.id, card.token, lost, baskets.with_prices(card, after, found))


def revive(
    session: Session, visitor: Visitor, market: MarketCard, cycle: CycleCard, now: datetime
) -> Kept:
    """Hold again what a lapsed basket had, as far as it is still there.

    Raises:
        CycleNotOpen: the market does not sell now.
        BasketUnknown: the visitor has none.
    """
    if not cycle.is_open_at(now):
        raise CycleNotOpen(cycle_id=cycle.id)
    card = claim(session, visitor, market, cycle, now)
    if card is None:
        raise BasketUnknown
    lost: list[LineChange] = []
    if not card.holds:
        lost = _revive(session, card, baskets.amounts(session, card.id), now)
    return Kept(card.id, card.token, lost)


def claim(
    session: Session, visitor: Visitor, market: MarketCard, cycle: CycleCard, now: datetime
) -> BasketCard | None:
    """Lock the visitor's basket of a cycle and keep it for longer; None when there is none.

    Somebody who signs in with a basket in hand may have left another one on another device:
    what was in that one joins it.
    """
    if visitor.is_unknown:
        return None
    until = expiry(now, market.hold_minutes)
    if visitor.person_id is None:
        asked = {"cookie": visitor.token, "cycle": cycle.id, "until": until}
        row = session.execute(_KEEP, asked).one_or_none()
        return None if row is None else BasketCard(*tuple(row))
    rows = session.execute(
        baskets.unordered(cycle.id, visitor).with_for_update(of=Basket, key_share=True)
    )
    cards = [BasketCard(*tuple(row)) for row in rows]
    chosen = baskets.choose(visitor, cards)
    if chosen is None:
        return None
    others = [
        card
        for card in cards
        if card.id != chosen.id and visitor.person_id and card.person_id == visitor.person_id
    ]
    if others:
        _join(session, chosen, others, now)
    kept = {"expires_at": until, "person_id": visitor.person_id}
    session.execute(update(Basket).where(Basket.id == chosen.id).values(kept))
    return replace(chosen, expires_at=until, person_id=visitor.person_id)


def choose_delivery(
    session: Session,
    basket_id: int,
    *,
    slot_id: int,
    postcode: str | None = None,
    commune: str | None = None,
    commune_insee: str | None = None,
    lon: float | None = None,
    lat: float | None = None,
    pin_by: PinBy | None = None,
) -> None:
    """Note how the goods shall come; for a home, in which commune. No place is taken yet."""
    session.execute(
        update(Basket)
        .where(Basket.id == basket_id)
        .values(
            slot_id=slot_id,
            postcode=postcode,
            commune=commune,
            commune_insee=commune_insee,
            lon=lon,
            lat=lat,
            pin_by=pin_by,
        )
    )


def place_pin(session: Session, basket_id: int, *, lon: float, lat: float, by: PinBy) -> None:
    """Note where the door is, and who says so."""
    session.execute(
        update(Basket).where(Basket.id == basket_id).values(lon=lon, lat=lat, pin_by=by)
    )


def note_contact(
    session: Session,
    basket_id: int,
    *,
    name: str,
    email: str,
    phone: str,
    address: str | None = None,
    door_code: str | None = None,
    note: str | None = None,
) -> None:
    """Note who orders and how to reach them."""
    session.execute(
        update(Basket)
        .where(Basket.id == basket_id)
        .values(
            contact_name=name,
            contact_email=email,
            contact_phone=phone,
            address=address,
            door_code=door_code,
            note=note,
        )
    )


def lapse_expired(session: Session, now: datetime, limit: int = 200) -> list[int]:
    """Let go what baskets held for too long; their lines stay. Keys of those baskets.

    A basket that is being ordered at this moment is left to the next run.
    """
    due = session.scalars(
        select(Basket.id)
        .where(Basket.state == "open", Basket.expires_at <= now)
        .order_by(Basket.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    lapsed = advance_all(session, BASKET, Basket, due, "lapse", at=now, reason="time is over")
    if not lapsed:
        return []
    held: dict[int, dict[int, int]] = {}
    for line in session.execute(
        select(BasketLine.basket_id, BasketLine.offer_id, BasketLine.amount).where(
            BasketLine.basket_id.in_(lapsed)
        )
    ):
        held.setdefault(line.basket_id, {})[line.offer_id] = line.amount
    allotment.lock(session, {offer_id for amounts in held.values() for offer_id in amounts})
    for basket_id, amounts in sorted(held.items()):
        allotment.release(session, basket_id, amounts)
    return lapsed


def _open(
    session: Session, visitor: Visitor, market: MarketCard, cycle: CycleCard, now: datetime
) -> BasketCard:
    row = session.execute(
        insert(Basket)
        .values(
            token=uuid.uuid4(),
            market_id=market.id,
            cycle_id=cycle.id,
            person_id=visitor.person_id,
            expires_at=expiry(now, market.hold_minutes),
        )
        .returning(*baskets.COLUMNS)
    ).one()
    return BasketCard(*tuple(row))


def _check(found: Mapping[int, OfferCard], cycle_id: int, wanted: Mapping[int, int]) -> None:
    for offer_id, amount in sorted(wanted.items()):
        offer = found.get(offer_id)
        if offer is None or offer.cycle_id != cycle_id or offer.withdrawn:
            raise OfferUnavailable(offer_id=offer_id, field="offer_id")
        if not fits_step(amount, offer.step):
            raise AmountRefused(offer_id=offer_id, amount=amount, step=offer.step, field="quantity")


def _check_left(
    found: Mapping[int, OfferCard], before: Mapping[int, int], wanted: Mapping[int, int]
) -> None:
    """Refuse what is plainly gone, before anything is written or locked: in a rush most are."""
    for offer_id, amount in sorted(wanted.items()):
        more = amount - before.get(offer_id, 0)
        if more > 0 and more > found[offer_id].left:
            raise AllotmentExhausted(
                offer_id=offer_id, wanted=more, left=max(0, found[offer_id].left)
            )


def _move(
    session: Session, basket_id: int, before: Mapping[int, int], after: Mapping[int, int]
) -> None:
    moves = difference(before, after)
    if moves.to_hold and moves.to_release:
        allotment.lock(session, moves.to_hold.keys() | moves.to_release.keys())
    allotment.hold(session, basket_id, moves.to_hold)
    allotment.release(session, basket_id, moves.to_release)


def _write(
    session: Session, basket_id: int, before: Mapping[int, int], after: Mapping[int, int]
) -> None:
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    if changed:
        lines = {"offer_ids": list(changed), "amounts": list(changed.values())}
        session.execute(_PUT, {"basket": basket_id, **lines})
    if gone := before.keys() - after.keys():
        session.execute(
            delete(BasketLine).where(
                BasketLine.basket_id == basket_id, BasketLine.offer_id.in_(gone)
            )
        )


def _revive(
    session: Session, card: BasketCard, wanted: Mapping[int, int], now: datetime
) -> list[LineChange]:
    for attempt in range(1, TRIES + 1):
        found = offers.by_ids(session, wanted) if wanted else {}
        kept = what_is_left(
            wanted,
            {offer.id: 0 if offer.withdrawn else offer.left for offer in found.values()},
            {offer.id: offer.step for offer in found.values()},
        )
        try:
            with session.begin_nested():
                allotment.hold(session, card.id, kept)
        except AllotmentExhausted:
            # Somebody took it between the look and the hold: look again.
            if attempt == TRIES:
                raise
        else:
            break
    advance_all(session, BASKET, Basket, [card.id], "revive", at=now)
    _write(session, card.id, wanted, kept)
    return changes(wanted, kept)


def _join(session: Session, chosen: BasketCard, others: list[BasketCard], now: datetime) -> None:
    mine = baskets.amounts(session, chosen.id)
    joined = dict(mine)
    theirs = {card.id: baskets.amounts(session, card.id) for card in others}
    for amounts in theirs.values():
        for offer_id, amount in amounts.items():
            joined[offer_id] = max(joined.get(offer_id, 0), amount)
    allotment.lock(session, joined)
    for card in others:
        if card.holds:
            allotment.release(session, card.id, theirs[card.id])
    advance_all(
        session, BASKET, Basket, [card.id for card in others], "lapse", at=now, reason="joined"
    )
    session.execute(delete(BasketLine).where(BasketLine.basket_id.in_(list(theirs))))
    if chosen.holds:
        found = offers.by_ids(session, joined)
        left = {
            offer.id: mine.get(offer.id, 0) + (0 if offer.withdrawn else offer.left)
            for offer in found.values()
        }
        joined = what_is_left(joined, left, {offer.id: offer.step for offer in found.values()})
        _move(session, chosen.id, mine, joined)
    _write(session, chosen.id, mine, joined)
