"""Delivered orders as whoever invoices them needs them: parts by seller, lines, what was paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.selling import SalesModel
from shop.catalog.domain.terms import OptionKind, TaxClass
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice
from shop.orders.domain import fees
from shop.orders.domain.tenders import PaidPart
from shop.orders.domain.terms import FeeKind
from shop.orders.models import Order, OrderLine, Organisation, SellerOrder
from shop.orders.queries import tender_parts


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line as it was delivered; amounts include tax."""

    id: int
    product_id: int
    producer_id: int
    product_name: str
    reference: str
    delivered: Quantity
    weighed: Quantity | None
    """Its weight, where the price follows the weight."""
    price: UnitPrice
    billed: Money
    deposit: Money
    """On the containers that were kept."""
    tax_class: TaxClass
    tax_rate_bp: int


@dataclass(frozen=True, slots=True)
class BilledPart:
    """What one producer sold of an order, and by which model."""

    producer_id: int
    producer_name: str
    model: SalesModel
    lines: tuple[BilledLine, ...]


@dataclass(frozen=True, slots=True)
class BilledService:
    """A fee that the customer bears besides the delivery."""

    kind: FeeKind
    amount: Money
    tax_rate_bp: int


@dataclass(frozen=True, slots=True)
class AccountBuyer:
    """An organisation that pays on account."""

    id: int
    name: str
    siret: str
    address: str
    postcode: str
    commune: str
    term_days: int


@dataclass(frozen=True, slots=True)
class BilledOrder:
    """A delivered order."""

    id: int
    number: str
    market_id: int
    cycle_id: int
    person_id: int | None
    state: str
    locale: str
    contact_name: str
    contact_email: str
    address: str
    """Of the customer; empty when the goods went to a pick-up point."""
    postcode: str
    commune: str
    supplied_at: datetime
    final: Money | None
    delivery: Money
    """The delivery, as far as it was charged."""
    services: tuple[BilledService, ...]
    organisation: AccountBuyer | None
    parts: tuple[BilledPart, ...]
    paid: tuple[PaidPart, ...]
    """What paid it, and a gift to the solidarity fund with it."""

    @property
    def is_settled(self) -> bool:
        """Whether it was paid, or goes on an account."""
        return self.state == "settled" or (
            self.state == "fulfilled" and self.organisation is not None
        )


_LINE = (
    OrderLine.id,
    OrderLine.order_id,
    OrderLine.product_id,
    OrderLine.producer_id,
    OrderLine.product_name,
    OrderLine.reference,
    OrderLine.unit,
    OrderLine.price_cents,
    OrderLine.price_unit,
    OrderLine.nominal_g,
    OrderLine.deposit_cents,
    OrderLine.tax_class,
    OrderLine.tax_rate_bp,
    OrderLine.ordered,
    OrderLine.delivered,
    OrderLine.picked_g,
    OrderLine.billed_cents,
    SellerOrder.producer_name,
    SellerOrder.model,
)


def to_bill(session: Session, market_id: int, cycle_id: int) -> list[int]:
    """Orders of a cycle that came to something, the first ordered first."""
    return list(
        session.scalars(
            select(Order.id)
            .where(Order.market_id == market_id, Order.cycle_id == cycle_id)
            .where(Order.state.in_(("fulfilled", "settled")), Order.final_cents > 0)
            .order_by(Order.id)
        )
    )


def amounts(session: Session, market_id: int, cycle_id: int) -> dict[int, Money]:
    """What each of these orders is invoiced together; a gift to the solidarity fund is no sale."""
    rows = session.execute(
        select(Order.id, Order.final_cents)
        .where(Order.market_id == market_id, Order.cycle_id == cycle_id)
        .where(Order.state.in_(("fulfilled", "settled")), Order.final_cents > 0)
        .order_by(Order.id)
    )
    return {row[0]: Money(int(row[1] or 0)) for row in rows}


def by_ids(session: Session, order_ids: Sequence[int]) -> dict[int, BilledOrder]:
    """Orders by key with all that was delivered of them."""
    lines: dict[int, dict[tuple[int, str, SalesModel], list[BilledLine]]] = defaultdict(dict)
    rows = session.execute(
        select(*_LINE)
        .join(SellerOrder, SellerOrder.id == OrderLine.seller_order_id)
        .where(OrderLine.order_id.in_(order_ids), OrderLine.billed_cents > 0)
        .order_by(OrderLine.producer_id, OrderLine.product_name, OrderLine.id)
    )
    for row in rows:
        part = (row.producer_id, row.producer_name, row.model)
        lines[row.order_id].setdefault(part, []).append(_line(row))
    orders = session.execute(
        select(Order, Organisation)
        .outerjoin(Organisation, Organisation.id == Order.organisation_id)
        .where(Order.id.in_(order_ids))
        .order_by(Order.id)
    )
    paid = tender_parts.parts(session, order_ids)
    found = {}
    for order, organisation in orders:
        parts = tuple(
            BilledPart(*part, lines=tuple(of_part)) for part, of_part in lines[order.id].items()
        )
        found[order.id] = _order(order, organisation, parts, paid.get(order.id, ()))
    return found


def _order(
    order: Order,
    organisation: Organisation | None,
    parts: tuple[BilledPart, ...],
    paid: tuple[PaidPart, ...],
) -> BilledOrder:
    asked = Money.total(line.billed + line.deposit for part in parts for line in part.lines)
    final = None if order.final_cents is None else Money(order.final_cents)
    services = _services(order, parts) if final else ()
    on_top = Money.total(service.amount for service in services)
    at_home = order.option_kind is OptionKind.HOME
    return BilledOrder(
        id=order.id,
        number=order.number,
        market_id=order.market_id,
        cycle_id=order.cycle_id,
        person_id=order.person_id,
        state=order.state,
        locale=order.locale,
        contact_name=order.contact_name,
        contact_email=order.contact_email,
        address=order.address if at_home else "",
        postcode=order.postcode if at_home else "",
        commune=order.commune if at_home else "",
        supplied_at=order.slot_starts_at,
        final=final,
        delivery=final - asked - on_top if final else Money.zero(),
        services=services,
        organisation=None if organisation is None else _account(organisation),
        parts=parts,
        paid=paid,
    )


def _services(order: Order, parts: tuple[BilledPart, ...]) -> tuple[BilledService, ...]:
    sold = Money.total(line.billed for part in parts for line in part.lines)
    return tuple(
        BilledService(each.fee.kind, each.on(sold), each.fee.tax_rate_bp)
        for each in fees.from_json(order.fee_parts)
        if each.on(sold)
    )


def _account(organisation: Organisation) -> AccountBuyer:
    return AccountBuyer(
        organisation.id,
        organisation.name,
        organisation.siret,
        organisation.address,
        organisation.postcode,
        organisation.commune,
        organisation.term_days,
    )


def _line(row: Any) -> BilledLine:
    delivered = row.delivered or 0
    weighed = None
    if row.price_unit is Unit.GRAM and row.picked_g is not None:
        weighed = Quantity.grams(row.picked_g)
    containers = min(row.ordered, delivered) if row.unit is Unit.PIECE else 0
    return BilledLine(
        id=row.id,
        product_id=row.product_id,
        producer_id=row.producer_id,
        product_name=row.product_name,
        reference=row.reference,
        delivered=Quantity(delivered, row.unit),
        weighed=weighed,
        price=UnitPrice(row.price_cents, row.price_unit),
        billed=Money(row.billed_cents or 0),
        deposit=Money(row.deposit_cents * containers),
        tax_class=row.tax_class,
        tax_rate_bp=row.tax_rate_bp,
    )
