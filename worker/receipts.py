"""Letters about money after the delivery: what was charged, what is still owed, what was freed."""

from __future__ import annotations

from typing import Any

from shop.catalog.queries import markets
from shop.infra.unit_of_work import reading
from shop.kernel.money import Money
from shop.orders.domain.fees import final_fee
from shop.orders.queries import order_file, order_page
from shop.orders.services.canceling import MAIL_CALLED_OFF
from shop.orders.services.settlement import MAIL_OWED, MAIL_RECEIPT
from shop.orders.services.undelivered import MAIL_AGAIN, MAIL_NOT_DELIVERED
from worker.handlers import handles
from worker.letters import address_of, send_letter


@handles(MAIL_RECEIPT)
def send_capture_receipt(order_id: int) -> None:
    """Tell the customer what was weighed and counted, and what the card was charged."""
    with reading() as session:
        lines = order_file.lines_of(session, order_id)
        order = order_page.by_id(session, order_id)
    final = order.final or Money.zero()
    goods = Money.total(line.billed for line in lines if line.billed is not None)
    fee = final_fee(order.fee, order.service, goods) if final else Money.zero()
    deposits = final - goods - fee
    send_about("capture_receipt", order_id, lines=lines, captured=final, deposits=deposits, fee=fee)


@handles(MAIL_OWED)
def send_payment_owed(order_id: int, again: int = 0) -> None:
    """Send the customer a link to pay a delivered order; nothing when it was paid meanwhile."""
    with reading() as session:
        order = order_page.by_id(session, order_id)
        market = markets.by_id(session, order.market_id)
        asked = order_file.bank_asks(session, order_id)
        returned = order_file.was_returned(session, order_id)
    if order.state != "fulfilled" or not order.final:
        return
    send_about(
        "payment_owed",
        order_id,
        suffix=(f".{again}" if again else "") + (".returned" if returned else ""),
        bank_asks=asked,
        returned=returned,
        owed_url=address_of("orders.owed", market=market.slug, token=order.token),
    )


@handles(MAIL_CALLED_OFF)
def send_order_called_off(order_id: int, reason: str) -> None:
    """Tell the customer that the market took the order back, and why."""
    send_about("order_called_off", order_id, reason=reason)


@handles(MAIL_NOT_DELIVERED)
def send_order_not_delivered(order_id: int) -> None:
    """Tell the customer that the order is brought no more, why, and that nothing is charged."""
    send_about("order_not_delivered", order_id)


@handles(MAIL_AGAIN)
def send_order_again(order_id: int, version: int) -> None:
    """Tell the customer when the order comes again; nothing when that has changed meanwhile."""
    with reading() as session:
        order = order_page.by_id(session, order_id)
    if order.state == "firm" and int(order.slot_starts_at.timestamp()) == version:
        send_about("order_again", order_id, suffix=f".{version}")


def send_about(message: str, order_id: int, *, suffix: str = "", **facts: Any) -> None:
    """Send the customer of an order a letter; ``suffix`` tells it from an earlier one."""
    with reading() as session:
        order = order_page.by_id(session, order_id)
        market = markets.by_id(session, order.market_id)
    send_letter(
        f"orders/mail/{message}",
        to=order.contact_email,
        language=order.locale,
        key=f"{message.replace('_', '-')}.{order.number}{suffix}",
        order=order,
        market=market,
        order_url=address_of("orders.order", market=market.slug, token=order.token),
        **facts,
    )
