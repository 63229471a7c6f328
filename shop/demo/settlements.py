"""The demo's past sales are settled, and producers were paid for all but the last."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.billing.domain.payout import PayoutMethod
from shop.billing.models import MoneyMovement, MovementMatch, Payout
from shop.billing.services import payouts, settling
from shop.billing.services.payouts import PayeeEntry
from shop.catalog.models import Cycle
from shop.demo.orders import Shop

MARKET_IBAN = "FR7630006000011234567890189"
BANK, BRANCH = "30003", "00083"


def settle(session: Session, shop: Shop, now: datetime) -> None:
    """Settle what was delivered before today; the market's bank paid all but the last sale."""
    market_id = shop.ground.market["id"]
    own = settling.rules_of(session, market_id)
    own.account_holder = shop.ground.market["name"]
    own.iban = MARKET_IBAN
    own.settle_after_days = 1
    for producer_id, producer in shop.producers.items():
        entry = PayeeEntry(PayoutMethod.SEPA, producer["name"][:70], _iban(producer_id))
        payouts.note_payee(session, producer_id, entry)
    past = session.scalars(
        select(Cycle)
        .where(Cycle.market_id == market_id, Cycle.state.in_(("closed", "archived")))
        .where(Cycle.delivers_on < now.date())
        .order_by(Cycle.delivers_on)
    ).all()
    for place, cycle in enumerate(past):
        settling.settle(session, cycle.id, at=now, tell=False)
        if place < len(past) - 1:
            _pay(session, market_id, cycle, now)


def _pay(session: Session, market_id: int, cycle: Cycle, now: datetime) -> None:
    day = cycle.delivers_on + timedelta(days=3)
    batch = payouts.decide(session, market_id, PayoutMethod.SEPA, execute_on=day, at=now)
    payouts.note_sent(session, batch, at=now, by=None)
    rows = session.scalars(select(Payout).where(Payout.batch_id == batch).order_by(Payout.id)).all()
    payouts.confirm(session, market_id, [row.id for row in rows], at=now, by=None)
    for row in rows:
        movement = MoneyMovement(
            source="bank",
            key=row.reference,
            market_id=market_id,
            state="matched",
            on=day,
            kind="debit",
            amount_cents=-row.amount_cents,
            reference=row.reference,
            counterparty=row.holder,
            text=row.text,
        )
        session.add(movement)
        session.flush()
        session.add(
            MovementMatch(movement_id=movement.id, entry_key=f"payout_paid:{row.id}", at=now)
        )
    session.flush()


def _iban(producer_id: int) -> str:
    """An invented French account with the right check digits."""
    account = f"{producer_id:011d}"
    bban = BANK + BRANCH + account
    key = 97 - (89 * int(BANK) + 15 * int(BRANCH) + 3 * int(account)) % 97
    bban += f"{key:02d}"
    digits = int(bban + "152700")
    return f"FR{98 - digits % 97:02d}{bban}"
