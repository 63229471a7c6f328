"""Put products into a sales cycle, change their price and allotment, take them off the shelf."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, Select, case, column, literal, select, update, values
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from shop.catalog.errors import (
    AllotmentBelowPromised,
    CycleOver,
    CycleUnknown,
    OfferUnknown,
)
from shop.catalog.models import Cycle, MarketProducer, Offer, Product
from shop.catalog.services.allotment import lock
from shop.kernel.errors import InvalidInput

LARGEST_ALLOTMENT = 20_000_000
"""Units of ordering; more is a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class OfferChange:
    """What an offer shall be: cents for one piece, kilogram or liter, and units given."""

    price_cents: int
    allotted: int


def publish_usual(
    session: Session,
    cycle_id: int,
    *,
    producer_ids: Collection[int] | None = None,
    product_ids: Collection[int] | None = None,
) -> int:
    """Offer products at their usual price and allotment; how many were not offered yet.

    Only products of the market's producers that say an allotment above zero; ``producer_ids``
    and ``product_ids`` narrow them.

    Raises:
        CycleUnknown: there is none.
        CycleOver: it is closed.
    """
    cycle = _changeable(session, cycle_id)
    wanted = (
        select(
            literal(cycle_id, Integer),
            Product.id,
            Product.price_cents,
            Product.order_unit,
            Product.usual_allotment,
        )
        .join(MarketProducer, MarketProducer.producer_id == Product.producer_id)
        .where(MarketProducer.market_id == cycle.market_id, Product.retired_at.is_(None))
        .where(Product.usual_allotment > 0)
        .order_by(Product.id)
    )
    if producer_ids is not None:
        wanted = wanted.where(Product.producer_id.in_(producer_ids))
    if product_ids is not None:
        wanted = wanted.where(Product.id.in_(product_ids))
    return _insert(session, wanted)


def repeat_last(session: Session, cycle_id: int) -> int:
    """Offer again what the cycle before offered, at its prices and allotments; how many.

    Raises:
        CycleUnknown: there is none.
        CycleOver: it is closed.
    """
    cycle = _changeable(session, cycle_id)
    earlier = session.scalar(
        select(Cycle.id)
        .where(Cycle.market_id == cycle.market_id, Cycle.id != cycle_id)
        .where(Cycle.opens_at < cycle.opens_at)
        .order_by(Cycle.opens_at.desc(), Cycle.id.desc())
        .limit(1)
    )
    if earlier is None:
        return 0
    past = aliased(Offer)
    wanted = (
        select(literal(cycle_id, Integer), Product.id, past.price_cents, past.unit, past.allotted)
        .join(past, past.product_id == Product.id)
        .join(MarketProducer, MarketProducer.producer_id == Product.producer_id)
        .where(past.cycle_id == earlier, past.withdrawn_at.is_(None))
        .where(MarketProducer.market_id == cycle.market_id, Product.retired_at.is_(None))
        .where(past.unit == Product.order_unit)
        .order_by(Product.id)
    )
    return _insert(session, wanted)


def add(session: Session, cycle_id: int, product_id: int, change: OfferChange) -> int:
    """Offer one product; its key. Offered before: the price and allotment become these.

    Raises:
        CycleUnknown: there is none.
        CycleOver: it is closed.
        OfferUnknown: no producer of the market has such a product.
        AllotmentBelowPromised: baskets and orders have more already.
    """
    cycle = _changeable(session, cycle_id)
    _refuse_nonsense({product_id: change})
    product = session.execute(
        select(Product.order_unit)
        .join(MarketProducer, MarketProducer.producer_id == Product.producer_id)
        .where(MarketProducer.market_id == cycle.market_id, Product.id == product_id)
        .where(Product.retired_at.is_(None))
    ).one_or_none()
    if product is None:
        raise OfferUnknown(product_id=product_id)
    known = session.scalar(
        select(Offer.id).where(Offer.cycle_id == cycle_id, Offer.product_id == product_id)
    )
    if known is not None:
        revise(session, cycle_id, {known: change})
        put_back(session, cycle_id, known)
        return known
    offer = Offer(
        cycle_id=cycle_id,
        product_id=product_id,
        price_cents=change.price_cents,
        unit=product.order_unit,
        allotted=change.allotted,
    )
    session.add(offer)
    session.flush()
    return offer.id


