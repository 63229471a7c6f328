"""Vouchers: bought by card, given by the desk, or paid from the solidarity fund.

A purchase is a sandwich like every call to the provider: the wish is a row, the caller asks, the
outcome is noted by what the provider shows.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.money import Money
from shop.orders.domain.ledger import Account
from shop.orders.domain.lifecycles import VOUCHER
from shop.orders.domain.tenders import RuleName, normalized
from shop.orders.domain.terms import AccountKind, VoucherKind
from shop.orders.errors import OrderNotPayable, VoucherRefused
from shop.orders.models import LedgerEntry, Voucher
from shop.orders.ports import CaptureMode, PaymentIntentView, PaymentRequest
from shop.orders.queries import tenders
from shop.orders.services import purses

MAIL_VOUCHER = "mail.voucher"

SMALLEST, LARGEST = Money(500), Money(20_000)
"""What a voucher may be worth."""

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ23456789"
"""Nothing that is taken for another on the telephone."""


@dataclass(frozen=True, slots=True)
class VoucherCard:
    """A voucher as its page shows it; ``left`` is what the ledger says."""

    id: int
    market_id: int
    kind: VoucherKind
    state: str
    code: str
    value: Money
    left: Money
    valid_until: date
    recipient: str
    message: str
    reason: str
    buyer_email: str | None
    token: str
    locale: str
    created_at: datetime
    activated: bool
    """Whether somebody paid it, or gave it."""

    @property
    def was_paid(self) -> bool:
        """Whether it was ever worth something."""
        return self.state == "active" or (self.state == "ended" and self.activated)

    @property
    def is_for_fund(self) -> bool:
        """Whether what was paid went into the solidarity fund."""
        return self.kind is VoucherKind.DONATION

    @property
    def spoken(self) -> str:
        """The code in groups of four."""
        return "-".join(self.code[at : at + 4] for at in range(0, len(self.code), 4))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants printed on a voucher, and its value."""

    value: Money
    recipient: str = ""
    message: str = ""
    buyer_email: str | None = None
    buyer_id: int | None = None
    locale: str = "fr"
    for_fund: bool = False
    """Nobody gets a code: what is paid goes into the solidarity fund of the market."""


def new_code() -> str:
    """Twelve letters that nobody guesses."""
    return "".join(secrets.choice(_LETTERS) for _ in range(12))


def order(
    session: Session, market_id: int, wanted: Wanted, today: date, *, key: str | None = None
) -> str:
    """Note that somebody wants to buy a voucher, once by ``key``; the token of its page.

    Raises:
        VoucherRefused: a value below the smallest or above the largest.
    """
    if not SMALLEST <= wanted.value <= LARGEST:
        raise VoucherRefused(field="value", reason="value")
    if key is not None and (known := _known(session, key)):
        return known
    kind = VoucherKind.DONATION if wanted.for_fund else VoucherKind.GIFT
    made = _make(session, market_id, kind, wanted, today)
    made.form_key = key
    session.flush()
    return made.token


def grant(
    session: Session,
    market_id: int,
    wanted: Wanted,
    *,
    reason: str,
    by: int,
    today: date,
    at: datetime,
    solidarity: bool = False,
    form_key: str | None = None,
) -> str:
    """The desk gives a voucher, at the market's cost or from the solidarity fund; its token.

    Once by ``form_key``.

    Raises:
        VoucherRefused: no reason, or a value out of bounds.
        PurseTooSmall: the fund holds less.
    """
    if not SMALLEST <= wanted.value <= LARGEST:
        raise VoucherRefused(field="value", reason="value")
    if not reason.strip():
        raise VoucherRefused(field="reason", reason="reason")
    if form_key is not None and (known := _known(session, form_key)):
        return known
    kind = VoucherKind.SOLIDARITY if solidarity else VoucherKind.DESK
    made = _make(session, market_id, kind, wanted, today)
    made.form_key = form_key
    made.granted_by, made.reason = by, reason.strip()
    session.flush()
    own, key = purses.voucher_of(made.id), f"voucher:{made.id}"
    if solidarity:
        purses.take(
            session,
            purses.fund_of(market_id),
            wanted.value,
            market_id=market_id,
            target=own,
            key=key,
            kind="voucher_granted",
        )
    else:
        purses.put(
            session,
            own,
            wanted.value,
            market_id=market_id,
            source=Account(AccountKind.MARKET, market_id),
            key=key,
            kind="voucher_granted",
        )
    advance(session, VOUCHER, made, "activate", at=at, by=by, reason=made.reason)
    return made.token


