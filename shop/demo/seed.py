"""Make the whole demonstration, on an empty database, as it would stand today."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TaxClass
from shop.catalog.models import Market, TaxRate
from shop.demo import (
    catalogue,
    crating,
    deliveries,
    holds,
    invoices,
    market,
    neighbors,
    people,
    picking,
    sales,
    settlements,
    supply,
    tenders,
)
from shop.demo.money import Books
from shop.demo.orders import Placed, Shop, cancel, order_all
from shop.demo.rows import Rows
from shop.demo.sales import Sale
from shop.demo.weeks import after_midnight, weeks
from shop.kernel.dated import Dated
from shop.kernel.errors import Conflict
from shop.orders.domain.lifecycles import ORDER
from shop.orders.models import Order, OrderLine, Payment
from shop.orders.ports import PaymentGateway

PAST_ORDERS = 112
DELIVERING_ORDERS = 132
OPEN_ORDERS = 58
UNPAID = 2
"""Orders of each closed cycle that nobody paid."""


class NotEmpty(Conflict):
    """The database holds a market: the demo is only made in an empty one."""

    code: ClassVar[str] = "not_empty"


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made."""

    rows: dict[str, int]
    orders: int
    holds: int
    """At the payment simulator."""
    rounds_delivered: int


def is_empty(session: Session) -> bool:
    """Whether there is no market yet."""
    return session.scalar(select(Market.id).limit(1)) is None


@dataclass(slots=True)
class History:
    """The demo in memory, as it stands before the trucks of today leave."""

    shop: Shop
    books: Books
    sales: dict[str, Sale]
    """The cycle that is delivered today, the open one and the coming one, by their phase."""
    placed: dict[str, list[Placed]]
    """Their orders."""


def seed(session: Session, *, today: date, now: datetime, gateway: PaymentGateway | None) -> Seeded:
    """Fill an empty database; the same days give the same demo.

    ``gateway`` is the payment simulator where card holds are made; None leaves them out, and
    nothing of what is still to be captured can be.

    Raises:
        NotEmpty: there is a market already.
    """
    if not is_empty(session):
        raise NotEmpty
    history = tell(today, now)
    rows, placed = history.shop.rows, history.placed
    held = 0
    if gateway is not None:
        held = holds.hold_all(gateway, [*placed["delivering"], *placed["open"]])
    rows.write(session)
    delivered = _deliver_half(session, history, now)
    rows.write(session)
    tenders.show(session, history.shop, placed["past"], today=today, now=now, gateway=gateway)
    invoices.bill(
        session,
        history.shop.ground.market,
        list(history.shop.producers.values()),
        placed["past"],
        today=today,
        now=now,
    )
    if gateway is not None:
        holds.capture_all(gateway, placed["delivering"])
    settlements.settle(session, history.shop, now)
    shop = history.shop
    neighbors.plan(session, shop.ground.market["id"], shop.people.accounts["desk"]["id"], now=now)
    return Seeded(rows.counts(), len(rows.of(Order)), held, delivered)


def tell(today: date, now: datetime) -> History:
    """Everything that happened up to today, without a database."""
    rows = Rows()
    calendar = weeks(today)
    ground = market.lay(rows)
    goods = catalogue.fill(rows, ground)
    opened = calendar[0].opens_at - timedelta(days=40)
    everybody = people.settle(rows, ground, goods.producers, opened)
    desk_id = everybody.accounts["desk"]["id"]
    shop = Shop(
        rows,
        ground,
        everybody,
        {producer["id"]: producer for producer in goods.producers.values()},
        _rates(rows),
    )
    history = History(shop, Books(shop), {}, {})
    for sale in sales.open_sales(rows, ground, goods, calendar, desk_id):
        history.sales[sale.week.phase] = sale
        history.placed[sale.week.phase] = _sell(shop, history.books, sale, now)
    return history


