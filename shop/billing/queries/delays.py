"""Which producers have to be paid by when, market by market."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.billing.domain.delays import Delay, Due, Sold, in_force, strictest, unpaid
from shop.billing.models import MarketDelay, PaymentDelay, SettlementRules
from shop.catalog.queries import goods_kinds, markets
from shop.kernel.money import Money
from shop.orders.queries import producer_postings


@dataclass(frozen=True, slots=True)
class DelayCard:
    """A dated rule of the law as the desk sees it."""

    rule: Delay
    source: str
    valid_from: date
    valid_to: date | None
    own_id: int | None = None
    """Key of a rule that the market made itself; None: the law's."""


def own_rules(session: Session, market_id: int) -> list[DelayCard]:
    """Rules that a market keeps to instead of the law's, by kind, the latest first."""
    rows = session.scalars(
        select(MarketDelay)
        .where(MarketDelay.market_id == market_id)
        .order_by(MarketDelay.kind, MarketDelay.valid_from.desc())
    )
    return [
        DelayCard(
            Delay(row.kind, row.days, row.basis, ()),
            row.source,
            row.valid_from,
            row.valid_to,
            row.id,
        )
        for row in rows
    ]


def all_rules(session: Session) -> list[DelayCard]:
    """Every rule, by kind, the latest first."""
    rows = session.scalars(
        select(PaymentDelay).order_by(PaymentDelay.kind, PaymentDelay.valid_from.desc())
    )
    return [
        DelayCard(
            Delay(row.kind, row.days, row.basis, tuple(row.categories)),
            row.source,
            row.valid_from,
            row.valid_to,
        )
        for row in rows
    ]


def rules_on(cards: list[DelayCard], day: date) -> list[Delay]:
    """Rules in force on the day of a delivery."""
    return [
        card.rule
        for card in cards
        if card.valid_from <= day and (card.valid_to is None or day < card.valid_to)
    ]


def watch(session: Session, market_id: int, now: datetime) -> list[Due]:
    """All that producers of a market are owed, by the day on which the law wants it paid."""
    market = markets.by_id(session, market_id)
    today = now.astimezone(ZoneInfo(market.timezone)).date()
    groups = producer_postings.sold_groups(session, market_id, market.timezone)
    balances = producer_postings.balances(session, market_id)
    kinds = goods_kinds.of_products(
        session, {product for group in groups for product in group.product_ids}
    )
    law, own = all_rules(session), own_rules(session, market_id)
    sold: dict[int, list[Sold]] = defaultdict(list)
    for group in groups:
        goods = {kinds[product] for product in group.product_ids if product in kinds}
        day = group.delivered_on
        found = strictest(goods, day, in_force(rules_on(law, day), rules_on(own, day)))
        if found is not None:
            sold[group.producer_id].append(Sold(group.delivered_on, *found, group.owed))
    waiting = [
        due
        for producer_id, parts in sold.items()
        for due in unpaid(producer_id, parts, balances.get(producer_id, Money.zero()), today)
    ]
    return sorted(waiting, key=lambda due: (due.due_on, due.producer_id))


def near(session: Session, market_id: int, now: datetime) -> list[Due]:
    """What has to be paid within the market's days of warning, or is late."""
    days = session.scalar(
        select(SettlementRules.warn_days).where(SettlementRules.market_id == market_id)
    )
    market = markets.by_id(session, market_id)
    last = now.astimezone(ZoneInfo(market.timezone)).date() + timedelta(
        days=5 if days is None else days
    )
    return [due for due in watch(session, market_id, now) if due.due_on <= last]
