"""Season contracts: the platform keeps the record, the money goes straight to the farm.

The ledger remembers what is due directly in two accounts of its own, which never meet money that
we hold.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.money import Money
from shop.orders.domain.ledger import Account
from shop.orders.domain.lifecycles import SEASON_CONTRACT
from shop.orders.domain.order import surname_first
from shop.orders.domain.tenders import move_postings
from shop.orders.domain.terms import AccountKind
from shop.orders.errors import ContractUnknown, WayRefused
from shop.orders.models import (
    ContractDelivery,
    ContractInstalment,
    ContractTransfer,
    SeasonContract,
)
from shop.orders.services import ledger

MAIL_CONTRACT = "mail.season_contract"

SHORTEST_NAME = 3
"""Letters of a name that somebody signs with."""

MOST_DATES = 60
MOST_INSTALMENTS = 12


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a member and a farm agreed for a season."""

    producer_id: int
    label: str
    basket: Money
    member_name: str
    dates: tuple[date, ...]
    instalment_days: tuple[date, ...]
    """When each cheque may be cashed; the last one takes the odd cents."""
    member_email: str = ""
    member_phone: str = ""
    person_id: int | None = None
    baskets: int = 1
    """On each date."""
    terms: str = ""
    """What is agreed, word by word."""

    @property
    def total(self) -> Money:
        """The whole season."""
        return self.basket * (self.baskets * len(set(self.dates)))

    @property
    def instalments(self) -> list[tuple[date, Money]]:
        """When how much may be cashed; the last one takes the odd cents."""
        days = sorted(self.instalment_days)
        return list(zip(days, self.total.split([1] * len(days)), strict=True))


def offer(session: Session, market_id: int, agreed: Agreed, *, key: str) -> str:
    """Write down what a member is to sign, once by ``key``; the token of the page where they do.

    Raises:
        WayRefused: no date, no instalment, no price, no farm or no member.
    """
    if (known := _known(session, key)) is not None:
        return known.token or ""
    contract = _write(session, market_id, agreed)
    contract.form_key, token = key, secrets.token_urlsafe(18)
    contract.token = token
    session.flush()
    if contract.member_email:
        outbox.post(
            session, MAIL_CONTRACT, key=f"contract:{contract.id}:offered", contract_id=contract.id
        )
    return token


def sign(
    session: Session,
    market_id: int,
    agreed: Agreed,
    today: date,
    *,
    at: datetime,
    key: str | None = None,
) -> int:
    """Record a contract that was signed on paper, once by ``key``; the contract's own key.

    Raises:
        WayRefused: no date, no instalment, no price, no farm or no member.
    """
    if key is not None and (known := _known(session, key)) is not None:
        return known.id
    contract = _write(session, market_id, agreed)
    contract.form_key = key
    _sign(session, contract, today, at=at)
    return contract.id


def sign_on_page(
    session: Session,
    token: str,
    *,
    name: str,
    terms_hash: str,
    today: date,
    at: datetime,
    person_id: int | None = None,
) -> bool:
    """The member types their name under the text that they read; False when it was signed before.

    Raises:
        ContractUnknown: no contract waits under that token.
        WayRefused: no name, or the text is not the one that was read.
    """
    contract = session.scalar(
        select(SeasonContract).where(SeasonContract.token == token).with_for_update()
    )
    if contract is None or contract.state == "dropped":
        raise ContractUnknown(token=token)
    if contract.state != "offered":
        return False
    if len(name.strip()) < SHORTEST_NAME:
        raise WayRefused(field="name", reason="name")
    if terms_hash != contract.terms_hash:
        raise WayRefused(field="terms", reason="terms")
    contract.signed_by, contract.signed_at = name.strip(), at
    contract.person_id = contract.person_id or person_id
    _sign(session, contract, today, at=at)
    if contract.member_email:
        outbox.post(
            session, MAIL_CONTRACT, key=f"contract:{contract.id}:signed", contract_id=contract.id
        )
    return True


def drop(session: Session, contract_id: int, *, at: datetime, by: int) -> bool:
    """A contract that nobody signed is taken back; False when it is signed, or gone."""
    contract = _lock(session, contract_id)
    if contract.state != "offered":
        return False
    advance(session, SEASON_CONTRACT, contract, "drop", at=at, by=by)
    return True


def seal_of(terms: str) -> str:
    """SHA-256 of a text, in hexadecimal: whoever changes a letter of it changes this."""
    return hashlib.sha256(terms.encode()).hexdigest()


