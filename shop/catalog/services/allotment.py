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
    Update,
    bindparam,
    case,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from shop.catalog.domain.terms import MovementKind
from shop.catalog.errors import AllotmentExhausted
from shop.catalog.models import AllotmentMovement, Offer
from shop.infra.db import table_of

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
    taken = _move(session, _HOLD, basket_id, wanted)
    for offer_id in sorted(wanted):
        if offer_id not in taken:
            raise AllotmentExhausted(
                offer_id=offer_id, wanted=wanted[offer_id], left=_left(session, offer_id)
            )


def release(session: Session, basket_id: int, amounts: Mapping[int, int]) -> None:
    """Give back what a basket held."""
    if not amounts:
        return
    _move(session, _RELEASE, basket_id, amounts)


def commit(session: Session, order_id: int, amounts: Mapping[int, int]) -> None:
    """Turn what the order's basket held into what the order has."""
    if not amounts:
        return
    _move(session, _COMMIT, order_id, amounts)


def give_back(session: Session, order_id: int, amounts: Mapping[int, int]) -> None:
    """Give back what an order had."""
    if not amounts:
        return
    _move(session, _GIVE_BACK, order_id, amounts)


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


def _left(session: Session, offer_id: int) -> int:
    left: int | None = session.scalar(
        select(Offer.allotted - Offer.held - Offer.committed).where(
            Offer.id == offer_id, Offer.withdrawn_at.is_(None)
        )
    )
    return max(0, left or 0)


_GIVEN = (
    func.unnest(
        bindparam("offer_ids", type_=ARRAY(BigInteger)),
        bindparam("amounts", type_=ARRAY(Integer)),
    )
    .table_valued("offer_id", "amount", name="given")
    .render_derived()
)
"""The amounts as a table of two arrays: a statement stays the same for any number of offers."""


def _moving(change: Update, kind: MovementKind, holder: str) -> ReturningInsert[int]:
    """Change offers and write the movements, in one statement, which is built once."""
    moved = (
        change.where(Offer.id == _GIVEN.c.offer_id)
        .returning(Offer.id, _GIVEN.c.amount)
        .execution_options(synchronize_session=False)
        .cte("moved")
    )
    movements = table_of(AllotmentMovement)
    cause = (
        literal(kind, AllotmentMovement.kind.type),
        moved.c.amount,
        literal(holder),
        bindparam("holder_id", type_=BigInteger),
    )
    return (
        insert(movements)
        .from_select(
            ["offer_id", "kind", "amount", "holder", "holder_id"], select(moved.c.id, *cause)
        )
        .returning(movements.c.offer_id)
    )


_HOLD = _moving(
    update(Offer)
    .where(Offer.withdrawn_at.is_(None))
    .where(Offer.held + Offer.committed + _GIVEN.c.amount <= Offer.allotted)
    .values(held=Offer.held + _GIVEN.c.amount),
    MovementKind.HOLD,
    BASKET,
)
_RELEASE = _moving(
    update(Offer).values(held=Offer.held - _GIVEN.c.amount), MovementKind.RELEASE, BASKET
)
_COMMIT = _moving(
    update(Offer).values(
        held=Offer.held - _GIVEN.c.amount, committed=Offer.committed + _GIVEN.c.amount
    ),
    MovementKind.COMMIT,
    ORDER,
)
_GIVE_BACK = _moving(
    update(Offer).values(committed=Offer.committed - _GIVEN.c.amount), MovementKind.RETURN, ORDER
)


def _move(
    session: Session, moving: ReturningInsert[int], holder_id: int, amounts: Mapping[int, int]
) -> set[int]:
    """Run one of the statements above, rows locked in ascending id; the offers that changed."""
    if any(amount <= 0 for amount in amounts.values()):
        raise ValueError("amounts must be above zero")
    if len(amounts) > 1:
        lock(session, amounts)
    given = {
        "offer_ids": list(amounts),
        "amounts": list(amounts.values()),
        "holder_id": holder_id,
    }
    return set(session.scalars(moving, given))
