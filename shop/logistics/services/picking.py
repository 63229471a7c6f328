"""What preparers say about lines: kept as said, applied once, priced at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.kernel.errors import InvalidInput
from shop.logistics.domain.terms import PickingKind
from shop.logistics.errors import WeightSuspicious
from shop.logistics.models import Crate, PickingEntry
from shop.logistics.services import crates
from shop.orders.domain.pricing import wants_second_look
from shop.orders.domain.terms import ShortageReason
from shop.orders.queries import lines
from shop.orders.services import fulfilment
from shop.orders.services.fulfilment import Picked


@dataclass(frozen=True, slots=True)
class Said:
    """One entry of a tablet; ``key`` makes it the same entry when it is sent again."""

    key: uuid.UUID
    line_id: int
    kind: PickingKind
    amount: int
    device_at: datetime
    weight_g: int | None = None
    reason: ShortageReason | None = None
    sure: bool = False
    """The person was asked about a strange weight, and says it is right."""


def record(session: Session, entries: Sequence[Said], *, by: int | None, at: datetime) -> int:
    """Keep and apply entries in their order; how many were new.

    Raises:
        InvalidInput: an amount or weight that cannot be meant.
        WeightSuspicious: outside what the producer announced, and nobody said it is right.
        LineUnknown: there is no such line.
        OrderNotInPreparation: its order has left.
    """
    known = lines.picking_terms(session, {entry.line_id for entry in entries})
    for entry in entries:
        _refuse_nonsense(entry, known.get(entry.line_id))
    new = set()
    for entry in entries:
        kept = session.scalar(
            insert(PickingEntry)
            .values(
                key=entry.key,
                order_line_id=entry.line_id,
                kind=entry.kind,
                amount=entry.amount,
                weight_g=entry.weight_g,
                reason=entry.reason,
                by_person_id=by,
                device_at=entry.device_at,
            )
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(PickingEntry.id)
        )
        if kept is not None:
            new.add(entry.key)
    applied: dict[int, Picked | None] = {}
    for entry in entries:
        if entry.key in new:
            applied[entry.line_id] = (
                None
                if entry.kind is PickingKind.UNDONE
                else Picked(entry.amount, entry.weight_g, entry.reason)
            )
    fulfilment.set_picked(session, applied)
    _receive_full_crates(session, {known[line_id].order_id for line_id in applied}, at=at, by=by)
    return len(new)


def _refuse_nonsense(entry: Said, terms: lines.PickingTerms | None) -> None:
    if terms is None or entry.kind is PickingKind.UNDONE:
        return
    if entry.amount < 0 or (entry.weight_g is not None and entry.weight_g < 0):
        raise InvalidInput(field="amount", reason="below_zero")
    if entry.kind is PickingKind.SHORT and entry.reason is None:
        raise InvalidInput(field="reason", reason="missing")
    if terms.is_weighed and terms.counts_pieces and entry.amount and entry.weight_g is None:
        raise InvalidInput(field="weight_g", reason="missing")
    if entry.amount > terms.ordered * terms.most_factor:
        raise InvalidInput(field="amount", reason="too_much", ordered=terms.ordered)
    if (
        entry.weight_g is not None
        and entry.amount
        and not entry.sure
        and wants_second_look(entry.weight_g, entry.amount, terms.min_g, terms.max_g)
    ):
        raise WeightSuspicious(
            weight_g=entry.weight_g,
            least_g=None if terms.min_g is None else terms.min_g * entry.amount,
            most_g=None if terms.max_g is None else terms.max_g * entry.amount,
        )


def _receive_full_crates(
    session: Session, order_ids: set[int], *, at: datetime, by: int | None
) -> None:
    """Crates whose every line was said are ready."""
    ready = lines.classes_all_said(session, order_ids)
    if not ready:
        return
    rows = session.execute(
        select(Crate.id, Crate.order_id, Crate.temperature_class)
        .where(Crate.order_id.in_(order_ids), Crate.state == "expected")
        .order_by(Crate.id)
    ).all()
    crates.move(
        session,
        [row.id for row in rows if (row.order_id, row.temperature_class) in ready],
        "receive",
        at=at,
        by=by,
    )
