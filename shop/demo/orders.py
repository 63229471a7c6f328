"""Who ordered what in a cycle of the demo: baskets, orders, lines, and the goods they took."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from shop.catalog.domain.selling import SalesModel
from shop.catalog.domain.terms import (
    MovementKind,
    OptionKind,
    TaxClass,
    TaxRegime,
    TemperatureClass,
)
from shop.catalog.models import AllotmentMovement
from shop.demo.market import Ground
from shop.demo.people import Customer, People
from shop.demo.rows import Rows, Values
from shop.demo.sales import Offered, Sale
from shop.kernel.dated import Dated, value_on
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice
from shop.orders.domain import fees
from shop.orders.domain.fees import CustomerFee, Zone
from shop.orders.domain.lifecycles import BASKET, ORDER
from shop.orders.domain.order import number_for, pay_by, surname_first
from shop.orders.domain.payment import HOLD_WITHIN, kind_for
from shop.orders.domain.pricing import LinePrice, LineTerms, delivery_fee, price_line, totals
from shop.orders.domain.tax import rate_for
from shop.orders.domain.terms import Bearer
from shop.orders.models import Basket, BasketLine, Order, OrderLine, Payment, SellerOrder

LEAST_GOODS = Money(1900)
"""Baskets of the demo are a little above the least that is delivered."""

MODES = (OptionKind.RELAY,) * 11 + (OptionKind.HOME,) * 6 + (OptionKind.DRIVE,) * 3
"""How people of the demo like to get their goods."""


@dataclass(slots=True)
class Line:
    """An order line, with its offer and its terms."""

    row: Values
    offered: Offered
    terms: LineTerms


@dataclass(slots=True)
class Placed:
    """An order with its lines and its payment."""

    order: Values
    payment: Values
    basket: Values
    lines: list[Line]
    customer: Customer


@dataclass(slots=True)
class Shop:
    """What every order of the demo needs to know."""

    rows: Rows
    ground: Ground
    people: People
    producers: dict[int, Values]
    """By key."""
    rates: dict[TaxClass, list[Dated[int]]]
    terms: dict[int, LineTerms] = field(default_factory=dict)
    """By product."""


def order_all(shop: Shop, sale: Sale, count: int, until: datetime) -> list[Placed]:
    """``count`` orders of as many people, the earliest first; none after ``until``."""
    chance = Random(f"orders {sale.week.delivers_on}")
    customers = chance.sample(shop.people.customers, k=count)
    if sale.week.phase != "past":
        neighbors = [each for each in shop.people.customers if _is_neighbor(shop, each)]
        rest = [each for each in customers if not _is_neighbor(shop, each)]
        customers = [*neighbors, *rest][:count]
        chance.shuffle(customers)
    if shop.people.consumer is not None:
        customers[count // 3] = shop.people.consumer
    first = sale.week.opens_at
    if sale.week.phase != "past":
        # Late enough for a card hold to last until the delivery.
        latest_end = max(slot["ends_at"] for slot in _all_slots(sale))
        first = max(first, latest_end - HOLD_WITHIN)
    span_s = int((until - first).total_seconds()) - 600
    moments = sorted(chance.randint(600, max(601, span_s)) for _ in range(count))
    found = []
    for customer, moment in zip(customers, moments, strict=True):
        placed = _order(shop, sale, customer, first + timedelta(seconds=moment), chance)
        if placed is not None:
            found.append(placed)
    return found


def _is_neighbor(shop: Shop, customer: Customer) -> bool:
    """Whether somebody fetches at the relay point of the demo's host, who is to have visitors."""
    return bool(customer.entry["relay_point_id"] == shop.people.host_point_id)


def _all_slots(sale: Sale) -> list[Values]:
    drives = [slot for slots in sale.drive_slots.values() for slot in slots]
    return [*sale.relay_slots.values(), *drives, *sale.home_slots]


