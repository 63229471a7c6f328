"""Season contracts as the farm and the desk look at them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.errors import ContractUnknown
from shop.orders.models import (
    ContractDelivery,
    ContractInstalment,
    ContractTransfer,
    SeasonContract,
)


@dataclass(frozen=True, slots=True)
class Instalment:
    """One cheque to the farm."""

    position: int
    amount: Money
    due_on: date
    received_on: date | None
    cheque_number: str
    bank: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One date with a basket."""

    on_day: date
    baskets: int
    fetched_at: datetime | None


@dataclass(frozen=True, slots=True)
class Transfer:
    """The share went to somebody else."""

    from_name: str
    to_name: str
    from_day: date
    note: str


@dataclass(frozen=True, slots=True)
class Contract:
    """A season contract with its dates and instalments."""

    id: int
    market_id: int
    producer_id: int
    state: str
    label: str
    basket: Money
    member_name: str
    member_email: str
    member_phone: str
    signed_on: date | None
    """None: it waits for the member."""
    signed_by: str
    terms: str
    terms_hash: str
    token: str | None
    deliveries: tuple[Delivery, ...]
    instalments: tuple[Instalment, ...]
    transfers: tuple[Transfer, ...]

    @property
    def total(self) -> Money:
        """The whole season."""
        return Money.total(part.amount for part in self.instalments)

    @property
    def received(self) -> Money:
        """What the farm has."""
        return Money.total(part.amount for part in self.instalments if part.received_on)

    @property
    def next_due(self) -> Instalment | None:
        """The first instalment that the farm waits for."""
        return next((part for part in self.instalments if part.received_on is None), None)

    def next_basket(self, today: date) -> Delivery | None:
        """The next date from today on."""
        return next((each for each in self.deliveries if each.on_day >= today), None)


def by_token(session: Session, token: str) -> Contract:
    """The contract that a link opens.

    Raises:
        ContractUnknown: there is none.
    """
    return _one(session, SeasonContract.token == token)


def by_id(session: Session, contract_id: int) -> Contract:
    """The contract with that key.

    Raises:
        ContractUnknown: there is none.
    """
    return _one(session, SeasonContract.id == contract_id)


def contracts(
    session: Session, *, producer_id: int | None = None, market_id: int | None = None
) -> list[Contract]:
    """Contracts of a farm or of a market, by the member's surname; not those taken back."""
    question = (
        select(SeasonContract)
        .where(SeasonContract.state != "dropped")
        .order_by(SeasonContract.sort_key, SeasonContract.id)
    )
    if producer_id is not None:
        question = question.where(SeasonContract.producer_id == producer_id)
    if market_id is not None:
        question = question.where(SeasonContract.market_id == market_id)
    return _read(session, question)


def _one(session: Session, condition: ColumnElement[bool]) -> Contract:
    found = _read(session, select(SeasonContract).where(condition))
    if not found or found[0].state == "dropped":
        raise ContractUnknown
    return found[0]


def _read(session: Session, question: Select[SeasonContract]) -> list[Contract]:
    rows = session.scalars(question).all()
    ids = [row.id for row in rows]
    deliveries: dict[int, list[Delivery]] = defaultdict(list)
    for each in session.scalars(
        select(ContractDelivery)
        .where(ContractDelivery.contract_id.in_(ids))
        .order_by(ContractDelivery.on_day)
    ):
        deliveries[each.contract_id].append(Delivery(each.on_day, each.baskets, each.fetched_at))
    parts: dict[int, list[Instalment]] = defaultdict(list)
    for part in session.scalars(
        select(ContractInstalment)
        .where(ContractInstalment.contract_id.in_(ids))
        .order_by(ContractInstalment.position)
    ):
        parts[part.contract_id].append(
            Instalment(
                part.position,
                Money(part.amount_cents),
                part.due_on,
                part.received_on,
                part.cheque_number,
                part.bank,
            )
        )
    transfers: dict[int, list[Transfer]] = defaultdict(list)
    for gone in session.scalars(
        select(ContractTransfer)
        .where(ContractTransfer.contract_id.in_(ids))
        .order_by(ContractTransfer.id)
    ):
        transfers[gone.contract_id].append(
            Transfer(gone.from_name, gone.to_name, gone.from_day, gone.note)
        )
    return [
        Contract(
            row.id,
            row.market_id,
            row.producer_id,
            row.state,
            row.label,
            Money(row.basket_cents),
            row.member_name,
            row.member_email,
            row.member_phone,
            row.signed_on,
            row.signed_by,
            row.terms,
            row.terms_hash,
            row.token,
            tuple(deliveries[row.id]),
            tuple(parts[row.id]),
            tuple(transfers[row.id]),
        )
        for row in rows
    ]
