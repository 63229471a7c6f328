"""What people of the demo pay with besides the card: cash, cheques, vouchers, credit, an account.

Everything goes through the same services as on the pages, so the books prove it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.billing import paper
from shop.billing.domain.journal import Period
from shop.billing.queries import till as journal
from shop.billing.services import till
from shop.billing.services.till import Taking, Who
from shop.catalog.domain.terms import SpotWay
from shop.catalog.queries import markets
from shop.demo.orders import Placed, Shop
from shop.demo.rows import Values
from shop.infra.formats import LocaleFormats
from shop.infra.outbox import OutboxMessage
from shop.kernel.money import Money
from shop.orders.domain.terms import PaymentKind, RefundReason, RefundWay
from shop.orders.models import Order, OrderLine
from shop.orders.ports import (
    CaptureMode,
    CustomerRequest,
    DisputeView,
    KeptMethodCharge,
    PaymentGateway,
)
from shop.orders.queries import tenders as paying
from shop.orders.services import (
    accounts,
    contract_text,
    contracts,
    credit,
    discounts,
    disputes,
    refunds,
    settlement,
    vouchers,
)
from shop.orders.services.accounts import Terms
from shop.orders.services.contracts import Agreed
from shop.orders.services.vouchers import Wanted

ON_SPOT_EVERY, ON_SPOT_AT = 29, 7
"""One order of so many is paid where it is handed over."""

DEBIT_EVERY, DEBIT_AT = 31, 4
"""One past order of so many was paid by bank debit."""

CANTEEN = Terms(
    "École des Tilleuls – cantine", "73282932000074", "cantine@exemple.fr", "04 94 00 00 00",
    "9 place Caramy", "83170", "Brignoles", 0, 150_000,
)  # fmt: skip

TEST_CARD = "pm_card_visa"


def choose(placed: Placed, place: int, phase: str) -> None:
    """Let a few orders of a sale be paid otherwise than by card."""
    if phase == "open":
        return
    if place % ON_SPOT_EVERY == ON_SPOT_AT:
        placed.order["spot_cents"] = placed.order["ceiling_cents"]
    elif phase == "past" and place % DEBIT_EVERY == DEBIT_AT:
        placed.payment["kind"] = PaymentKind.DEBIT_KEPT


def show(
    session: Session,
    shop: Shop,
    latest: Sequence[Placed],
    *,
    today: date,
    now: datetime,
    gateway: PaymentGateway | None,
) -> None:
    """Fill every page about money with something to look at; nothing is left for the worker.

    ``latest``: the orders of the last sale that was delivered before today.
    """
    market_id = shop.ground.market["id"]
    zone = ZoneInfo(markets.by_id(session, market_id).timezone)
    desk = shop.people.accounts["desk"]
    _take_by_hand(session, shop, market_id, zone, desk, today=today)
    by_card = [
        each
        for each in latest
        if each.payment["state"] == "captured"
        and each.payment["kind"] is not PaymentKind.DEBIT_KEPT
    ]
    _give_back(session, by_card, desk["id"], now)
    _contest(session, by_card, now)
    consumer = shop.people.consumer
    if consumer is not None:
        credit.give(
            session, market_id, consumer.person["id"], Money(800), key="demo", by=desk["id"],
            reason="retard de livraison",
        )  # fmt: skip
    _vouchers(session, market_id, desk["id"], today=today, now=now, gateway=gateway)
    _contracts(session, shop, market_id, zone, today=today, now=now)
    session.execute(
        update(OutboxMessage).where(OutboxMessage.done_at.is_(None)).values(done_at=now)
    )


def _take_by_hand(
    session: Session,
    shop: Shop,
    market_id: int,
    zone: ZoneInfo,
    desk: Values,
    *,
    today: date,
) -> None:
    """Orders of past sales are paid at the desk; one is a canteen's, one entry was a mistake."""
    waiting = session.execute(
        select(Order.id, Order.slot_ends_at)
        .where(Order.market_id == market_id, Order.state == "fulfilled", Order.spot_cents > 0)
        .where(Order.slot_ends_at < datetime(today.year, today.month, today.day, tzinfo=zone))
        .order_by(Order.slot_ends_at, Order.id)
    ).all()
    card = till.open_till(session, market_id, "desk", "Bureau")
    canteen = accounts.register(session, market_id, CANTEEN)
    if shop.people.consumer is not None:
        accounts.join(session, canteen, shop.people.consumer.person["id"])
    ways = (SpotWay.CASH, SpotWay.CHEQUE, SpotWay.CASH)
    days: dict[date, datetime] = {}
    for place, row in enumerate(waiting):
        at = row.slot_ends_at
        if place == 1:
            session.execute(
                update(Order)
                .where(Order.id == row.id)
                .values(organisation_id=canteen, spot_cents=0)
            )
            settlement.prepare(session, row.id, at=at)
            continue
        day = at.astimezone(zone).date()
        who = Who(desk["id"], desk["name"], at, day)
        due = paying.standing(session, row.id).takable
        way = ways[place % len(ways)]
        taking = Taking(f"demo-{row.id}", row.id, way, due, "0001234", "Crédit Agricole", "Paniers")
        if place == 2:
            wrong = Taking(f"demo-wrong-{row.id}", row.id, SpotWay.CASH, due)
            till.take(session, card, wrong, who, any_way=True)
            sequence = journal.latest(session, card)
            till.counter(
                session, card, sequence, "c’était un chèque", who, key=f"demo-back-{row.id}"
            )
        till.take(session, card, taking, who, any_way=True)
        settlement.prepare(session, row.id, at=at)
        days[day] = at
    for day, at in sorted(days.items()):
        counted = journal.day(session, card, day).cash
        till.close(
            session, card, Period.DAY, day, at=at + timedelta(minutes=30), by=desk["id"],
            counted=counted,
        )  # fmt: skip


