"""Compare the ledger with provider and bank: what moved is kept, a person says what it is.

The provider's own fees and its payouts to the bank are entered by themselves; nothing else is.
Reading the same again changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shop.billing.domain.bank_line import BankLine
from shop.billing.domain.matching import Candidate, Movement, Suggestion, exact_pairs, suggest
from shop.billing.domain.payout import PayoutMethod
from shop.billing.errors import AmountsDiffer, MovementUnknown
from shop.billing.models import BankFile, MoneyMovement, MovementMatch, Payout, PayoutBatch
from shop.billing.services import matching_rows, payouts
from shop.billing.services.provider_movements import PROVIDER
from shop.billing.services.settling import rules_of
from shop.kernel.money import Money
from shop.orders.domain.ledger import Account, balanced
from shop.orders.domain.terms import AccountKind
from shop.orders.queries import account_items
from shop.orders.queries.account_items import AccountItem
from shop.orders.services import ledger

BANK = "bank"
OWN_ENTRIES = ("provider_fee", "provider_payout", "movement_cost")
"""Entries that were made for a movement: they are compared with nothing else."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A movement that nobody explained, and what it may be."""

    id: int
    source: str
    on: date
    kind: str
    amount: Money
    words: str
    suggestions: tuple[Suggestion, ...]


def note_bank(
    session: Session,
    market_id: int,
    lines: Sequence[BankLine],
    *,
    name: str,
    kind: str,
    content: bytes,
    at: datetime,
    by: int | None,
    opening: Money | None = None,
    closing: Money | None = None,
) -> tuple[int, int]:
    """Keep the lines of a bank's file: how many it has, how many were new.

    The same file, or another one with the same lines, changes nothing.
    """
    rules_of(session, market_id)
    digest = hashlib.sha256(content).hexdigest()
    known = session.scalar(
        select(BankFile.id).where(BankFile.market_id == market_id, BankFile.digest == digest)
    )
    if known is not None:
        return len(lines), 0
    keyed = keys_of(market_id, lines)
    already = set(
        session.scalars(
            select(MoneyMovement.key).where(
                MoneyMovement.source == BANK, MoneyMovement.key.in_([key for key, _ in keyed])
            )
        )
    )
    fresh = [(key, line) for key, line in keyed if key not in already]
    file = BankFile(
        market_id=market_id,
        name=name[:200],
        format=kind,
        digest=digest,
        lines=len(lines),
        fresh=len(fresh),
        opening_cents=None if opening is None else opening.cents,
        closing_cents=None if closing is None else closing.cents,
        read_at=at,
        by_person_id=by,
    )
    session.add(file)
    session.flush()
    if fresh:
        session.execute(
            upsert(MoneyMovement)
            .values(
                [
                    {
                        "source": BANK,
                        "key": key,
                        "market_id": market_id,
                        "file_id": file.id,
                        "on": line.on,
                        "kind": "credit" if line.amount.cents > 0 else "debit",
                        "amount_cents": line.amount.cents,
                        "reference": line.reference,
                        "counterparty": line.counterparty,
                        "text": line.text,
                    }
                    for key, line in fresh
                ]
            )
            .on_conflict_do_nothing(index_elements=["source", "key"])
        )
    return len(lines), len(fresh)


def keys_of(market_id: int, lines: Sequence[BankLine]) -> list[tuple[str, BankLine]]:
    """What makes each line unique: all it says, and its rank among lines that say the same."""
    seen: Counter[tuple[Any, ...]] = Counter()
    found = []
    for line in lines:
        said = (
            market_id,
            line.on.isoformat(),
            line.amount.cents,
            line.reference,
            line.counterparty,
            line.text,
            line.bank_ref,
        )
        seen[said] += 1
        text = "\x1f".join(str(part) for part in (*said, seen[said]))
        found.append((hashlib.sha256(text.encode()).hexdigest(), line))
    return found


def fresh_of(session: Session, market_id: int, lines: Sequence[BankLine]) -> list[bool]:
    """For each line whether it is new, for a preview that writes nothing."""
    keyed = keys_of(market_id, lines)
    already = set(
        session.scalars(
            select(MoneyMovement.key).where(
                MoneyMovement.source == BANK, MoneyMovement.key.in_([key for key, _ in keyed])
            )
        )
    )
    return [key not in already for key, _ in keyed]


def differences(session: Session, market_id: int, *, limit: int = 200) -> list[Difference]:
    """Movements of provider and bank that wait for a person, the oldest first."""
    rows = session.scalars(_open(market_id).limit(limit)).all()
    found = []
    pools = {
        source: candidates(session, market_id, source) if any(r.source == source for r in rows)
        else []
        for source in (PROVIDER, BANK)
    }  # fmt: skip
    for row in rows:
        movement = _movement(row)
        found.append(
            Difference(
                row.id,
                row.source,
                row.on,
                row.kind,
                Money(row.amount_cents),
                movement.words,
                tuple(suggest(movement, pools[row.source])),
            )
        )
    return found