def revise(
    session: Session,
    cycle_id: int,
    changes: Mapping[int, OfferChange],
    *,
    producer_id: int | None = None,
) -> int:
    """Set price and allotment of offers, all or none, in one guarded statement; how many differed.

    ``producer_id`` refuses offers of others.

    Raises:
        CycleOver: the cycle is closed.
        OfferUnknown: one is not of this cycle, or not of that producer.
        AllotmentBelowPromised: for the first offer of which baskets and orders have more.
        InvalidInput: a price or allotment below zero, or beyond reason.
    """
    _changeable(session, cycle_id)
    if not changes:
        return 0
    _refuse_nonsense(changes)
    lock(session, changes)
    before = {
        row.id: row
        for row in session.execute(
            select(Offer.id, Offer.price_cents, Offer.allotted, Product.producer_id)
            .join(Product, Product.id == Offer.product_id)
            .where(Offer.id.in_(changes), Offer.cycle_id == cycle_id)
        )
    }
    for offer_id in sorted(changes):
        if offer_id not in before or producer_id not in (None, before[offer_id].producer_id):
            raise OfferUnknown(offer_id=offer_id)
    differing = {
        offer_id: change
        for offer_id, change in sorted(changes.items())
        if (change.price_cents, change.allotted)
        != (before[offer_id].price_cents, before[offer_id].allotted)
    }
    if not differing:
        return 0
    given = (
        values(column("offer_id", Integer), column("price", Integer), column("amount", Integer))
        .data([(key, each.price_cents, each.allotted) for key, each in differing.items()])
        .alias("given")
    )
    written = set(
        session.scalars(
            update(Offer)
            .where(Offer.id == given.c.offer_id, Offer.held + Offer.committed <= given.c.amount)
            .values(price_cents=given.c.price, allotted=given.c.amount)
            .returning(Offer.id)
            .execution_options(synchronize_session=False)
        )
    )
    for offer_id in differing:
        if offer_id not in written:
            raise AllotmentBelowPromised(offer_id=offer_id, promised=_promised(session, offer_id))
    return len(written)


def withdraw(
    session: Session,
    cycle_id: int,
    offer_id: int,
    *,
    at: datetime,
    producer_id: int | None = None,
) -> None:
    """Take an offer off the shelf; orders and baskets that have it keep it.

    Raises:
        CycleOver: the cycle is closed.
        OfferUnknown: it is not of this cycle, or not of that producer.
    """
    _set_withdrawn(session, cycle_id, offer_id, at, producer_id)


def put_back(
    session: Session, cycle_id: int, offer_id: int, *, producer_id: int | None = None
) -> None:
    """Show an offer on the shelf again.

    Raises:
        CycleOver: the cycle is closed.
        OfferUnknown: it is not of this cycle, or not of that producer.
    """
    _set_withdrawn(session, cycle_id, offer_id, None, producer_id)


def _set_withdrawn(
    session: Session, cycle_id: int, offer_id: int, at: datetime | None, producer_id: int | None
) -> None:
    _changeable(session, cycle_id)
    known = session.scalar(
        select(Product.producer_id)
        .join(Offer, Offer.product_id == Product.id)
        .where(Offer.id == offer_id, Offer.cycle_id == cycle_id)
    )
    if known is None or producer_id not in (None, known):
        raise OfferUnknown(offer_id=offer_id)
    kept = case((Offer.withdrawn_at.is_(None), at), else_=Offer.withdrawn_at)
    session.execute(
        update(Offer)
        .where(Offer.id == offer_id)
        .values(withdrawn_at=None if at is None else kept)
        .execution_options(synchronize_session=False)
    )


def _changeable(session: Session, cycle_id: int) -> Cycle:
    """The cycle, which cannot be closed before this transaction ends."""
    cycle = session.get(
        Cycle, cycle_id, with_for_update={"read": True, "key_share": True}, populate_existing=True
    )
    if cycle is None:
        raise CycleUnknown(cycle_id=cycle_id)
    if cycle.state not in {"draft", "open"}:
        raise CycleOver(cycle_id=cycle_id)
    return cycle


def _insert(session: Session, wanted: Select[*tuple[object, ...]]) -> int:
    statement = insert(Offer).from_select(
        ["cycle_id", "product_id", "price_cents", "unit", "allotted"], wanted
    )
    made = session.scalars(
        statement.on_conflict_do_nothing(index_elements=["cycle_id", "product_id"]).returning(
            Offer.id
        )
    )
    return len(made.all())


def _refuse_nonsense(changes: Mapping[int, OfferChange]) -> None:
    for key, change in changes.items():
        if change.price_cents < 0:
            raise InvalidInput(field="price", reason="below_zero", offer_id=key)
        if not 0 <= change.allotted <= LARGEST_ALLOTMENT:
            raise InvalidInput(field="allotted", reason="out_of_range", offer_id=key)


def _promised(session: Session, offer_id: int) -> int:
    return session.scalars(select(Offer.held + Offer.committed).where(Offer.id == offer_id)).one()
