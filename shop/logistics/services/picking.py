"""What preparers say about lines: kept as said, applied once, priced at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.kernel.errors import InvalidInput
from shop.logistics.domain.picking import expected_g, usual_range
from shop.logistics.domain.terms import PickingKind
from shop.logistics.errors import ReasonMissing, WeightSuspicious
from shop.logistics.models import Crate, PickingEntry
from shop.logistics.services import crates
from shop.orders.domain.pricing import is_short
from shop.orders.domain.terms import ShortageReason
from shop.orders.queries import handing, lines
from shop.orders.queries.lines import PickingTerms
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

    The orders are held first, so that of two tablets the one that is kept last counts. An
    entry that was kept before is not judged again: it was right when it was said.

    Raises:
        InvalidInput: an amount or weight that cannot be meant.
        ReasonMissing: there is less than expected, and no reason.
        WeightSuspicious: outside what the producer announced, and nobody said it is right.
        LineUnknown: there is no such line.
        OrderNotInPreparation: its order has left.
    """
    known = lines.picking_terms(session, {entry.line_id for entry in entries})
    handing.states_held(session, {terms.order_id for terms in known.values()})
    old = _kept_before(session, [entry.key for entry in entries])
    new: dict[uuid.UUID, Said] = {}
    for entry in entries:
        if entry.key in old or entry.key in new:
            continue
        terms = known.get(entry.line_id)
        if terms is not None and entry.kind is not PickingKind.UNDONE:
            _refuse_nonsense(entry, terms)
            new[entry.key] = _with_reason(entry, terms)
        else:
            new[entry.key] = entry
    applied = {
        entry.line_id: (
            None
            if entry.kind is PickingKind.UNDONE
            else Picked(entry.amount, entry.weight_g, entry.reason)
        )
        for entry in new.values()
    }
    fulfilment.set_picked(session, applied)
    _keep(session, list(new.values()), by=by)
    _follow_with_crates(session, {known[line_id].order_id for line_id in applied}, at=at, by=by)
    return len(new)


def _kept_before(session: Session, keys: Collection[uuid.UUID]) -> set[uuid.UUID]:
    return set(session.scalars(select(PickingEntry.key).where(PickingEntry.key.in_(keys))))


def _keep(session: Session, entries: Sequence[Said], *, by: int | None) -> None:
    if not entries:
        return
    session.execute(
        insert(PickingEntry).values(
            [
                {
                    "key": entry.key,
                    "order_line_id": entry.line_id,
                    "kind": entry.kind,
                    "amount": entry.amount,
                    "weight_g": entry.weight_g,
                    "reason": entry.reason,
                    "by_person_id": by,
                    "device_at": entry.device_at,
                }
                for entry in entries
            ]
        )
    )


def _refuse_nonsense(entry: Said, terms: PickingTerms) -> None:
    if entry.amount < 0 or (entry.weight_g is not None and entry.weight_g < 0):
        raise InvalidInput(field="amount", reason="below_zero")
    if entry.kind is PickingKind.SHORT and entry.reason is None:
        raise ReasonMissing(field="reason", expected=terms.expected, amount=entry.amount)
    if entry.amount > terms.ordered * terms.most_factor:
        raise InvalidInput(field="amount", reason="too_much", ordered=terms.ordered)
    if not terms.is_weighed or not entry.amount:
        _refuse_unexplained(entry, terms)
        return
    if not entry.weight_g:
        raise InvalidInput(field="weight_g", reason="missing")
    usual = usual_range(
        amount=entry.amount if terms.counts_pieces else terms.expected,
        by_piece=terms.counts_pieces,
        nominal_g=terms.nominal_g,
        min_g=terms.min_g,
        max_g=terms.max_g,
    )
    if entry.weight_g not in usual and not entry.sure:
        raise WeightSuspicious(weight_g=entry.weight_g, least_g=usual.least_g, most_g=usual.most_g)
    _refuse_unexplained(entry, terms)


def _refuse_unexplained(entry: Said, terms: PickingTerms) -> None:
    """Fewer pieces, or nothing at all, want a reason; loose goods may weigh a little less."""
    lacks = entry.amount < terms.expected if terms.counts_pieces else not entry.amount
    if lacks and entry.reason is None and terms.expected:
        raise ReasonMissing(field="reason", expected=terms.expected, amount=entry.amount)


def _with_reason(entry: Said, terms: PickingTerms) -> Said:
    """A weight far below what was ordered is a partial shortage, though nobody called it one."""
    if entry.reason is not None or not entry.weight_g or terms.expected < terms.ordered:
        return entry
    ordered_g = expected_g(
        amount=terms.ordered, by_piece=terms.counts_pieces, nominal_g=terms.nominal_g
    )
    if not is_short(ordered_g, entry.weight_g):
        return entry
    return replace(entry, kind=PickingKind.SHORT, reason=ShortageReason.UNDER_WEIGHT)


def _follow_with_crates(
    session: Session, order_ids: set[int], *, at: datetime, by: int | None
) -> None:
    """Crates are ready once every line of their cold was said; empty ones do not travel."""
    events: Mapping[str, set[tuple[int, str]]] = {"receive": set(), "miss": set(), "reopen": set()}
    for found in lines.classes_of(session, order_ids):
        event = "reopen"
        if found.said == found.lines:
            event = "receive" if found.filled else "miss"
        events[event].add((found.order_id, found.temperature_class))
    rows = session.execute(
        select(Crate.id, Crate.order_id, Crate.temperature_class, Crate.state)
        .where(Crate.order_id.in_(order_ids))
        .order_by(Crate.id)
    ).all()
    for event, classes in events.items():
        mine = [row for row in rows if (row.order_id, row.temperature_class) in classes]
        crates.move(
            session, [row.id for row in mine if _concerns(event, row.state)], event, at=at, by=by
        )


def _concerns(event: str, state: str) -> bool:
    """Whether a crate in ``state`` follows the preparer; one that is aboard does not."""
    if event == "reopen":
        return state in ("received", "missing")
    return state == "expected" or (event == "receive" and state == "missing")