def _order(
    shop: Shop, sale: Sale, customer: Customer, at: datetime, chance: Random
) -> Placed | None:
    slot, kind = _slot(shop, sale, customer, chance)
    if slot is None:
        return None
    chosen = _choose(shop, sale, chance)
    basket = _basket(shop, sale, customer, slot, at, chance)
    option = shop.ground.options[kind]
    prices = {each.offer["id"]: price_line(_terms(shop, each), n) for each, n in chosen}
    goods = Money.total(price.estimate for price in prices.values())
    free_from = option["free_from_cents"]
    sums = totals(
        prices.values(),
        delivery_fee(
            goods,
            Money(option["fee_cents"]),
            None if free_from is None else Money(free_from),
        ),
        _service(shop, chosen, kind, goods),
    )
    order = shop.rows.add(
        Order,
        number=number_for(basket["id"]),
        token=_token(chance),
        basket_id=basket["id"],
        market_id=shop.ground.market["id"],
        cycle_id=sale.cycle["id"],
        person_id=customer.person["id"],
        state=ORDER.initial,
        locale=customer.person["locale"],
        contact_name=customer.person["name"],
        sort_key=surname_first(customer.person["name"]),
        contact_email=customer.person["email"],
        contact_phone=customer.person["phone"],
        slot_id=slot["id"],
        option_kind=kind,
        option_name=option["texts"]["name"]["fr"],
        slot_starts_at=slot["starts_at"],
        slot_ends_at=slot["ends_at"],
        note=basket["note"],
        goods_cents=sums.goods.cents,
        deposit_cents=sums.deposits.cents,
        fee_cents=sums.fee.cents,
        fee_parts=fees.to_json(sums.service),
        estimate_cents=sums.estimate.cents,
        ceiling_cents=sums.ceiling.cents,
        final_cents=None,
        terms_version=shop.ground.market["terms_version"],
        created_at=at,
        pay_by=pay_by(at),
        placed_at=None,
        **_where(shop, basket, slot),
    )
    lines = _lines(shop, order, basket, chosen, prices, at)
    payment = shop.rows.add(
        Payment,
        order_id=order["id"],
        kind=kind_for(at, slot["ends_at"]),
        state="created",
        ceiling_cents=sums.ceiling.cents,
        authorized_cents=0,
        captured_cents=0,
        intent_id=None,
        capture_before=None,
        created_at=at,
    )
    slot["taken"] += 1
    return Placed(order, payment, basket, lines, customer)


def _service(
    shop: Shop, chosen: list[tuple[Offered, int]], kind: OptionKind, goods: Money
) -> tuple[CustomerFee, ...]:
    """What the customer pays on top; nothing of it follows the commune."""
    fill: dict[TemperatureClass, int] = defaultdict(int)
    for offered, amount in chosen:
        share = amount * offered.product["crate_share"]
        loose = offered.offer["unit"] is not Unit.PIECE
        fill[offered.product["temperature_class"]] += share // 1000 if loose else share
    borne = fees.chosen(shop.ground.fees, Zone(kind), Bearer.CUSTOMER)
    return fees.announce(borne, goods, fees.crates_needed(fill))


def _slot(
    shop: Shop, sale: Sale, customer: Customer, chance: Random
) -> tuple[Values | None, OptionKind]:
    kind = chance.choice(MODES)
    if customer is shop.people.consumer or (
        sale.week.phase != "past" and _is_neighbor(shop, customer)
    ):
        kind = OptionKind.RELAY
    at_home = customer.entry["home_point_id"] is not None
    if kind is OptionKind.HOME and at_home and customer.entry["insee"] in shop.ground.communes:
        return _free(chance, sale.home_slots), kind
    if kind is OptionKind.DRIVE:
        drive = chance.choice(shop.ground.drives)
        return _free(chance, sale.drive_slots[drive["id"]]), kind
    relay = shop.ground.relays[customer.entry["relay_point_id"]]
    return _free(chance, [sale.relay_slots[relay["id"]]]), OptionKind.RELAY


def _free(chance: Random, slots: list[Values]) -> Values | None:
    free = [slot for slot in slots if slot["taken"] < slot["capacity"]]
    return chance.choice(free) if free else None


def _choose(shop: Shop, sale: Sale, chance: Random) -> list[tuple[Offered, int]]:
    """Some offers with an amount of each, worth enough to be delivered."""
    wanted = chance.randint(3, 11)
    chosen: dict[int, tuple[Offered, int]] = {}
    goods = Money.zero()
    while len(chosen) < wanted or goods < LEAST_GOODS:
        each = chance.choices(sale.offers, cum_weights=sale.weights)[0]
        amount = _amount(each, chance)
        if each.offer["id"] in chosen or each.left < amount:
            continue
        estimate = price_line(_terms(shop, each), amount).estimate
        if estimate > Money(1900):
            continue
        chosen[each.offer["id"]] = (each, amount)
        goods += estimate
    return [chosen[key] for key in sorted(chosen)]


def _amount(each: Offered, chance: Random) -> int:
    step: int = each.entry["order_step"]
    if each.entry["order_unit"] == "gram":
        return step * chance.choice((1, 1, 2, 2, 3))
    if each.entry["nominal_g"] is not None:
        return step * chance.choice((1, 1, 1, 2))
    return step * chance.choice((1, 1, 1, 2, 2, 3))


def _terms(shop: Shop, each: Offered) -> LineTerms:
    product = each.product
    found = shop.terms.get(product["id"])
    if found is None:
        content = product["content_amount"]
        found = shop.terms[product["id"]] = LineTerms(
            price=UnitPrice(product["price_cents"], product["price_unit"]),
            unit=product["order_unit"],
            content=None if content is None else Quantity(content, product["content_unit"]),
            nominal_g=product["nominal_g"],
            margin_bp=1500,
            deposit_cents=product["deposit_cents"],
        )
    return found


