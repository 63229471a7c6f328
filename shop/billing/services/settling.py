"""Settle a cycle: write each producer's statement, once, from the ledger alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shop.billing.domain import statement
from shop.billing.domain.statement import LineEntry, OtherEntry, SaleEntry, StatementContent
from shop.billing.errors import CycleNotSettleable
from shop.billing.models import Settlement, SettlementPosting, SettlementRules
from shop.catalog.queries import cycles, markets
from shop.catalog.queries.cycles import CycleCard
from shop.infra import outbox
from shop.kernel.money import Money
from shop.orders.queries import producer_postings
from shop.orders.queries.producer_postings import DeliveredLine, ProducerPosting

SETTLE_TOPIC = "billing.settle_cycle"
MAIL_STATEMENT = "mail.settlement"
AT_ONCE = 40
"""Producers whose lines are in memory together."""
RECENT = 60
"""How many cycles of a market are looked at."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What was written."""

    statements: int
    postings: int


def rules_of(session: Session, market_id: int) -> SettlementRules:
    """The rules of a market, locked: whoever settles or pays goes one after the other."""
    session.execute(
        upsert(SettlementRules)
        .values(market_id=market_id)
        .on_conflict_do_nothing(index_elements=["market_id"])
    )
    return session.scalars(
        select(SettlementRules)
        .where(SettlementRules.market_id == market_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def ask(session: Session, cycle_id: int, *, today: date, by: int | None = None) -> None:
    """Have the worker settle a cycle.

    Raises:
        CycleNotSettleable: it sells still, or its goods are not delivered yet.
    """
    card = cycles.by_id(session, cycle_id)
    _check(card, today)
    outbox.post(session, SETTLE_TOPIC, cycle_id=cycle_id, by=by)


def settle(
    session: Session, cycle_id: int, *, at: datetime, by: int | None = None, tell: bool = True
) -> Settled:
    """Write the statements of a cycle for all who have none for it; a second time adds nothing.

    A statement takes every posting that stands on none yet: sales of this cycle and of earlier
    ones, refunds, corrections and payouts. Later refunds go to the next statement. With ``tell``
    producers get theirs by mail.

    Raises:
        CycleNotSettleable: it sells still, or its goods are not delivered yet.
    """
    card = cycles.by_id(session, cycle_id)
    zone = ZoneInfo(markets.by_id(session, card.market_id).timezone)
    _check(card, at.astimezone(zone).date())
    rules_of(session, card.market_id)
    done = set(
        session.scalars(select(Settlement.producer_id).where(Settlement.cycle_id == cycle_id))
    )
    fresh = [
        posting
        for posting in producer_postings.postings(
            session, card.market_id, without=select(SettlementPosting.posting_id)
        )
        if posting.producer_id not in done
    ]
    known = {cycle.id: cycle for cycle in cycles.recent(session, card.market_id, 10_000)}
    mine = [posting for posting in fresh if _belongs(posting, card, known)]
    by_producer: dict[int, list[ProducerPosting]] = defaultdict(list)
    for posting in mine:
        by_producer[posting.producer_id].append(posting)
    if not by_producer:
        return Settled(0, 0)
    every = sorted(by_producer)
    for start in range(0, len(every), AT_ONCE):
        part = {key: by_producer[key] for key in every[start : start + AT_ONCE]}
        composed = _compose(session, part, card, known, zone)
        written = _write(session, card, part, composed, at=at, by=by)
        if tell:
            outbox.post_all(
                session,
                MAIL_STATEMENT,
                {f"settlement:{key}": {"settlement_id": key} for key in written},
            )
    return Settled(len(by_producer), len(mine))


def due(session: Session, now: datetime) -> list[int]:
    """Cycles that the clock settles now."""
    found = []
    for market_id, days in session.execute(
        select(SettlementRules.market_id, SettlementRules.settle_after_days).where(
            SettlementRules.settle_after_days.is_not(None)
        )
    ).all():
        zone = ZoneInfo(markets.by_id(session, market_id).timezone)
        today = now.astimezone(zone).date()
        settled = set(
            session.scalars(
                select(Settlement.cycle_id).where(Settlement.market_id == market_id).distinct()
            )
        )
        found += [
            card.id
            for card in cycles.recent(session, market_id, RECENT)
            if card.state in {"closed", "archived"}
            and card.id not in settled
            and card.delivers_on + timedelta(days=days or 0) <= today
        ]
    return sorted(found)


def _check(card: CycleCard, today: date) -> None:
    if card.state not in {"closed", "archived"}:
        raise CycleNotSettleable(cycle_id=card.id, reason="open")
    if card.delivers_on > today:
        raise CycleNotSettleable(cycle_id=card.id, reason="not_delivered")


def _belongs(posting: ProducerPosting, card: CycleCard, known: dict[int, CycleCard]) -> bool:
    """Sales of later cycles wait for theirs; everything else stands on the next statement."""
    if posting.entry_kind != "sale" or posting.cycle_id is None:
        return True
    other = known.get(posting.cycle_id)
    return other is None or other.delivers_on <= card.delivers_on


def _compose(
    session: Session,
    by_producer: dict[int, list[ProducerPosting]],
    card: CycleCard,
    known: dict[int, CycleCard],
    zone: ZoneInfo,
) -> dict[int, StatementContent]:
    every = [posting for postings in by_producer.values() for posting in postings]
    lines = producer_postings.delivered_lines(
        session,
        {p.order_id for p in every if p.entry_kind == "sale" and p.order_id is not None},
        by_producer,
    )
    refunds = producer_postings.refunded_lines(
        session, {p.facts["refund_id"] for p in every if p.facts.get("refund_id")}
    )
    found = {}
    for producer_id, postings in by_producer.items():
        sales, others = [], []
        for posting in postings:
            if posting.entry_kind == "sale" and posting.order_id is not None:
                cycle = known.get(posting.cycle_id or 0)
                sales.append(
                    _sale(
                        posting,
                        lines.get((posting.order_id, producer_id), []),
                        cycle.name if cycle else "",
                        is_earlier=posting.cycle_id != card.id,
                    )
                )
            else:
                others.append(_other(posting, refunds, zone))
        found[producer_id] = StatementContent(tuple(sales), tuple(others))
    return found


def _sale(
    posting: ProducerPosting, lines: Iterable[DeliveredLine], cycle: str, *, is_earlier: bool
) -> SaleEntry:
    share = posting.facts
    return SaleEntry(
        order=posting.order_number or "",
        cycle=cycle,
        goods_cents=share["goods_cents"],
        fees_cents=share["fees_cents"],
        taxes_cents=share.get("taxes_cents", {}),
        net_cents=posting.owed.cents,
        lines=tuple(
            LineEntry(
                line.reference,
                line.product_name,
                line.price.cents,
                line.price.unit.value,
                line.ordered.unit.value,
                line.ordered.amount,
                line.delivered.amount,
                line.weighed_g,
                line.billed.cents,
                line.shortage.value if line.shortage else None,
            )
            for line in lines
        ),
        is_earlier=is_earlier,
    )


def _other(
    posting: ProducerPosting,
    refunds: dict[tuple[int, int], list[tuple[str, Money]]],
    zone: ZoneInfo,
) -> OtherEntry:
    refund = posting.facts.get("refund_id")
    given = refunds.get((refund, posting.producer_id), []) if refund else []
    return OtherEntry(
        kind=posting.entry_kind,
        order=posting.order_number or posting.facts.get("reference", ""),
        on=posting.at.astimezone(zone).date().isoformat(),
        cents=posting.owed.cents,
        reason=str(posting.facts.get("reason", "")),
        lines=tuple((name, amount.cents) for name, amount in given),
    )


def _write(
    session: Session,
    card: CycleCard,
    by_producer: dict[int, list[ProducerPosting]],
    composed: dict[int, StatementContent],
    *,
    at: datetime,
    by: int | None,
) -> list[int]:
    """Write the rows; keys of the statements."""
    year = card.delivers_on.year
    rank = (
        session.scalar(
            select(func.max(Settlement.rank)).where(
                Settlement.market_id == card.market_id, Settlement.year == year
            )
        )
        or 0
    )
    openings = closings(session, card.market_id)
    rows = []
    for producer_id in sorted(composed):
        rank += 1
        content = composed[producer_id]
        sums = content.totals(openings.get(producer_id, Money.zero()))
        kept = statement.to_json(content)
        number = f"RV{card.market_id}-{year}-{rank:05d}"
        rows.append(
            {
                "number": number,
                "market_id": card.market_id,
                "year": year,
                "rank": rank,
                "cycle_id": card.id,
                "producer_id": producer_id,
                "settled_at": at,
                "by_person_id": by,
                "opening_cents": sums.opening.cents,
                "goods_cents": sums.goods.cents,
                "fees_cents": sums.fees.cents,
                "fee_tax_cents": sums.fee_tax.cents,
                "others_cents": sums.others.cents,
                "closing_cents": sums.closing.cents,
                "content": kept,
                "digest": statement.digest_of(
                    number, kept, (sums.opening.cents, sums.closing.cents)
                ),
            }
        )
    written = session.execute(
        insert(Settlement).returning(Settlement.producer_id, Settlement.id), rows
    )
    keys = {row.producer_id: row.id for row in written}
    pairs = [(keys[p.producer_id], p.id) for part in by_producer.values() for p in part]
    session.execute(
        text(
            "INSERT INTO settlement_postings (settlement_id, posting_id)"
            " SELECT * FROM unnest(CAST(:settlements AS bigint[]), CAST(:postings AS bigint[]))"
        ),
        {"settlements": [key for key, _ in pairs], "postings": [key for _, key in pairs]},
    )
    return sorted(keys.values())


def closings(session: Session, market_id: int) -> dict[int, Money]:
    """What each producer's latest statement left."""
    latest = (
        select(func.max(Settlement.id))
        .where(Settlement.market_id == market_id)
        .group_by(Settlement.producer_id)
    )
    rows = session.execute(
        select(Settlement.producer_id, Settlement.closing_cents).where(Settlement.id.in_(latest))
    )
    return {producer: Money(cents) for producer, cents in rows}