def opening(session: Session, token: str) -> tuple[int, str | None, PaymentRequest]:
    """What to ask of the provider so that a voucher can be bought; the secret when asked before.

    Raises:
        OrderNotPayable: it is bought already.
    """
    row = _by_token(session, token)
    if row.state != "waiting":
        raise OrderNotPayable(state=row.state)
    return (
        row.id,
        row.client_secret,
        PaymentRequest(
            key=f"voucher-{row.token}-create",
            amount=Money(row.value_cents),
            metadata={"voucher": str(row.id)},
            capture=CaptureMode.AUTOMATIC,
            description=f"voucher {row.id}",
            transfer_group=f"voucher-{row.id}",
        ),
    )


def record_opening(session: Session, voucher_id: int, seen: PaymentIntentView) -> None:
    """Note what the provider opened."""
    row = session.get_one(Voucher, voucher_id, with_for_update=True)
    if row.intent_id is None:
        row.intent_id, row.client_secret = seen.id, seen.client_secret
    session.flush()


def record(session: Session, voucher_id: int, seen: PaymentIntentView, at: datetime) -> bool:
    """Believe what the provider shows; True when the voucher is paid. Once, however often.

    No tax is entered: a voucher that pays for goods at several rates (« bon à usages multiples »,
    article 256 ter of the tax code) is taxed when it is used, with the order that it pays.
    """
    row = session.get_one(Voucher, voucher_id, with_for_update=True, populate_existing=True)
    if row.state != "waiting":
        return row.state == "active" or row.kind is VoucherKind.DONATION
    expected = (row.intent_id, str(row.id), row.value_cents)
    shown = (seen.id, seen.metadata.get("voucher"), seen.received.cents)
    if seen.status != "succeeded" or shown != expected:
        return False
    for_fund = row.kind is VoucherKind.DONATION
    purses.put(
        session,
        purses.fund_of(row.market_id) if for_fund else purses.voucher_of(row.id),
        seen.received,
        market_id=row.market_id,
        source=Account(AccountKind.PROVIDER),
        key=f"voucher:{row.id}",
        kind="fund_gift" if for_fund else "voucher_sold",
        facts={"intent": seen.id},
    )
    advance(session, VOUCHER, row, "activate", at=at)
    if for_fund:
        advance(session, VOUCHER, row, "end", at=at, reason="given to the fund")
    outbox.post(session, MAIL_VOUCHER, key=f"voucher:{row.id}", voucher_id=row.id)
    return True


def by_intent(session: Session, intent_id: str) -> int | None:
    """The voucher whose purchase the provider calls so, or None."""
    return session.scalar(select(Voucher.id).where(Voucher.intent_id == intent_id))


def stale(session: Session, before: datetime, limit: int = 100) -> list[tuple[int, str | None]]:
    """Vouchers that were wanted before an instant and not paid, with the provider's name."""
    rows = session.execute(
        select(Voucher.id, Voucher.intent_id)
        .where(Voucher.state == "waiting", Voucher.created_at < before)
        .order_by(Voucher.id)
        .limit(limit)
    )
    return [(row.id, row.intent_id) for row in rows]


def give_up(session: Session, voucher_id: int, at: datetime) -> None:
    """Nobody pays this one any more; nothing when it was paid meanwhile."""
    row = session.get_one(Voucher, voucher_id, with_for_update=True, populate_existing=True)
    if row.state == "waiting":
        advance(session, VOUCHER, row, "end", at=at, reason="not paid")


