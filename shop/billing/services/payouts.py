"""Pay producers what was settled: decide, note, send, confirm; take back what was given back.

The ledger knows of a payout from the moment it is decided, so that nothing is paid twice; a
call to the provider is a sandwich (note, call, note) under a key that makes it happen once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.billing.domain import payout as rules
from shop.billing.domain.identifiers import compact, is_iban
from shop.billing.domain.lifecycles import PAYOUT, PAYOUT_REVERSAL
from shop.billing.domain.payout import PayoutMethod, Reversible, Standing
from shop.billing.errors import AccountRefused, NothingToPay, PayoutUnknown
from shop.billing.models import Payee, Payout, PayoutBatch, PayoutReversal, SettlementPosting
from shop.billing.ports import CreditTransfer, CreditTransferFile
from shop.billing.services.settling import rules_of
from shop.catalog.queries import markets
from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.money import Money
from shop.orders.ports import ReversalRequest, TransferRequest
from shop.orders.queries import producer_postings
from shop.orders.services import ledger

SEND_TOPIC = "billing.send_payout"
REVERSE_TOPIC = "billing.reverse_payout"
SCHEMAS = ("pain.001.001.09", "pain.001.001.03")


@dataclass(frozen=True, slots=True)
class PayeeEntry:
    """Where a producer wants their money."""

    method: PayoutMethod
    holder: str
    iban: str = ""
    bic: str = ""
    account_ref: str = ""


@dataclass(frozen=True, slots=True)
class TransferCall:
    """What to ask of the provider; ``resumed``: an earlier try may have asked already."""

    request: TransferRequest
    resumed: bool


@dataclass(frozen=True, slots=True)
class ReversalCall:
    """What to ask of the provider; ``resumed``: an earlier try may have asked already."""

    request: ReversalRequest
    resumed: bool


def note_payee(
    session: Session, producer_id: int, entry: PayeeEntry, *, by: int | None = None
) -> None:
    """Keep where a producer is paid from now on; what was before stays in the history.

    Raises:
        AccountRefused: the account cannot be one.
    """
    iban = compact(entry.iban)
    if not entry.holder.strip():
        raise AccountRefused(field="holder")
    if entry.method is PayoutMethod.SEPA and not is_iban(iban):
        raise AccountRefused(field="iban")
    if entry.method is PayoutMethod.TRANSFER and not entry.account_ref.startswith("acct_"):
        raise AccountRefused(field="account_ref")
    session.add(
        Payee(
            producer_id=producer_id,
            method=entry.method,
            holder=entry.holder.strip(),
            iban=iban,
            bic=compact(entry.bic),
            account_ref=entry.account_ref.strip(),
            by_person_id=by,
        )
    )
    session.flush()


def payees(session: Session, producer_ids: Collection[int]) -> dict[int, Payee]:
    """Where each producer is paid now; those who never said are left out."""
    latest = (
        select(func.max(Payee.id))
        .where(Payee.producer_id.in_(list(producer_ids)))
        .group_by(Payee.producer_id)
    )
    rows = session.scalars(select(Payee).where(Payee.id.in_(latest)))
    return {row.producer_id: row for row in rows}


def standings(session: Session, market_id: int) -> dict[int, Standing]:
    """Where each producer of a market stands, from the ledger alone."""
    settled = select(SettlementPosting.posting_id)
    waiting = producer_postings.unsettled_sales(session, market_id, settled)
    return {
        producer_id: Standing(producer_id, balance, waiting.get(producer_id, Money.zero()))
        for producer_id, balance in producer_postings.balances(session, market_id).items()
    }


def decide(
    session: Session,
    market_id: int,
    method: PayoutMethod,
    *,
    execute_on: date,
    at: datetime,
    by: int | None = None,
    only: Collection[int] | None = None,
) -> int:
    """Decide to pay everybody who is paid that way what may be paid; the key of the batch.

    Transfers leave by themselves; for the bank there is a file. Whoever decides at the same
    moment waits, and finds nothing left.

    Raises:
        NothingToPay: nobody is owed anything that way.
        AccountRefused: the market's own account is missing.
    """
    own = rules_of(session, market_id)
    if method is PayoutMethod.SEPA and not (own.account_holder and is_iban(own.iban)):
        raise AccountRefused(field="market_iban")
    owed = {
        producer_id: standing.payable
        for producer_id, standing in standings(session, market_id).items()
        if standing.payable and (only is None or producer_id in only)
    }
    accounts = payees(session, owed)
    chosen = {
        producer_id: amount
        for producer_id, amount in sorted(owed.items())
        if producer_id in accounts and accounts[producer_id].method is method
    }
    if not chosen:
        raise NothingToPay(market_id=market_id, method=method.value)
    year = execute_on.year
    rank = 1 + (
        session.scalar(
            select(func.max(PayoutBatch.rank)).where(
                PayoutBatch.market_id == market_id,
                PayoutBatch.method == method,
                PayoutBatch.year == year,
            )
        )
        or 0
    )
    batch = PayoutBatch(
        market_id=market_id,
        method=method,
        year=year,
        rank=rank,
        message_id=f"CARRIOLE-{market_id}-{method.value[0].upper()}{year}-{rank:05d}",
        total_cents=Money.total(chosen.values()).cents,
        execute_on=execute_on,
        account_holder=own.account_holder,
        iban=own.iban,
        bic=own.bic,
        sepa_schema=own.sepa_schema,
        made_at=at,
        by_person_id=by,
    )
    session.add(batch)
    session.flush()
    name = markets.by_id(session, market_id).name
    for producer_id, amount in chosen.items():
        _note(session, batch, accounts[producer_id], amount, name)
    return batch.id


def _note(session: Session, batch: PayoutBatch, payee: Payee, amount: Money, market: str) -> None:
    payout = Payout(
        batch_id=batch.id,
        market_id=batch.market_id,
        producer_id=payee.producer_id,
        method=batch.method,
        amount_cents=amount.cents,
        holder=payee.holder,
        iban=payee.iban,
        bic=payee.bic,
        account_ref=payee.account_ref,
        reference=f"{batch.message_id}-{payee.producer_id}",
        text=f"{market} {batch.message_id}",
    )
    session.add(payout)
    session.flush()
    ledger.enter(
        session,
        f"payout:{payout.id}",
        "payout",
        rules.noted_postings(payout.producer_id, payout.market_id, amount),
        market_id=payout.market_id,
        facts={"reference": payout.reference, "payout_id": payout.id},
    )
    if batch.method is PayoutMethod.TRANSFER:
        outbox.post(session, SEND_TOPIC, key=f"payout:{payout.id}", payout_id=payout.id)


def transfer_call(session: Session, payout_id: int, *, at: datetime) -> TransferCall | None:
    """Note that the provider is asked for a payout; None when it was answered already."""
    payout = _locked(session, payout_id)
    if payout.state != "noted" or payout.method is not PayoutMethod.TRANSFER:
        return None
    request = TransferRequest(
        key=payout.reference,
        amount=Money(payout.amount_cents),
        account_id=payout.account_ref,
        transfer_group=payout.reference,
        metadata={"payout": payout.reference},
        description=payout.text,
    )
    resumed = payout.asked_at is not None
    payout.asked_at = payout.asked_at or at
    return TransferCall(request, resumed)


def pay(
    session: Session,
    payout_id: int,
    *,
    at: datetime,
    provider_ref: str | None = None,
    by: int | None = None,
) -> None:
    """Note that a payout arrived; a second time changes nothing."""
    payout = _locked(session, payout_id)
    if payout.state == "paid":
        return
    advance(session, PAYOUT, payout, "pay", at=at, by=by)
    payout.paid_at = at
    payout.provider_ref = provider_ref
    payout.error = None
    ledger.enter(
        session,
        f"payout_paid:{payout.id}",
        "payout_paid",
        rules.paid_postings(payout.method, payout.market_id, Money(payout.amount_cents)),
        market_id=payout.market_id,
        facts={"reference": payout.reference, "payout_id": payout.id, "ref": provider_ref or ""},
    )


def refuse(
    session: Session, payout_id: int, *, at: datetime, why: str, by: int | None = None
) -> None:
    """Note that a payout will never arrive: the producer is owed the money again."""
    payout = _locked(session, payout_id)
    if payout.state == "refused":
        return
    advance(session, PAYOUT, payout, "refuse", at=at, by=by, reason=why)
    payout.error = why
    ledger.enter(
        session,
        f"payout_refused:{payout.id}",
        "payout_refused",
        rules.refused_postings(payout.producer_id, payout.market_id, Money(payout.amount_cents)),
        market_id=payout.market_id,
        facts={"reference": payout.reference, "payout_id": payout.id, "reason": why},
    )


def bank_file(session: Session, market_id: int, batch_id: int) -> CreditTransferFile:
    """The payments of a batch as the bank is asked for them; the same each time.

    Raises:
        PayoutUnknown: this market has no such file.
    """
    batch = session.get(PayoutBatch, batch_id)
    if batch is None or batch.market_id != market_id or batch.method is not PayoutMethod.SEPA:
        raise PayoutUnknown(batch_id=batch_id)
    rows = session.scalars(
        select(Payout).where(Payout.batch_id == batch_id).order_by(Payout.producer_id)
    )
    return CreditTransferFile(
        message_id=batch.message_id,
        made_at=batch.made_at,
        execute_on=batch.execute_on,
        debtor=batch.account_holder,
        iban=batch.iban,
        bic=batch.bic,
        schema=batch.sepa_schema,
        transfers=tuple(
            CreditTransfer(
                row.reference, row.holder, row.iban, row.bic, Money(row.amount_cents), row.text
            )
            for row in rows
        ),
    )


def note_sent(session: Session, batch_id: int, *, at: datetime, by: int | None) -> None:
    """The file was taken away to the bank: from now on only the bank can say no."""
    rows = session.scalars(
        select(Payout)
        .where(Payout.batch_id == batch_id, Payout.state == "noted")
        .order_by(Payout.id)
        .with_for_update()
    )
    for row in rows.all():
        advance(session, PAYOUT, row, "send", at=at, by=by)


def confirm(
    session: Session, market_id: int, payout_ids: Collection[int], *, at: datetime, by: int | None
) -> int:
    """The bank has executed these payouts of a market; how many were new.

    Raises:
        PayoutUnknown: one is not this market's, or not the bank's to execute.
    """
    return sum(_confirm(session, market_id, key, at, by) for key in sorted(payout_ids))


def _confirm(
    session: Session, market_id: int, payout_id: int, at: datetime, by: int | None
) -> bool:
    payout = _locked(session, payout_id)
    if payout.market_id != market_id or payout.method is not PayoutMethod.SEPA:
        raise PayoutUnknown(payout_id=payout_id)
    if payout.state == "paid":
        return False
    pay(session, payout_id, at=at, by=by)
    return True


def refuse_from_bank(
    session: Session, market_id: int, payout_id: int, *, at: datetime, why: str, by: int | None
) -> None:
    """The bank sent a payout back, or its file was thrown away.

    Raises:
        PayoutUnknown: not this market's, or not the bank's to execute.
    """
    payout = _locked(session, payout_id)
    if payout.market_id != market_id or payout.method is not PayoutMethod.SEPA:
        raise PayoutUnknown(payout_id=payout_id)
    refuse(session, payout_id, at=at, why=why, by=by)


def take_back(session: Session, market_id: int, *, at: datetime) -> int:
    """Reverse transfers to producers who owe us since customers got money back; how many.

    Whoever is paid by the bank owes it to the next statement instead.
    """
    rules_of(session, market_id)
    count = 0
    for producer_id, standing in sorted(standings(session, market_id).items()):
        under_way = _under_way(session, market_id, producer_id)
        missing = standing.carried - under_way
        if missing.cents <= 0:
            continue
        rows = session.scalars(
            select(Payout)
            .where(Payout.market_id == market_id, Payout.producer_id == producer_id)
            .where(Payout.method == PayoutMethod.TRANSFER, Payout.state == "paid")
            .order_by(Payout.id.desc())
            .with_for_update()
        ).all()
        by_id = {row.id: row for row in rows}
        left = [Reversible(row.id, Money(row.amount_cents - row.reversed_cents)) for row in rows]
        for payout_id, amount in rules.reversals(missing, left):
            _note_reversal(session, by_id[payout_id], amount, at)
            count += 1
    return count


def _under_way(session: Session, market_id: int, producer_id: int) -> Money:
    cents = session.scalar(
        select(func.coalesce(func.sum(PayoutReversal.amount_cents), 0))
        .join(Payout, Payout.id == PayoutReversal.payout_id)
        .where(Payout.market_id == market_id, Payout.producer_id == producer_id)
        .where(PayoutReversal.state == "noted")
    )
    return Money(int(cents or 0))


def _note_reversal(session: Session, payout: Payout, amount: Money, at: datetime) -> None:
    rank = session.scalar(select(func.count()).where(PayoutReversal.payout_id == payout.id))
    payout.reversed_cents += amount.cents
    reversal = PayoutReversal(
        payout_id=payout.id,
        amount_cents=amount.cents,
        reference=f"{payout.reference}-R{1 + (rank or 0)}",
        noted_at=at,
    )
    session.add(reversal)
    session.flush()
    outbox.post(
        session, REVERSE_TOPIC, key=f"payout_reversal:{reversal.id}", reversal_id=reversal.id
    )


def reversal_call(session: Session, reversal_id: int, *, at: datetime) -> ReversalCall | None:
    """Note that a part is asked back of the provider; None when it was answered already."""
    reversal = session.get_one(PayoutReversal, reversal_id, with_for_update=True)
    if reversal.state != "noted":
        return None
    payout = session.get_one(Payout, reversal.payout_id)
    request = ReversalRequest(
        key=reversal.reference,
        transfer_id=payout.provider_ref or "",
        amount=Money(reversal.amount_cents),
        metadata={"payout": payout.reference, "reversal": reversal.reference},
    )
    resumed = reversal.asked_at is not None
    reversal.asked_at = reversal.asked_at or at
    return ReversalCall(request, resumed)


def note_reversed(
    session: Session, reversal_id: int, *, at: datetime, provider_ref: str | None
) -> None:
    """Note that a part of a transfer is back; a second time changes nothing."""
    reversal = session.get_one(PayoutReversal, reversal_id, with_for_update=True)
    if reversal.state == "paid":
        return
    payout = _locked(session, reversal.payout_id)
    advance(session, PAYOUT_REVERSAL, reversal, "pay", at=at)
    reversal.provider_ref = provider_ref
    reversal.done_at = at
    ledger.enter(
        session,
        f"payout_reversed:{reversal.id}",
        "payout_reversed",
        rules.reversed_postings(payout.producer_id, Money(reversal.amount_cents)),
        market_id=payout.market_id,
        facts={"reference": reversal.reference, "payout_id": payout.id, "ref": provider_ref or ""},
    )


def not_reversed(session: Session, reversal_id: int, *, at: datetime, why: str) -> None:
    """The provider gives nothing back: the next statement takes it off instead."""
    reversal = session.get_one(PayoutReversal, reversal_id, with_for_update=True)
    if reversal.state != "noted":
        return
    payout = _locked(session, reversal.payout_id)
    advance(session, PAYOUT_REVERSAL, reversal, "refuse", at=at, reason=why)
    reversal.error = why
    reversal.done_at = at
    payout.reversed_cents -= reversal.amount_cents


def _locked(session: Session, payout_id: int) -> Payout:
    payout = session.get(Payout, payout_id, with_for_update=True, populate_existing=True)
    if payout is None:
        raise PayoutUnknown(payout_id=payout_id)
    return payout
