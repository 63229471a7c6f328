"""What an order would be with other amounts, and what it would come to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.errors import SlotClosed
from shop.catalog.queries import cycles, delivery, markets, offers
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, UnitPrice
from shop.orders.domain.pricing import LineTerms, Totals, price_line, totals
from shop.orders.errors import (
    AmendmentRefused,
    AmountRefused,
    OfferUnavailable,
    OrderUnknown,
)
from shop.orders.models import (
    Basket,
    Order,
    OrderLine,
)
from shop.orders.queries import basket as baskets
from shop.orders.queries import fees as fee_rules
from shop.orders.queries.basket import BasketCard, BasketItem, BasketView
from shop.orders.services import place_order


def preview(
    session: Session, order_id: int, wanted: Mapping[int, int], now: datetime
) -> tuple[BasketView, Totals]:
    """What an order would be and come to; nothing is changed.

    Raises:
        as ``ask``, without looking at what is left of each product.
    """
    order = session.get(Order, order_id)
    if order is None:
        raise OrderUnknown(order_id=order_id)
    return check(session, order, wanted, now)


def view(session: Session, order_id: int, wanted: Mapping[int, int]) -> BasketView:
    """An order as the basket that it would be with other amounts; nothing is checked."""
    return view_of(session, session.get_one(Order, order_id), wanted)


def cycle_of(session: Session, order_id: int) -> int:
    """The cycle that an order is of."""
    return session.scalars(select(Order.cycle_id).where(Order.id == order_id)).one()


def check(
    session: Session, order: Order, wanted: Mapping[int, int], now: datetime
) -> tuple[BasketView, Totals]:
    """What the order would be, when it may be.

    Raises:
        AmendmentRefused, SlotClosed, AmountRefused, OfferUnavailable, BelowMinimum: it may not.
    """
    cycle = cycles.by_id(session, order.cycle_id)
    if order.state != "placed" or not cycle.is_open_at(now):
        raise AmendmentRefused(why="too_late", state=order.state)
    slot = delivery.slot(session, order.slot_id)
    if slot.cutoff_at <= now:
        raise SlotClosed(slot_id=order.slot_id)
    view = view_of(session, order, {offer: amount for offer, amount in wanted.items() if amount})
    held = ordered(session, order.id)
    for item in view.items:
        if item.amount < 0 or item.amount % item.offer.step:
            raise AmountRefused(offer_id=item.offer.id, amount=item.amount, step=item.offer.step)
        if item.offer.cycle_id != order.cycle_id:
            raise OfferUnavailable(offer_id=item.offer.id)
        if item.offer.withdrawn and item.amount > held.get(item.offer.id, 0):
            raise OfferUnavailable(offer_id=item.offer.id)
    if len(view.items) < sum(1 for amount in wanted.values() if amount):
        raise OfferUnavailable(offer_id=0)
    if not view.items:
        raise AmendmentRefused(why="empty")
    return view, sums_of(session, order, view)


def sums_of(session: Session, order: Order, view: BasketView) -> Totals:
    """What the order comes to, with the delivery and the fees of the day it was placed.

    Raises:
        BelowMinimum: too little for its delivery.
    """
    slot = delivery.slot(session, order.slot_id)
    day = (order.placed_at or order.created_at).astimezone(
        ZoneInfo(markets.by_id(session, order.market_id).timezone)
    )
    rules = fee_rules.rules_on(session, order.market_id, day.date())
    service = place_order.service_of(view, rules, order.option_kind, order.commune_insee)
    return place_order.sums_with(view, slot, service)


def view_of(session: Session, order: Order, wanted: Mapping[int, int]) -> BasketView:
    """The order as a basket: lines that stay at their price, others at that of their offer."""
    found = offers.by_ids(session, wanted)
    agreed = _agreed_terms(session, order.id)
    items = []
    for offer_id, amount in wanted.items():
        if (offer := found.get(offer_id)) is None:
            continue
        terms = agreed.get(offer_id) or baskets.terms_of(offer)
        items.append(BasketItem(offer, amount, terms, price_line(terms, amount)))
    items.sort(key=lambda item: (item.offer.producer_name, item.offer.name, item.offer.id))
    row = session.execute(select(*baskets.COLUMNS).where(Basket.id == order.basket_id)).one()
    sums = totals((item.price for item in items), Money.zero())
    return BasketView(BasketCard(*tuple(row)), tuple(items), sums)


def ordered(session: Session, order_id: int) -> dict[int, int]:
    """What is ordered, by offer."""
    rows = session.execute(
        select(OrderLine.offer_id, OrderLine.ordered).where(OrderLine.order_id == order_id)
    )
    return {row.offer_id: row.ordered for row in rows}


def _agreed_terms(session: Session, order_id: int) -> dict[int, LineTerms]:
    rows = session.scalars(select(OrderLine).where(OrderLine.order_id == order_id))
    return {
        row.offer_id: LineTerms(
            price=UnitPrice(row.price_cents, row.price_unit),
            unit=row.unit,
            content=(
                None
                if row.content_amount is None or row.content_unit is None
                else Quantity(row.content_amount, row.content_unit)
            ),
            nominal_g=row.nominal_g,
            margin_bp=row.margin_bp,
            deposit_cents=row.deposit_cents,
        )
        for row in rows
    }
