"""Turn a basket into an order, once, however often the button is pressed."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import OptionKind, TaxClass, TaxRegime, TemperatureClass
from shop.catalog.errors import CycleNotOpen
from shop.catalog.queries import cycles, delivery, selling, taxes
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.delivery import SlotCard
from shop.catalog.queries.markets import MarketCard
from shop.catalog.services import allotment, slots
from shop.infra.places.communes import Commune, municipality_code
from shop.infra.transitions import advance, advance_all
from shop.kernel.money import Money
from shop.kernel.quantity import Unit
from shop.orders.domain import fees
from shop.orders.domain.fees import CustomerFee, FeeRuleTerms, Zone
from shop.orders.domain.lifecycles import BASKET, ORDER
from shop.orders.domain.order import number_for, pay_by, surname_first
from shop.orders.domain.payment import kind_for
from shop.orders.domain.pricing import Totals, delivery_fee, missing_for, totals
from shop.orders.domain.tax import rate_for
from shop.orders.domain.terms import Bearer
from shop.orders.errors import (
    BasketEmpty,
    BasketLapsed,
    BasketUnknown,
    BelowMinimum,
    ContactMissing,
    DeliveryMissing,
    OfferUnavailable,
    TermsNotAccepted,
)
from shop.orders.models import Basket, Order, OrderLine, Payment, SellerOrder
from shop.orders.ports.delivering import DeliveryAdvisor
from shop.orders.queries import basket as baskets
from shop.orders.queries import fees as fee_rules
from shop.orders.queries.basket import BasketCard, BasketItem, BasketView, Visitor
from shop.orders.services import tenders, trucks
from shop.orders.services.tenders import CARD_ONLY, Wish


@dataclass(frozen=True, slots=True)
class Placed:
    """The order of a basket; ``is_new`` is False when the button was pressed again."""

    order_id: int
    token: uuid.UUID
    number: str
    is_new: bool


def place(
    session: Session,
    visitor: Visitor,
    market: MarketCard,
    cycle: CycleCard,
    basket_id: int,
    *,
    language: str,
    terms_accepted: bool,
    now: datetime,
    wish: Wish = CARD_ONLY,
    advisor: DeliveryAdvisor | None = None,
) -> Placed:
    """Make the basket an order that waits for its card payment: all of it, or nothing.

    ``wish`` says what else pays; an order that needs no card is placed at once. ``advisor`` is
    asked last whether the trucks can still do it.

    Raises:
        BasketUnknown: not the visitor's.
        CycleNotOpen, SlotClosed, SlotFull: too late, or somebody was faster.
        BasketEmpty, BasketLapsed: there is nothing, or it is not held any more.
        DeliveryMissing, ContactMissing, TermsNotAccepted: something is still to be said.
        BelowMinimum: too little for that delivery.
        VoucherRefused, WayRefused, AccountRefused, PurseTooSmall: it cannot be paid so.
    """
    card = _lock(session, visitor, basket_id)
    if card.state == "ordered":
        return _placed_before(session, card.id)
    if not cycle.is_open_at(now) or card.cycle_id != cycle.id:
        raise CycleNotOpen(cycle_id=cycle.id)
    if not card.holds:
        raise BasketLapsed
    view = baskets.view(session, card)
    day = now.astimezone(ZoneInfo(market.timezone)).date()
    slot, sums = decide(session, view, market, day)
    if not terms_accepted:
        raise TermsNotAccepted(field="terms")
    rates = taxes.rates_on(session, day)
    if cycles.state_held(session, cycle.id) != "open":
        raise CycleNotOpen(cycle_id=cycle.id)
    token = uuid.uuid4()
    written = _agreed(card, slot, sums, market) | {
        "token": token,
        "cycle_id": cycle.id,
        "locale": language,
        "option_name": slot.option.text("name", language),
        "pay_by": pay_by(now),
    }
    order_id = session.execute(insert(Order).returning(Order.id), written).scalar_one()
    write_lines(session, order_id, market.id, view, rates)
    # What everybody wants is taken last: whoever else wants it waits for little more than the end.
    slots.take(session, slot.id, now)
    allotment.commit(session, order_id, {item.offer.id: item.amount for item in view.items})
    advance_all(session, BASKET, Basket, [card.id], "order", at=now, by=card.person_id)
    by_card = sums.ceiling
    if wish != CARD_ONLY:
        by_card = tenders.reserve(session, order_id, wish, day, now)
    if by_card:
        session.execute(
            insert(Payment).values(
                order_id=order_id,
                kind=kind_for(now, slot.ends_at),
                ceiling_cents=by_card.cents,
            )
        )
    if advisor is not None:
        trucks.promise(session, advisor, view, slot, order_id)
    return Placed(order_id, token, number_for(card.id), is_new=True)


def decide(
    session: Session, view: BasketView, market: MarketCard, day: date
) -> tuple[SlotCard, Totals]:
    """The delivery and the sums of a basket that can be ordered as it stands on ``day``.

    Raises:
        BasketEmpty, DeliveryMissing, ContactMissing, BelowMinimum: it can not.
    """
    if not view.items:
        raise BasketEmpty
    for item in view.items:
        if item.offer.withdrawn:
            raise OfferUnavailable(offer_id=item.offer.id, field="offer_id")
    slot = _slot_of(session, view.card)
    commune = slot.pickup.commune_insee if slot.pickup else view.card.commune_insee
    rules = fee_rules.rules_on(session, market.id, day)
    sums = sums_with(view, slot, service_of(view, rules, slot.option.kind, commune))
    for name in ("contact_name", "contact_email", "contact_phone"):
        if not getattr(view.card, name):
            raise ContactMissing(field=name)
    return slot, sums


def service_of(
    view: BasketView, rules: Iterable[FeeRuleTerms], kind: OptionKind, commune: str | None
) -> tuple[CustomerFee, ...]:
    """What the customer pays on top of goods and delivery, as it is announced."""
    borne = fees.chosen(rules, Zone(kind, commune), Bearer.CUSTOMER)
    return fees.announce(borne, view.sums.goods, crates_of(view)) if borne else ()


def crates_of(view: BasketView) -> int:
    """How many crates a basket fills, as far as one knows before it is picked."""
    fill: dict[TemperatureClass, int] = defaultdict(int)
    for item in view.items:
        share = item.amount * item.offer.crate_share
        fill[item.offer.temperature_class] += (
            share if item.offer.unit is Unit.PIECE else share // 1000
        )
    return fees.crates_needed(fill)


def sums_with(view: BasketView, slot: SlotCard, service: tuple[CustomerFee, ...] = ()) -> Totals:
    """The sums of a basket with the fee of a delivery and the fees on top.

    Raises:
        BelowMinimum: the goods are worth too little for it.
    """
    option = slot.option
    goods = view.sums.goods
    if missing := missing_for(goods, Money(option.minimum_cents)):
        raise BelowMinimum(field="slot_id", minimum=option.minimum_cents, missing=missing.cents)
    free_from = None if option.free_from_cents is None else Money(option.free_from_cents)
    fee = delivery_fee(goods, Money(option.fee_cents), free_from)
    return totals((item.price for item in view.items), fee, service)


def homes_served(session: Session, cycle_id: int, commune: Commune) -> set[int]:
    """Home options of a cycle that go to a commune, or to the city it is a district of."""
    codes = {commune.insee, municipality_code(commune.insee)}
    return {slot.option.id for code in codes for slot in delivery.serving(session, cycle_id, code)}


def serves_home(session: Session, slot: SlotCard, insee: str) -> bool:
    """Whether a home delivery goes to that commune, or to the city it is a district of."""
    served = delivery.serves(session, slot.option.id, insee)
    city = municipality_code(insee)
    return served or (city != insee and delivery.serves(session, slot.option.id, city))


def cancel(
    session: Session, order_id: int, *, at: datetime, reason: str, by: int | None = None
) -> bool:
    """Take an order back: its goods and its place in the slot are free again.

    The payment is another matter: see ``services.payments``. False when it was canceled before.

    Raises:
        IllegalTransition: too late, the sale has closed.
    """
    order = session.execute(
        select(Order).where(Order.id == order_id).with_for_update()
    ).scalar_one()
    if order.state == "canceled":
        return False
    advance(session, ORDER, order, "cancel", at=at, by=by, reason=reason)
    lines = session.execute(
        select(OrderLine.offer_id, OrderLine.ordered).where(OrderLine.order_id == order_id)
    )
    tenders.give_back(session, order_id)
    slots.give_back(session, order.slot_id)
    allotment.give_back(session, order_id, {line.offer_id: line.ordered for line in lines})
    return True


_LOCKED = (
    select(*baskets.COLUMNS)
    .where(Basket.id == bindparam("basket_id"))
    .with_for_update(key_share=True)
)


def _lock(session: Session, visitor: Visitor, basket_id: int) -> BasketCard:
    row = session.execute(_LOCKED, {"basket_id": basket_id}).one_or_none()
    card = None if row is None else BasketCard(*tuple(row))
    if card is None or not visitor.owns(card.token, card.person_id):
        raise BasketUnknown(basket_id=basket_id)
    return card


def _placed_before(session: Session, basket_id: int) -> Placed:
    row = session.execute(
        select(Order.id, Order.token, Order.number).where(Order.basket_id == basket_id)
    ).one()
    return Placed(row.id, row.token, row.number, is_new=False)


def _slot_of(session: Session, card: BasketCard) -> SlotCard:
    if card.slot_id is None:
        raise DeliveryMissing(field="slot_id")
    slot = delivery.slot(session, card.slot_id)
    if slot.cycle_id != card.cycle_id:
        raise DeliveryMissing(field="slot_id")
    if slot.option.kind is OptionKind.HOME:
        insee = card.commune_insee
        if insee is None or not serves_home(session, slot, insee):
            raise DeliveryMissing(field="commune")
        if not card.address:
            raise ContactMissing(field="address")
    return slot


def _agreed(
    card: BasketCard, slot: SlotCard, sums: Totals, market: MarketCard
) -> dict[str, object]:
    """The order's own copy of who buys, where it goes and what it may cost."""
    return _place_of(card, slot) | {
        "number": number_for(card.id),
        "basket_id": card.id,
        "market_id": market.id,
        "person_id": card.person_id,
        "contact_name": card.contact_name,
        "sort_key": surname_first(card.contact_name or ""),
        "contact_email": card.contact_email,
        "contact_phone": card.contact_phone,
        "slot_id": slot.id,
        "option_kind": slot.option.kind,
        "slot_starts_at": slot.starts_at,
        "slot_ends_at": slot.ends_at,
        "note": card.note,
        "goods_cents": sums.goods.cents,
        "deposit_cents": sums.deposits.cents,
        "fee_cents": sums.fee.cents,
        "fee_parts": fees.to_json(sums.service),
        "estimate_cents": sums.estimate.cents,
        "ceiling_cents": sums.ceiling.cents,
        "terms_version": market.terms_version,
    }


