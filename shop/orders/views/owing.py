"""Pay a delivered order after all, when the first card failed or the bank wants to see one."""

from __future__ import annotations

import uuid

from flask import current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from structlog import get_logger

from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayError
from shop.orders.errors import OrderNotPayable, OrderUnknown
from shop.orders.ports import PaymentGateway
from shop.orders.queries import order_page
from shop.orders.queries.order_page import OrderPage
from shop.orders.services import owing, payments
from shop.orders.views import words
from shop.orders.views.paying import refresh
from shop.orders.views.visiting import bp, enter, see_other, token_of

log = get_logger()


@bp.get("/<market>/orders/<token>/owed")
def owed(market: str, token: str) -> ResponseReturnValue:
    """What is still to be paid, and the way to the card page; after paying one lands here too."""
    page = _order(market, token)
    if request.args.get("payment_intent") and page.payment is not None:
        # What the address says is not believed: it only makes us look.
        try:
            refresh(page.payment.id)
        except GatewayError as error:
            log.warning("payment_not_seen", payment=page.payment.id, error=str(error))
        page = _order(market, token)
    if not page.is_owed:
        return see_other("orders.order", token=token)
    refusal = words.of_payment(page.payment.last_error if page.payment else None)
    return _private(render_template("orders/owed.html", order=page, refusal=refusal))


@bp.post("/<market>/orders/<token>/owed")
def pay_owed(market: str, token: str) -> ResponseReturnValue:
    """Go to the card page, or show the card form."""
    page = _order(market, token)
    here = url_for("orders.owed", market=market, token=token)
    back = f"{current_app.config['BASE_URL']}{here}"
    gateway = port(PaymentGateway)
    try:
        secret = _open(page.id)
    except OrderNotPayable:
        return see_other("orders.order", token=token)
    except GatewayError as error:
        log.warning("payment_not_opened", order=page.number, error=str(error))
        trouble = _("The payment service does not answer at this moment. Nothing was charged.")
        return _private(render_template("orders/owed.html", order=page, trouble=trouble), 502)
    hosted = gateway.hosted_page_url(secret, back)
    if hosted is not None:
        return redirect(hosted, code=303)
    return _private(
        render_template(
            "orders/owed.html",
            order=page,
            secret=secret,
            public_key=gateway.public_key,
            return_url=back,
        )
    )


def _open(order_id: int) -> str:
    """Open the payment at the provider, once; what the card page needs to know it by."""
    with unit_of_work() as session:
        opening = owing.prepare(session, order_id)
    if opening.client_secret is not None:
        return opening.client_secret
    seen = port(PaymentGateway).open_payment(opening.payment)
    with unit_of_work() as session:
        payments.record_opening(session, opening.payment_id, seen, None, clock.now())
    return seen.client_secret


def _order(market: str, token: str) -> OrderPage:
    key: uuid.UUID | None = token_of(token)
    with reading() as session:
        enter(session, market)
        if key is None:
            raise OrderUnknown
        return order_page.by_token(session, g.market.id, key)


def _private(html: str, status: int = 200) -> ResponseReturnValue:
    """A page that no cache on the way may keep, and no other site may learn the address of."""
    return html, status, {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