def _known(session: Session, key: str) -> SeasonContract | None:
    """The contract that a form made before; whoever asks at once waits for it."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"contract:{key}"))))
    return session.scalar(select(SeasonContract).where(SeasonContract.form_key == key))


def _sign(session: Session, contract: SeasonContract, today: date, *, at: datetime) -> None:
    contract.signed_on = today
    advance(session, SEASON_CONTRACT, contract, "sign", at=at)
    parts = select(func.sum(ContractInstalment.amount_cents)).where(
        ContractInstalment.contract_id == contract.id
    )
    ledger.enter(
        session,
        f"contract:{contract.id}",
        "contract_signed",
        move_postings(
            _due(contract.id),
            _promised(contract.producer_id),
            Money(int(session.scalars(parts).one())),
        ),
        market_id=contract.market_id,
    )


def _write(session: Session, market_id: int, agreed: Agreed) -> SeasonContract:
    dates = sorted(set(agreed.dates))
    if not 0 < len(dates) <= MOST_DATES:
        raise WayRefused(field="dates", reason="dates")
    if not 0 < len(agreed.instalment_days) <= MOST_INSTALMENTS:
        raise WayRefused(field="instalments", reason="instalments")
    if agreed.basket <= Money.zero() or agreed.baskets < 1:
        raise WayRefused(field="basket", reason="amount")
    if not agreed.member_name.strip() or not agreed.label.strip():
        raise WayRefused(field="member_name", reason="name")
    contract = SeasonContract(
        market_id=market_id,
        producer_id=agreed.producer_id,
        state=SEASON_CONTRACT.initial,
        label=agreed.label.strip(),
        basket_cents=agreed.basket.cents,
        person_id=agreed.person_id,
        member_name=agreed.member_name.strip(),
        sort_key=surname_first(agreed.member_name),
        member_email=agreed.member_email.strip(),
        member_phone=agreed.member_phone.strip(),
        terms=agreed.terms,
        terms_hash=seal_of(agreed.terms),
    )
    session.add(contract)
    session.flush()
    session.add_all(
        ContractDelivery(contract_id=contract.id, on_day=day, baskets=agreed.baskets)
        for day in dates
    )
    session.add_all(
        ContractInstalment(
            contract_id=contract.id, position=place, amount_cents=part.cents, due_on=day
        )
        for place, (day, part) in enumerate(agreed.instalments, 1)
    )
    session.flush()
    return contract


def receive(
    session: Session,
    contract_id: int,
    position: int,
    *,
    on: date,
    by: int,
    cheque_number: str = "",
    bank: str = "",
) -> bool:
    """The farm has an instalment; False when it was noted before.

    Raises:
        ContractUnknown: there is no such contract or instalment.
    """
    contract = _lock(session, contract_id)
    part = session.scalar(
        select(ContractInstalment).where(
            ContractInstalment.contract_id == contract_id, ContractInstalment.position == position
        )
    )
    if part is None or contract.state in ("offered", "dropped"):
        raise ContractUnknown(contract_id=contract_id, position=position)
    if part.received_on is not None:
        return False
    part.received_on, part.by_person_id = on, by
    part.cheque_number, part.bank = cheque_number.strip(), bank.strip()
    session.flush()
    return ledger.enter(
        session,
        f"instalment:{part.id}",
        "instalment_received",
        move_postings(_promised(contract.producer_id), _due(contract_id), Money(part.amount_cents)),
        market_id=contract.market_id,
    )


def fetch(session: Session, contract_id: int, day: date, at: datetime) -> bool:
    """The member fetched a basket; False when there is none that day, or it was noted before."""
    _lock(session, contract_id)
    row = session.scalar(
        select(ContractDelivery).where(
            ContractDelivery.contract_id == contract_id, ContractDelivery.on_day == day
        )
    )
    if row is None or row.fetched_at is not None:
        return False
    row.fetched_at = at
    session.flush()
    return True


def transfer(
    session: Session,
    contract_id: int,
    *,
    to_name: str,
    to_email: str,
    to_phone: str,
    from_day: date,
    note: str,
    by: int,
) -> None:
    """The share goes to another member from a day on; what is due to the farm stays due.

    Raises:
        ContractUnknown: there is no such contract.
        WayRefused: nobody is named.
    """
    contract = _lock(session, contract_id)
    if contract.state != "signed":
        raise ContractUnknown(contract_id=contract_id)
    if not to_name.strip():
        raise WayRefused(field="to_name", reason="name")
    session.add(
        ContractTransfer(
            contract_id=contract_id,
            from_name=contract.member_name,
            to_name=to_name.strip(),
            from_day=from_day,
            note=note.strip(),
            by_person_id=by,
        )
    )
    contract.member_name = to_name.strip()
    contract.sort_key = surname_first(to_name)
    contract.member_email, contract.member_phone = to_email.strip(), to_phone.strip()
    contract.person_id = None
    session.flush()


def end_finished(session: Session, today: date, at: datetime, *, market_id: int) -> Sequence[int]:
    """End contracts whose last date is over and whose instalments all came; their keys."""
    late = select(ContractDelivery.contract_id).where(ContractDelivery.on_day >= today)
    unpaid = select(ContractInstalment.contract_id).where(ContractInstalment.received_on.is_(None))
    rows = session.scalars(
        select(SeasonContract)
        .where(SeasonContract.state == "signed", SeasonContract.market_id == market_id)
        .where(SeasonContract.id.not_in(late), SeasonContract.id.not_in(unpaid))
        .order_by(SeasonContract.id)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        advance(session, SEASON_CONTRACT, row, "end", at=at)
    return [row.id for row in rows]


def _lock(session: Session, contract_id: int) -> SeasonContract:
    row = session.get(SeasonContract, contract_id, with_for_update=True)
    if row is None:
        raise ContractUnknown(contract_id=contract_id)
    return row


def _due(contract_id: int) -> Account:
    return Account(AccountKind.DIRECT_DUE, contract_id)


def _promised(producer_id: int) -> Account:
    return Account(AccountKind.DIRECT_PROMISED, producer_id)
