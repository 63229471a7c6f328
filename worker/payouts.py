"""Settle cycles, tell producers, pay them, take back what customers got back; watch the law."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from structlog import get_logger

from shop.billing.errors import CycleNotSettleable
from shop.billing.queries import delays, settlements
from shop.billing.services import payouts, provider_movements, settlement_papers, settling
from shop.catalog.queries import markets, producers
from shop.infra import clock, outbox
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayRefused, GatewayUnavailable
from shop.orders.ports import Attachment, PaymentGateway, ReversalView, TransferView
from shop.orders.services import refunds
from shop.web.files import XLSX
from worker.handlers import handles, listens
from worker.letters import address_of, send_letter

log = get_logger()

LANGUAGE = "fr"
"""Producers and the desk are written to in the language of the country."""
MAIL_DELAYS = "mail.delays_near"


def settle_due_cycles() -> None:
    """Settle the cycles that the markets' own rules say are due."""
    with reading() as session:
        due = settling.due(session, clock.now())
    for cycle_id in due:
        settle_cycle(cycle_id)


@handles(settling.SETTLE_TOPIC, long=True)
def settle_cycle(cycle_id: int, by: int | None = None) -> None:
    """Write the statements of a cycle, once each, however often this runs."""
    try:
        with unit_of_work() as session:
            settled = settling.settle(session, cycle_id, at=clock.now(), by=by)
    except CycleNotSettleable as refusal:
        log.info("cycle_not_settled", cycle=cycle_id, reason=refusal.facts["reason"])
        return
    log.info("cycle_settled", cycle=cycle_id, statements=settled.statements)


@handles(settling.MAIL_STATEMENT)
def send_statement(settlement_id: int) -> None:
    """Send a producer their statement as paper and spreadsheet."""
    with reading() as session, force_locale(LANGUAGE):
        page = settlements.by_id(session, settlement_id)
        producer = producers.by_id(session, page.card.producer_id)
        market = markets.by_id(session, page.card.market_id)
        papers = settlement_papers.papers(session, page, LANGUAGE, _)
    send_letter(
        "billing/mail/settlement",
        to=producer.email,
        language=LANGUAGE,
        key=f"settlement.{page.card.number}",
        attachments=(
            Attachment(f"{page.card.number}.pdf", "application/pdf", papers.pdf()),
            Attachment(f"{page.card.number}.xlsx", XLSX, papers.xlsx()),
        ),
        producer=producer,
        market=market,
        card=page.card,
        url=address_of("producer_billing.settlements", producer_id=producer.id),
    )


@handles(payouts.SEND_TOPIC)
def send_payout(payout_id: int) -> None:
    """Transfer what was decided, once, wherever the worker is cut."""
    with unit_of_work() as session:
        call = payouts.transfer_call(session, payout_id, at=clock.now())
    if call is None:
        return
    try:
        done = _sent_before(call) or port(PaymentGateway).transfer(call.request)
    except GatewayRefused as refusal:
        with unit_of_work() as session:
            payouts.refuse(session, payout_id, at=clock.now(), why=_why(refusal))
        return
    with unit_of_work() as session:
        payouts.pay(session, payout_id, at=clock.now(), provider_ref=done.id)


@handles(payouts.REVERSE_TOPIC)
def reverse_payout(reversal_id: int) -> None:
    """Take a part of a transfer back, once."""
    with unit_of_work() as session:
        call = payouts.reversal_call(session, reversal_id, at=clock.now())
    if call is None:
        return
    try:
        done = _reversed_before(call) or port(PaymentGateway).reverse_transfer(call.request)
    except GatewayRefused as refusal:
        with unit_of_work() as session:
            payouts.not_reversed(session, reversal_id, at=clock.now(), why=_why(refusal))
        return
    with unit_of_work() as session:
        payouts.note_reversed(session, reversal_id, at=clock.now(), provider_ref=done.id)


def read_provider() -> None:
    """Keep what moved at the provider since the last look, and enter its fees."""
    now = clock.now()
    with reading() as session:
        since = provider_movements.last_at(session, now)
    try:
        entries = port(PaymentGateway).balance_entries(since, now + timedelta(seconds=1))
    except GatewayUnavailable as error:
        log.warning("provider_away", error=str(error))
        return
    with unit_of_work() as session:
        fresh = provider_movements.note(session, entries)
    if fresh:
        log.info("provider_movements", fresh=fresh)


@listens(refunds.REFUNDED)
def take_back_refunded(order_id: int, refund_id: int) -> None:
    """A customer got money back: transfers to those who owe us since are reversed."""
    with unit_of_work() as session:
        market_id = settlements.market_of_order(session, order_id)
        count = payouts.take_back(session, market_id, at=clock.now())
    if count:
        log.info("transfers_to_take_back", order=order_id, refund=refund_id, reversals=count)


def warn_of_delays() -> None:
    """Warn each desk of statutory dates that are near or past, once for each."""
    now = clock.now()
    with reading() as session:
        places = markets.all_markets(session)
    for market in places:
        with unit_of_work() as session:
            for due in delays.near(session, market.id, now):
                outbox.post(
                    session,
                    MAIL_DELAYS,
                    key=f"delay:{market.id}:{due.producer_id}:{due.due_on}:{due.is_late}",
                    market_id=market.id,
                    producer_id=due.producer_id,
                    cents=due.owed.cents,
                    due_on=due.due_on.isoformat(),
                    late=due.is_late,
                )


@handles(MAIL_DELAYS)
def send_delay_warning(
    market_id: int, producer_id: int, cents: int, due_on: str, late: bool
) -> None:
    """Tell the desk that a producer has to be paid by a date of the law."""
    with reading() as session:
        market = markets.by_id(session, market_id)
        producer = producers.by_id(session, producer_id)
    send_letter(
        "billing/mail/delay_near",
        to=market.email,
        language=LANGUAGE,
        key=f"delay.{market_id}.{producer_id}.{due_on}.{'late' if late else 'near'}",
        market=market,
        producer=producer,
        cents=cents,
        due_on=due_on,
        late=late,
        url=address_of("desk_billing.delays_page", market=market.slug),
    )


def _sent_before(call: payouts.TransferCall) -> TransferView | None:
    """The transfer that an earlier try has made; the provider forgets keys after a day."""
    if not call.resumed:
        return None
    made = port(PaymentGateway).transfers_of(call.request.transfer_group)
    wanted = call.request.metadata["payout"]
    return next((seen for seen in made if seen.metadata.get("payout") == wanted), None)


def _reversed_before(call: payouts.ReversalCall) -> ReversalView | None:
    """The same for a part that was taken back, found by our mark on it."""
    if not call.resumed:
        return None
    made = port(PaymentGateway).reversals(call.request.transfer_id)
    wanted = call.request.metadata["reversal"]
    return next((seen for seen in made if seen.metadata.get("reversal") == wanted), None)


def _why(refusal: GatewayRefused) -> str:
    return str(refusal.facts.get("message") or refusal.code)[:200]