def end_past(session: Session, market_id: int, today: date, *, at: datetime) -> int:
    """End vouchers whose day is over; what is left goes to the market or back to the fund.

    Solidarity vouchers give back to the fund. How many ended.
    """
    rows = session.scalars(
        select(Voucher)
        .where(Voucher.market_id == market_id, Voucher.state == "active")
        .where(Voucher.valid_until < today)
        .order_by(Voucher.id)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        purse = purses.voucher_of(row.id)
        purses.hold(session, [purse])
        rest = purses.left(session, purse, market_id)
        target = Account(AccountKind.MARKET, market_id)
        if row.kind is VoucherKind.SOLIDARITY:
            target = purses.fund_of(market_id)
        if rest:
            purses.take(
                session,
                purse,
                rest,
                market_id=market_id,
                target=target,
                key=f"voucher_end:{row.id}",
                kind="voucher_ended",
            )
        advance(session, VOUCHER, row, "end", at=at, reason="past its day")
    return len(rows)


def card(session: Session, token: str) -> VoucherCard:
    """The voucher that a link opens.

    Raises:
        VoucherRefused: there is none.
    """
    return _card(session, _by_token(session, token))


def by_code(session: Session, market_id: int, code: str) -> VoucherCard:
    """The voucher whose code somebody typed.

    Raises:
        VoucherRefused: no voucher of this market that was paid has it.
    """
    row = session.scalar(
        select(Voucher).where(
            Voucher.code == normalized(code),
            Voucher.market_id == market_id,
            Voucher.state != "waiting",
            Voucher.kind != VoucherKind.DONATION,
        )
    )
    if row is None:
        raise VoucherRefused(field="code", reason="unknown")
    return _card(session, row)


def card_by_id(session: Session, voucher_id: int) -> VoucherCard:
    """The voucher with that key."""
    return _card(session, session.get_one(Voucher, voucher_id))


def of_market(session: Session, market_id: int, limit: int = 200) -> list[VoucherCard]:
    """Vouchers of a market that were ever active, the newest first."""
    rows = session.scalars(
        select(Voucher)
        .where(Voucher.market_id == market_id, Voucher.state != "waiting")
        .where(Voucher.kind != VoucherKind.DONATION)
        .order_by(Voucher.id.desc())
        .limit(limit)
    )
    return [_card(session, row) for row in rows]


def _card(session: Session, row: Voucher) -> VoucherCard:
    return VoucherCard(
        id=row.id,
        market_id=row.market_id,
        kind=row.kind,
        state=row.state,
        code=row.code,
        value=Money(row.value_cents),
        left=purses.left(session, purses.voucher_of(row.id), row.market_id),
        valid_until=row.valid_until,
        recipient=row.recipient,
        message=row.message,
        reason=row.reason,
        buyer_email=row.buyer_email,
        token=row.token,
        locale=row.locale,
        created_at=row.created_at,
        activated=row.state == "active" or _was_activated(session, row.id),
    )


def _known(session: Session, form_key: str) -> str | None:
    """The token of the voucher that a form made before; whoever asks at once waits for it."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"voucher:{form_key}"))))
    return session.scalar(select(Voucher.token).where(Voucher.form_key == form_key))


def intent_of(session: Session, voucher_id: int) -> str | None:
    """The provider's name for the purchase of a voucher; None: nobody came to the card page."""
    return session.scalar(select(Voucher.intent_id).where(Voucher.id == voucher_id))


def _was_activated(session: Session, voucher_id: int) -> bool:
    entered = select(LedgerEntry.id).where(LedgerEntry.key == f"voucher:{voucher_id}")
    return session.scalar(entered) is not None


def _by_token(session: Session, token: str) -> Voucher:
    row = session.scalar(select(Voucher).where(Voucher.token == token))
    if row is None:
        raise VoucherRefused(reason="unknown")
    return row


def _make(
    session: Session, market_id: int, kind: VoucherKind, wanted: Wanted, today: date
) -> Voucher:
    days = tenders.rules(session, today).get(RuleName.VOUCHER_DAYS, 365)
    made = Voucher(
        market_id=market_id,
        kind=kind,
        state=VOUCHER.initial,
        code=new_code(),
        value_cents=wanted.value.cents,
        valid_until=today + timedelta(days=days),
        recipient=wanted.recipient.strip(),
        message=wanted.message.strip(),
        buyer_email=wanted.buyer_email,
        buyer_id=wanted.buyer_id,
        locale=wanted.locale,
        token=secrets.token_urlsafe(18),
        reason="",
    )
    session.add(made)
    session.flush()
    return made
