"""Vouchers on their way: looked at when nothing was heard, given up when nobody pays, sent."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _

from shop.catalog.queries import markets
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.printing import Printer
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.ports import Attachment, IntentStatus, PaymentGateway, WrongStateAtGateway
from shop.orders.services import voucher_paper, vouchers
from shop.orders.services.vouchers import VoucherCard
from worker.handlers import handles
from worker.letters import address_of, send_letter
from worker.orders import one_by_one, refresh_voucher

PATIENCE = timedelta(hours=24)
"""Who has not paid a voucher by then does not want it."""


def give_up_unpaid_vouchers() -> None:
    """End vouchers that nobody paid within a day, unless the provider shows that somebody did."""
    with reading() as session:
        late = dict(vouchers.stale(session, clock.now() - PATIENCE))

    def close(voucher_id: int) -> None:
        _close(voucher_id, late[voucher_id])

    one_by_one(close, list(late))


def _close(voucher_id: int, intent_id: str | None) -> None:
    if intent_id is not None:
        gateway = port(PaymentGateway)
        seen = gateway.payment(intent_id)
        if seen.status in (IntentStatus.SUCCEEDED, IntentStatus.PROCESSING):
            refresh_voucher(voucher_id, intent_id)
            return
        if seen.status is not IntentStatus.CANCELED:
            try:
                gateway.cancel(intent_id, f"voucher-{voucher_id}-cancel", "abandoned")
            except WrongStateAtGateway:
                # Paid at this very moment: the next run sees it.
                return
    with unit_of_work() as session:
        vouchers.give_up(session, voucher_id, clock.now())


@handles(vouchers.MAIL_VOUCHER)
def send_voucher(voucher_id: int) -> None:
    """Send a voucher to whoever bought it, with the paper to give; or thanks for the fund."""
    with reading() as session:
        voucher = vouchers.card_by_id(session, voucher_id)
        market = markets.by_id(session, voucher.market_id)
    if not voucher.buyer_email:
        return
    send_letter(
        "orders/mail/voucher",
        to=voucher.buyer_email,
        language=voucher.locale,
        key=f"voucher.{voucher.id}",
        attachments=() if voucher.is_for_fund else (_paper(voucher, market.slug),),
        voucher=voucher,
        market=market,
        voucher_url=address_of("orders.voucher", market=market.slug, token=voucher.token),
    )


def _paper(voucher: VoucherCard, slug: str) -> Attachment:
    with reading() as session, force_locale(voucher.locale):
        data = voucher_paper.to_print(session, voucher, address_of("market.home", market=slug), _)
    pdf = port(Printer).print(voucher_paper.DOCUMENT, data)
    return Attachment(f"voucher-{voucher.code}.pdf", "application/pdf", pdf)
