"""Letters to customers: the order is confirmed, the order is canceled."""

from __future__ import annotations

from shop.catalog.queries import markets
from shop.infra.unit_of_work import reading
from shop.orders.queries import order_page
from shop.orders.services.payments import MAIL_CANCELED, MAIL_CONFIRMATION
from worker.handlers import handles
from worker.letters import address_of, send_letter


@handles(MAIL_CONFIRMATION)
def send_order_confirmation(order_id: int) -> None:
    """Tell the customer what was agreed, with the terms it was agreed on."""
    _send("order_confirmation", order_id)


@handles(MAIL_CANCELED)
def send_order_canceled(order_id: int) -> None:
    """Tell the customer that the order was given up."""
    _send("order_canceled", order_id)


def _send(message: str, order_id: int) -> None:
    with reading() as session:
        order = order_page.by_id(session, order_id)
        market = markets.by_id(session, order.market_id)
    send_letter(
        f"orders/mail/{message}",
        to=order.contact_email,
        language=order.locale,
        key=f"{message.replace('_', '-')}.{order.number}",
        order=order,
        market=market,
        order_url=address_of("orders.order", market=market.slug, token=order.token),
        shelf_url=address_of("market.shelf", market=market.slug),
        terms_url=address_of("market.text", market=market.slug, name="terms"),
    )