def _basket(
    shop: Shop, sale: Sale, customer: Customer, slot: Values, at: datetime, chance: Random
) -> Values:
    began = at - timedelta(minutes=chance.randint(4, 26))
    to_home = slot["pickup_point_id"] is None
    entry = customer.entry
    basket = shop.rows.add(
        Basket,
        token=_token(chance),
        market_id=shop.ground.market["id"],
        cycle_id=sale.cycle["id"],
        person_id=customer.person["id"],
        state=BASKET.initial,
        created_at=began,
        expires_at=at + timedelta(minutes=30),
        slot_id=slot["id"],
        contact_name=customer.person["name"],
        contact_email=customer.person["email"],
        contact_phone=customer.person["phone"],
        address=entry["address"] if to_home else None,
        postcode=entry["postcode"] if to_home else None,
        commune=entry["commune"] if to_home else None,
        commune_insee=entry["insee"] if to_home else None,
        lon=entry["lon"] if to_home else None,
        lat=entry["lat"] if to_home else None,
        door_code=(entry.get("door_code") or None) if to_home else None,
        note=(entry.get("delivery_note_fr") or None) if to_home else None,
    )
    shop.rows.live(BASKET, basket, [("order", at)], by=customer.person["id"])
    return basket


def _where(shop: Shop, basket: Values, slot: Values) -> Values:
    place_id = slot["pickup_point_id"]
    places = [*shop.ground.relays.values(), *shop.ground.drives]
    place = next((each for each in places if each["id"] == place_id), basket)
    names = ("address", "postcode", "commune", "commune_insee", "lon", "lat")
    where = {name: place[name] for name in names}
    door_code = basket["door_code"] if place_id is None else None
    return {"pickup_point_id": place_id, "door_code": door_code, **where}


def _lines(
    shop: Shop,
    order: Values,
    basket: Values,
    chosen: list[tuple[Offered, int]],
    prices: dict[int, LinePrice],
    at: datetime,
) -> list[Line]:
    sellers: dict[int, Values] = {}
    for producer_id in sorted({each.product["producer_id"] for each, _ in chosen}):
        sellers[producer_id] = shop.rows.add(
            SellerOrder,
            order_id=order["id"],
            producer_id=producer_id,
            producer_name=shop.producers[producer_id]["name"],
            model=SalesModel.MARKETPLACE,
        )
    rates = {
        kind: rate
        for kind, dated in shop.rates.items()
        if (rate := value_on(at.date(), dated)) is not None
    }
    lines = []
    for each, amount in chosen:
        offer_id, product = each.offer["id"], each.product
        shop.rows.link(BasketLine, basket_id=basket["id"], offer_id=offer_id, amount=amount)
        row = shop.rows.add(
            OrderLine,
            order_id=order["id"],
            seller_order_id=sellers[product["producer_id"]]["id"],
            **_copy(shop, each, rates),
            ordered=amount,
            confirmed=None,
            picked=None,
            picked_g=None,
            delivered=None,
            estimate_cents=prices[offer_id].estimate.cents,
            ceiling_cents=prices[offer_id].ceiling.cents,
            billed_cents=None,
            shortage=None,
        )
        lines.append(Line(row, each, shop.terms[product["id"]]))
        _move(shop.rows, MovementKind.HOLD, offer_id, amount, "basket", basket["id"], at)
        _move(shop.rows, MovementKind.COMMIT, offer_id, amount, "order", order["id"], at)
        each.offer["committed"] += amount
    return lines


def _copy(shop: Shop, each: Offered, rates: dict[TaxClass, int]) -> Values:
    product = each.product
    names = (
        "producer_id", "reference", "price_unit", "content_amount", "content_unit", "nominal_g",
        "min_g", "max_g", "deposit_cents", "tax_class", "temperature_class", "crate_share",
    )  # fmt: skip
    regime: TaxRegime = shop.producers[product["producer_id"]]["tax_regime"]
    return {
        **{name: product[name] for name in names},
        "offer_id": each.offer["id"],
        "product_id": product["id"],
        "product_name": product["name"],
        "unit": product["order_unit"],
        "price_cents": each.offer["price_cents"],
        "margin_bp": 1500,
        "tax_rate_bp": rate_for(product["tax_class"], regime, rates),
    }


def _move(
    rows: Rows, kind: MovementKind, offer_id: int, amount: int, holder: str, key: int, at: datetime
) -> None:
    rows.link(
        AllotmentMovement,
        offer_id=offer_id,
        kind=kind,
        amount=amount,
        holder=holder,
        holder_id=key,
        at=at,
    )


def cancel(shop: Shop, sale: Sale, placed: Placed, at: datetime) -> None:
    """Let an order go that was never paid: goods and slot are free again."""
    for line in placed.lines:
        amount, offer = line.row["ordered"], line.offered.offer
        _move(shop.rows, MovementKind.RETURN, offer["id"], amount, "order", placed.order["id"], at)
        offer["committed"] -= amount
    for slot in _all_slots(sale):
        if slot["id"] == placed.order["slot_id"]:
            slot["taken"] -= 1
    shop.rows.live(ORDER, placed.order, [("cancel", at)])


def _token(chance: Random) -> uuid.UUID:
    return uuid.UUID(int=chance.getrandbits(128), version=4)