def _give_back(session: Session, orders: Sequence[Placed], desk_id: int, now: datetime) -> None:
    """Something was not good enough: half of a line comes back as credit."""
    placed = orders[1]
    line = session.execute(
        select(OrderLine.id, OrderLine.billed_cents)
        .where(OrderLine.order_id == placed.order["id"], OrderLine.billed_cents > 100)
        .order_by(OrderLine.id)
        .limit(1)
    ).one()
    wish = refunds.Wish(
        RefundReason.QUALITY, RefundWay.CREDIT, {line.id: Money(line.billed_cents // 2)}
    )
    refunds.ask(session, placed.order["id"], wish, key="demo-refund", at=now, by=desk_id)


def _contest(session: Session, orders: Sequence[Placed], now: datetime) -> None:
    """A customer’s bank contested a payment, and gave way."""
    payment = orders[2].payment
    opened = now - timedelta(days=4)
    for status, at in (("needs_response", opened), ("won", now - timedelta(days=1))):
        seen = DisputeView(
            id="dp_demo_000001",
            intent_id=payment["intent_id"],
            amount=Money(payment["captured_cents"]),
            status=status,
            reason="product_not_received",
            created_at=opened,
            evidence_by=opened + timedelta(days=12),
        )
        disputes.record(session, payment["id"], seen, at)


def _vouchers(
    session: Session,
    market_id: int,
    desk_id: int,
    *,
    today: date,
    now: datetime,
    gateway: PaymentGateway | None,
) -> None:
    """A gift of the market; with a provider also one that was bought, and a fund that gives."""
    thanks = Wanted(Money(2000), "Odile Perrin", "Merci pour les confitures !")
    vouchers.grant(
        session, market_id, thanks, reason="coup de main au hangar", by=desk_id, today=today, at=now
    )
    if gateway is None:
        return
    gift = Wanted(Money(3000), "Mamie", "Bon anniversaire !", buyer_email="cliente@exemple.fr")
    fund = Wanted(Money(6000), buyer_email="cliente@exemple.fr", for_fund=True)
    for place, wanted in enumerate((gift, fund)):
        _buy(session, gateway, market_id, wanted, place, today=today, now=now)
    vouchers.grant(
        session, market_id, Wanted(Money(1500), "Par le CCAS"), reason="famille suivie par le CCAS",
        by=desk_id, today=today, at=now, solidarity=True,
    )  # fmt: skip
    terms = discounts.Terms(
        "ETUDIANT26", "étudiants de Brignoles", Money(400), None, 10, today,
        today + timedelta(days=60),
    )  # fmt: skip
    discounts.make(session, market_id, terms, by=desk_id)


def _buy(
    session: Session,
    gateway: PaymentGateway,
    market_id: int,
    wanted: Wanted,
    place: int,
    *,
    today: date,
    now: datetime,
) -> None:
    token = vouchers.order(session, market_id, wanted, today, key=f"demo-{place}")
    voucher_id, _secret, wish = vouchers.opening(session, token)
    customer_id = gateway.create_customer(
        CustomerRequest(
            key=f"{wish.key}-customer",
            email=wanted.buyer_email or "",
            name="Client",
            reference=f"voucher-{voucher_id}",
            language="fr",
        )
    )
    seen = gateway.charge_kept(
        KeptMethodCharge(
            key=wish.key,
            amount=wish.amount,
            customer_id=customer_id,
            method_id=TEST_CARD,
            metadata=wish.metadata,
            capture=CaptureMode.AUTOMATIC,
            description=wish.description,
            transfer_group=wish.transfer_group,
        )
    )
    vouchers.record_opening(session, voucher_id, seen)
    vouchers.record(session, voucher_id, seen, now)


def _contracts(
    session: Session, shop: Shop, market_id: int, zone: ZoneInfo, *, today: date, now: datetime
) -> None:
    """One member has signed and paid a first cheque; another one still has to sign."""
    farm = min(shop.producers.values(), key=lambda each: each["id"])
    dates = tuple(today + timedelta(weeks=week) for week in range(1, 13))
    for place, (name, mail) in enumerate(
        (("Anne Petit", "anne.petit@exemple.fr"), ("Luc Grand", "luc.grand@exemple.fr"))
    ):
        plain = Agreed(farm["id"], "Panier de légumes", Money(1500), name, dates, dates[:9:4], mail)
        text = contract_text.written(
            plain,
            farm=farm["name"],
            market=shop.ground.market["name"],
            clauses="",
            _=_french,
            formats=LocaleFormats("fr", zone),
        )
        whole = Agreed(
            plain.producer_id, plain.label, plain.basket, name, dates, dates[:9:4], mail, terms=text
        )
        token = contracts.offer(session, market_id, whole, key=f"demo-{place}")
        if place == 0:
            seal = contracts.seal_of(text)
            contracts.sign_on_page(session, token, name=name, terms_hash=seal, today=today, at=now)


def _french(message: str) -> str:
    return paper.translate("fr", message)