def candidates(session: Session, market_id: int, source: str) -> list[Candidate]:
    """Entries that a movement of ``source`` may be: matched with none yet."""
    taken = select(MovementMatch.entry_key)
    if source == PROVIDER:
        items = account_items.items(
            session, AccountKind.PROVIDER, without=taken, leave_out=OWN_ENTRIES
        )
        return [_candidate(item) for item in items]
    items = account_items.items(
        session, AccountKind.BANK, owner_id=market_id, without=taken, leave_out=OWN_ENTRIES
    )
    found = [_candidate(item) for item in items]
    rows = session.execute(
        select(
            Payout.id,
            Payout.amount_cents,
            Payout.reference,
            Payout.holder,
            PayoutBatch.execute_on,
        )
        .join(PayoutBatch, PayoutBatch.id == Payout.batch_id)
        .where(
            Payout.market_id == market_id,
            Payout.method == PayoutMethod.SEPA,
            Payout.state.in_(("noted", "sent")),
        )
    )
    for row in rows:
        found.append(
            Candidate(
                f"payout:{row.id}",
                row.execute_on,
                Money(-row.amount_cents),
                (row.reference, row.holder),
            )
        )
    arrived = {key.removeprefix("bank_in:") for key in session.scalars(taken)}
    for item in account_items.items(session, AccountKind.TRANSIT, owner_id=market_id):
        if item.kind == "provider_payout" and item.key not in arrived:
            found.append(
                Candidate(item.key, item.at.date(), item.amount, (str(item.facts["reference"]),))
            )
    return found


def accept(
    session: Session,
    market_id: int,
    movement_id: int,
    key: str,
    *,
    at: datetime,
    by: int | None,
    note: str = "",
) -> None:
    """Somebody says that a movement is that entry; a payout by the bank is paid thereby.

    Raises:
        MovementUnknown: it is not open, or the entry is none that it may be.
        AmountsDiffer: it is not the same amount: nothing is absorbed.
    """
    movement = _open_one(session, market_id, movement_id)
    found = [each for each in candidates(session, market_id, movement.source) if each.key == key]
    if not found:
        raise MovementUnknown(movement_id=movement_id, entry=key)
    if found[0].amount.cents != movement.amount_cents:
        raise AmountsDiffer(movement_id=movement_id, entry=key)
    if key.startswith("payout:") and movement.source == BANK:
        payout_id = int(key.removeprefix("payout:"))
        payouts.confirm(session, market_id, [payout_id], at=at, by=by)
        key = f"payout_paid:{payout_id}"
    elif key.startswith("provider_payout:"):
        amount = Money(movement.amount_cents)
        key = f"bank_in:{key}"
        ledger.enter(
            session,
            key,
            "bank_in",
            balanced(
                {
                    Account(AccountKind.BANK, market_id): amount,
                    Account(AccountKind.TRANSIT, market_id): -amount,
                }
            ),
            market_id=market_id,
            facts={"movement_id": movement_id},
        )
    matching_rows.note(session, movement, key, at=at, by=by, note=note)


def accept_exact(session: Session, market_id: int, *, at: datetime, by: int | None) -> int:
    """Somebody says yes to every pair in which amount and name agree and nothing else fits."""
    count = 0
    for source in (PROVIDER, BANK):
        rows = session.scalars(_open(market_id).where(MoneyMovement.source == source)).all()
        movements = [_movement(row) for row in rows]
        for movement, found in exact_pairs(movements, candidates(session, market_id, source)):
            accept(session, market_id, movement.id, found.key, at=at, by=by)
            count += 1
    return count


def book_cost(
    session: Session, market_id: int, movement_id: int, note: str, *, at: datetime, by: int | None
) -> None:
    """Somebody says that a movement is a cost (or a gain) of bank or provider, and why.

    Raises:
        MovementUnknown: it is not open.
    """
    movement = _open_one(session, market_id, movement_id)
    amount = Money(movement.amount_cents)
    where = (
        Account(AccountKind.PROVIDER)
        if movement.source == PROVIDER
        else Account(AccountKind.BANK, market_id)
    )
    key = f"movement_cost:{movement.id}"
    ledger.enter(
        session,
        key,
        "movement_cost",
        balanced({where: amount, Account(AccountKind.COSTS, market_id): -amount}),
        market_id=market_id,
        facts={"movement_id": movement.id, "reason": note},
    )
    matching_rows.note(session, movement, key, at=at, by=by, note=note, event="explain")


def _open(market_id: int) -> Select[Any]:
    return (
        select(MoneyMovement)
        .where(MoneyMovement.state == "open")
        .where(MoneyMovement.market_id.is_(None) | (MoneyMovement.market_id == market_id))
        .order_by(MoneyMovement.on, MoneyMovement.id)
    )


def _open_one(session: Session, market_id: int, movement_id: int) -> MoneyMovement:
    rules_of(session, market_id)
    movement = session.get(MoneyMovement, movement_id, with_for_update=True)
    if movement is None or movement.state != "open" or movement.market_id not in (None, market_id):
        raise MovementUnknown(movement_id=movement_id)
    return movement


def _movement(row: MoneyMovement) -> Movement:
    words = " ".join(part for part in (row.reference, row.counterparty, row.text) if part)
    return Movement(row.id, row.on, Money(row.amount_cents), words)


def _candidate(item: AccountItem) -> Candidate:
    names = (
        item.order_number or "",
        item.intent_id or "",
        str(item.facts.get("ref", "")),
        str(item.facts.get("reference", "")),
    )
    return Candidate(item.key, item.at.date(), item.amount, tuple(name for name in names if name))
