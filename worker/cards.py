"""Cards that are not needed any more are thrown away at the provider."""

from __future__ import annotations

from contextlib import suppress

from shop.infra.ports import port
from shop.infra.unit_of_work import reading
from shop.kernel.errors import GatewayRefused
from shop.orders.ports import PaymentGateway
from shop.orders.queries import order_file
from shop.orders.services import saved_cards
from shop.orders.services.settlement import SETTLED
from worker.handlers import handles, listens


@handles(saved_cards.FORGET)
def forget_card(method_ref: str) -> None:
    """Throw a card away, unless an unpaid order counts on it: then when that is paid."""
    with reading() as session:
        if saved_cards.is_needed(session, method_ref):
            return
    # Not attached any more is as good as thrown away.
    with suppress(GatewayRefused):
        port(PaymentGateway).forget_method(method_ref, f"forget-{method_ref}")


@listens(SETTLED)
def forget_card_of_order(order_id: int, nth: int = 1) -> None:
    """What was kept for one order only is not kept once it is paid."""
    with reading() as session:
        refs = order_file.methods_of(session, order_id)
    for method_ref in refs:
        forget_card(method_ref)