def _rates(rows: Rows) -> dict[TaxClass, list[Dated[int]]]:
    found: dict[TaxClass, list[Dated[int]]] = defaultdict(list)
    for row in rows.of(TaxRate):
        if row["territory"] == "FR":
            found[row["tax_class"]].append(
                Dated(row["rate_bp"], row["valid_from"], row["valid_to"])
            )
    return found


def _sell(shop: Shop, books: Books, sale: Sale, now: datetime) -> list[Placed]:
    """The orders of a cycle, as far as they got before the day of delivery."""
    week = sale.week
    if week.phase == "coming":
        return []
    counts = {"past": PAST_ORDERS, "delivering": DELIVERING_ORDERS, "open": OPEN_ORDERS}
    placed = order_all(shop, sale, counts[week.phase], min(now, week.closes_at))
    if week.phase != "open":
        unpaid = set(Random(f"unpaid {week.delivers_on}").sample(range(len(placed)), UNPAID))
    else:
        unpaid = set()
    kept = []
    for place, each in enumerate(placed):
        tenders.choose(each, place, week.phase)
        if place in unpaid:
            at = each.order["pay_by"] + timedelta(minutes=1)
            books.give_up(each, at)
            cancel(shop, sale, each, at)
        else:
            books.secure(each)
            kept.append(each)
    if week.phase == "open":
        sales.make_scarce(sale)
        return kept
    for each in kept:
        shop.rows.live(ORDER, each.order, [("confirm", week.closes_at)])
    supply.ask(shop, sale, kept)
    if week.phase == "past":
        _finish_past(shop, books, sale, kept)
    return kept


def _finish_past(shop: Shop, books: Books, sale: Sale, kept: list[Placed]) -> None:
    preparer_id = shop.people.accounts["preparer"]["id"]
    picked_at = after_midnight(sale.week.collects_on, 15 * 3600)
    for place, each in enumerate(kept):
        picking.pick(shop, each, picked_at + timedelta(seconds=70 * place), preparer_id)
        picking.deliver(each)
        at = each.order["slot_starts_at"] + timedelta(minutes=7 + place % 40)
        books.settle(each, at)
        crating.hand_over(shop, each, picked_at, at)
    week = sale.week
    books.pay_out(kept, f"{week.delivers_on}", after_midnight(week.delivers_on, 40 * 3600))


def _deliver_half(session: Session, history: History, now: datetime) -> int:
    shop, books, sale = history.shop, history.books, history.sales["delivering"]
    kept = history.placed["delivering"]
    desk_id = shop.people.accounts["desk"]["id"]
    preparer_id = shop.people.accounts["preparer"]["id"]
    deliveries.plan_rounds(session, shop, sale, desk_id)
    done = deliveries.drive(session, shop, shop.ground, sale, now)
    deliveries.fetch(session, shop, shop.ground, done, now)
    chance = Random(f"prepared {sale.week.delivers_on}")
    waiting = sorted(done.waiting)
    ready = set(waiting) - set(chance.sample(waiting, k=min(len(waiting), len(waiting) // 3 + 4)))
    picked_from = after_midnight(sale.week.collects_on, 15 * 3600)
    deliveries.receive(session, ready, min(now, picked_from + timedelta(hours=3)), preparer_id)
    changed = []
    for place, each in enumerate(kept):
        order_id = each.order["id"]
        if order_id not in done.delivered and order_id not in done.aboard | ready:
            continue
        picking.pick(shop, each, picked_from + timedelta(seconds=70 * place), preparer_id)
        changed.append(each)
        if order_id in done.delivered:
            picking.deliver(each)
            books.settle(each, done.delivered[order_id])
    rows = shop.rows
    rows.rewrite(session, Order, [each.order for each in changed], "state", "final_cents")
    rows.rewrite(
        session,
        OrderLine,
        [line.row for each in changed for line in each.lines],
        "picked",
        "picked_g",
        "delivered",
        "billed_cents",
        "shortage",
    )
    payments = [each.payment for each in changed]
    rows.rewrite(session, Payment, payments, "state", "captured_cents", "authorized_cents")
    return len(done.delivered)
