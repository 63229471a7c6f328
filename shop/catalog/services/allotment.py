"""Promise what is scarce: hold for a basket, commit to an order, give back.

One rule: what is made scarcer is taken by one guarded statement, offers in ascending id, late in
the transaction; what is given back needs no guard. Every change leaves a movement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    TableValuedAlias,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from shop.catalog.domain.terms import MovementKind
from shop.catalog.errors import AllotmentExhausted
from shop.catalog.models import AllotmentMovement, Offer

BASKET = "basket"
ORDER = "order"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """An offer whose movements do not add up to what it says."""

    offer_id: int
    held: int
    committed: int
    moved_held: int
    moved_committed: int


def hold(session: Session, basket_id: int, wanted: Mapping[int, int]) -> None:
    """Promise ``wanted`` (offer → amount) to a basket, all or none.

    Rows are locked in ascending id, so two baskets may wait for each other, never deadlock.
    The error leaves the unit of work, which takes everything back.

    Raises:
        AllotmentExhausted: for the first offer that has too little left or was withdrawn.
    """
    if not wanted:
        return
    _lock(session, wanted)
    given = _given(wanted)
    taken = _move(
        session,
        update(Offer)
        .where(Offer.id == given.c.offer_id, Offer.withdrawn_at.is_(None))
        .where(Offer.held + Offer.committed + given.c.amount <= Offer.allotted)
        .values(held=Offer.held + given.c.amount)
        .returning(Offer.id, given.c.amount),
        (MovementKind.HOLD, BASKET, basket_id),
    )
    for offer_id in sorted(wanted):
        if offer_id not in taken:
            raise AllotmentExhausted(
                offer_id=offer_id, wanted=wanted[offer_id], left=_left(session, offer_id)
            )


def release(session: Session, basket_id: int, amounts: Mapping[int, int]) -> None:
    """Give back what a basket held."""
    if not amounts:
        return
    _lock(session, amounts)
    given = _given(amounts)
    _move(
        session,
        update(Offer)
        .where(Offer.id == given.c.offer_id)
        .values(held=Offer.held - given.c.amount)
        .returning(Offer.id, given.c.amount),
        (MovementKind.RELEASE, BASKET, basket_id),
    )


def commit(session: Session, order_id: int, amounts: Mapping[int, int]) -> None:
    """Turn what the order's basket held into what the order has."""
    if not amounts:
        return
    _lock(session, amounts)
    given = _given(amounts)
    _move(
        session,
        update(Offer)
        .where(Offer.id == given.c.offer_id)
        .values(held=Offer.held - given.c.amount, committed=Offer.committed + given.c.amount)
        .returning(Offer.id, given.c.amount),
        (MovementKind.COMMIT, ORDER, order_id),
    )


def give_back(session: Session, order_id: int, amounts: Mapping[int, int]) -> None:
    """Give back what an order had."""
    if not amounts:
        return
    _lock(session, amounts)
    given = _given(amounts)
    _move(
        session,
        update(Offer)
        .where(Offer.id == given.c.offer_id)
        .values(committed=Offer.committed - given.c.amount)
        .returning(Offer.id, given.c.amount),
        (MovementKind.RETURN, ORDER, order_id),
    )


def check(session: Session) -> list[Discrepancy]:
    """Offers whose movements do not add up to what they say: always none."""
    kind, amount = AllotmentMovement.kind, AllotmentMovement.amount
    held = func.coalesce(
        func.sum(
            case(
                (kind == MovementKind.HOLD, amount),
                (kind.in_((MovementKind.RELEASE, MovementKind.COMMIT)), -amount),
                else_=0,
            )
        ),
        0,
    )
    committed = func.coalesce(
        func.sum(
            case(
                (kind == MovementKind.COMMIT, amount),
                (kind == MovementKind.RETURN, -amount),
                else_=0,
            )
        ),
        0,
    )
    rows = session.execute(
        select(Offer.id, Offer.held, Offer.committed, held, committed)
        .outerjoin(AllotmentMovement, AllotmentMovement.offer_id == Offer.id)
        .group_by(Offer.id)
        .having((held != Offer.held) | (committed != Offer.committed))
        .order_by(Offer.id)
    )
    return [Discrepancy(*row) for row in rows]


_LOCK = (
    select(Offer.id)
    .where(Offer.id == func.any(bindparam("offer_ids", type_=ARRAY(BigInteger))))
    .order_by(Offer.id)
    .with_for_update(key_share=True)
)


def lock(session: Session, offer_ids: Collection[int]) -> None:
    """Lock offers in ascending id, for a transaction that both gives back and takes."""
    session.execute(_LOCK, {"offer_ids": list(offer_ids)})


def _lock(session: Session, amounts: Mapping[int, int]) -> None:
    if any(amount <= 0 for amount in amounts.values()):
        raise ValueError("amounts must be above zero")
    if len(amounts) > 1:
        lock(session, amounts)


def _given(amounts: Mapping[int, int]) -> TableValuedAlias:
    """The amounts as a table of two bound arrays: the statement stays the same for any number."""
    offer_ids = sorted(amounts)
    return (
        func.unnest(
            cast(offer_ids, ARRAY(BigInteger)),
            cast([amounts[offer_id] for offer_id in offer_ids], ARRAY(Integer)),
        )
        .table_valued("offer_id", "amount", name="given")
        .render_derived()
    )


def _left(session: Session, offer_id: int) -> int:
    left: int | None = session.scalar(
        select(Offer.allotted - Offer.held - Offer.committed).where(
            Offer.id == offer_id, Offer.withdrawn_at.is_(None)
        )
    )
    return max(0, left or 0)


def _move(
    session: Session,
    change: ReturningUpdate[int, int],
    cause: tuple[MovementKind, str, int],
) -> set[int]:
    """Change offers and write the movements, in one statement; the offers that changed."""
    kind, holder, holder_id = cause
    moved = change.execution_options(synchronize_session=False).cte("moved")
    movement = insert(AllotmentMovement).from_select(
        ["offer_id", "kind", "amount", "holder", "holder_id"],
        select(
            moved.c.id,
            literal(kind, AllotmentMovement.kind.type),
            moved.c.amount,
            literal(holder),
            literal(holder_id, BigInteger),
        ),
    )
    return set(session.scalars(movement.returning(AllotmentMovement.offer_id)))