def _place_of(card: BasketCard, slot: SlotCard) -> dict[str, object]:
    where = slot.pickup or card
    return {
        "pickup_point_id": slot.pickup.id if slot.pickup else None,
        "address": where.address,
        "postcode": where.postcode,
        "commune": where.commune,
        "commune_insee": where.commune_insee,
        "lon": where.lon,
        "lat": where.lat,
        "pin_by": None if slot.pickup else card.pin_by,
        "door_code": None if slot.pickup else card.door_code,
    }


def write_lines(
    session: Session,
    order_id: int,
    market_id: int,
    view: BasketView,
    rates: Mapping[TaxClass, int],
) -> None:
    """Copy what is in a basket into an order, each line under its seller."""
    terms = selling.terms_of(session, market_id)
    lead = [] if terms.lead_producer_id is None else [terms.lead_producer_id]
    regimes = selling.regimes(session, lead)
    sellers = {item.offer.producer_id: item.offer.producer_name for item in view.items}
    parts_of = upsert(SellerOrder)
    rows = session.execute(
        # A part that is there already comes back as it is: an order can be added to.
        parts_of.on_conflict_do_update(
            index_elements=["order_id", "producer_id"],
            set_={"producer_name": parts_of.excluded.producer_name},
        ).returning(SellerOrder.producer_id, SellerOrder.id),
        [
            {
                "order_id": order_id,
                "producer_id": producer_id,
                "producer_name": name,
                "model": terms.model,
            }
            for producer_id, name in sorted(sellers.items())
        ],
    )
    parts = {row.producer_id: row.id for row in rows}
    session.execute(
        insert(OrderLine),
        [
            {"order_id": order_id, "seller_order_id": parts[item.offer.producer_id]}
            | _copy(item, terms.regime_of(item.offer.tax_regime, regimes), rates)
            for item in view.items
        ],
        # Lines without a weight or a content go in together with those that have one.
        execution_options={"render_nulls": True},
    )


def _copy(item: BasketItem, regime: TaxRegime, rates: Mapping[TaxClass, int]) -> dict[str, object]:
    offer = item.offer
    return {
        "offer_id": offer.id,
        "product_id": offer.product_id,
        "producer_id": offer.producer_id,
        "product_name": offer.name,
        "reference": offer.reference,
        "unit": offer.unit,
        "price_cents": offer.price_cents,
        "price_unit": offer.price_unit,
        "content_amount": offer.content_amount,
        "content_unit": offer.content_unit,
        "nominal_g": offer.nominal_g,
        "min_g": offer.min_g,
        "max_g": offer.max_g,
        "margin_bp": offer.margin_bp,
        "deposit_cents": offer.deposit_cents,
        "tax_class": offer.tax_class,
        "tax_rate_bp": rate_for(offer.tax_class, regime, rates),
        "temperature_class": offer.temperature_class,
        "crate_share": offer.crate_share,
        "ordered": item.amount,
        "estimate_cents": item.price.estimate.cents,
        "ceiling_cents": item.price.ceiling.cents,
    }
