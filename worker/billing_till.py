"""Tills are closed by the clock when nobody did; overdue accounts are reminded."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from structlog import get_logger

from shop.billing.domain.invoice_terms import PartyKind
from shop.billing.domain.sellers import SellerRef
from shop.billing.queries import sellers
from shop.billing.queries import till as tills
from shop.billing.services import till
from shop.catalog.queries import markets
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.queries import organisations
from shop.orders.services import accounts, contracts, vouchers
from worker.handlers import handles
from worker.letters import send_letter

log = get_logger()


def close_tills() -> None:
    """Close the days, months and years that are over in every till."""
    now = clock.now()
    with reading() as session:
        cards = tills.all_tills(session)
        zones = {m.id: ZoneInfo(m.timezone) for m in markets.all_markets(session)}
    for card in cards:
        with unit_of_work() as session:
            today = now.astimezone(zones[card.market_id]).date()
            closed = till.close_past(session, card, today, at=now)
        if closed:
            log.info("till_closed", till=card.code, market=card.market_id, closings=closed)


def remind_accounts() -> None:
    """Write to organisations about what is overdue; end vouchers and contracts that are over."""
    now = clock.now()
    with unit_of_work() as session:
        for market in markets.all_markets(session):
            today = now.astimezone(ZoneInfo(market.timezone)).date()
            accounts.remind(session, today, market_id=market.id)
            vouchers.end_past(session, market.id, today, at=now)
            contracts.end_finished(session, today, now, market_id=market.id)


@handles(accounts.MAIL_REMINDER)
def send_account_reminder(organisation_id: int, day: str) -> None:
    """Tell an organisation what is overdue, order by order."""
    today = date.fromisoformat(day)
    with reading() as session:
        account = organisations.account(session, organisation_id, today)
        market = markets.by_id(session, account.card.market_id)
        ref = SellerRef(PartyKind.MARKET, market.id)
        payee = sellers.sellers(session, {ref})[ref].party
    overdue = [claim for claim in account.claims if claim.is_overdue]
    if not overdue:
        return
    send_letter(
        "orders/mail/account_reminder",
        to=account.card.email,
        language=account.card.locale,
        key=f"account-reminder.{organisation_id}.{day}",
        account=account,
        overdue=overdue,
        payee=payee,
        market=market,
    )
