"""Pay an order, come back from the card page, and read what was ordered."""

from __future__ import annotations

from flask import current_app, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from structlog import get_logger

from shop.accounts.access import current_identity, signed_in, signed_in_identity
from shop.catalog.queries import markets
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayError
from shop.orders.domain.terms import PaymentKind
from shop.orders.errors import OrderNotPayable, OrderUnknown
from shop.orders.ports import PaymentGateway, PaymentIntentView, SetupIntentView
from shop.orders.ports.delivering import ArrivalTeller
from shop.orders.queries import amendments, my_orders, order_page, saved_cards
from shop.orders.queries.order_page import OrderPage, OrderState
from shop.orders.services import debits, payments
from shop.orders.views import words
from shop.orders.views.visiting import bp, enter, forget_unpaid, see_other, token_of

log = get_logger()


@bp.get("/<market>/orders/<token>")
def order(market: str, token: str) -> ResponseReturnValue:
    """What was ordered, where it will be, and what it costs as far as is known."""
    page = _order(market, token)
    if page.state != "awaiting_payment":
        forget_unpaid(page.token)
    with reading() as session:
        can_change = amendments.is_open(session, page.id, g.now)
        waiting = amendments.waiting(session, page.id)
        coming = port(ArrivalTeller).on_the_way(session, page.id, g.now)
    return _private(
        render_template(
            "orders/order.html",
            order=page,
            can_change=can_change,
            waiting=waiting,
            coming=coming,
        )
    )


@bp.get("/<market>/orders/<token>/pay")
def pay(market: str, token: str) -> ResponseReturnValue:
    """The way to the card page, or the card form itself; clear words after a refusal."""
    page = _order(market, token)
    if page.state != "awaiting_payment":
        return see_other("orders.order", token=token)
    secret, trouble, status = "", "", 200
    try:
        secret = open_payment(page.id)
    except OrderNotPayable:
        return see_other("orders.order", token=token)
    except GatewayError as error:
        log.warning("payment_not_opened", order=page.number, error=str(error))
        trouble = _("The payment service does not answer at this moment. Nothing was charged.")
        status = 502
    gateway = port(PaymentGateway)
    back = return_url_of(token)
    who = current_identity()
    owner = who.person_id if who is not None and who.person_id == page.person_id else None
    with reading() as session:
        kept = saved_cards.of_person(session, owner)
        keeps = owner is not None and saved_cards.is_agreed(session, page.id)
    html = render_template(
        "orders/pay.html",
        order=page,
        kept=kept,
        may_keep=owner is not None,
        keeps_later=keeps,
        secret=secret,
        trouble=trouble,
        hosted=gateway.hosted_page_url(secret, back) if secret else None,
        public_key=gateway.public_key,
        return_url=back,
        keeps_card=page.payment is not None and page.payment.kind is not PaymentKind.CARD_HOLD,
        by_debit=page.payment is not None and page.payment.kind is PaymentKind.DEBIT_KEPT,
        refusal=words.of_payment(page.payment.last_error if page.payment else None),
    )
    return _private(html, status)


@bp.post("/<market>/orders/<token>/give-up")
def give_up(market: str, token: str) -> ResponseReturnValue:
    """The customer will not pay: the goods go back on the shelf in a moment."""
    page = _order(market, token)
    try:
        with unit_of_work() as session:
            payments.ask_to_give_up(session, page.id, clock.now())
    except OrderNotPayable:
        return see_other("orders.order", token=token)
    forget_unpaid(page.token)
    flash(_("Order %(number)s is given up. Nothing is charged.", number=page.number), "success")
    return see_other("orders.basket")


@bp.post("/<market>/orders/<token>/pay/by")
def choose_way(market: str, token: str) -> ResponseReturnValue:
    """Pay by bank debit instead of by card, or by card after all."""
    page = _order(market, token)
    try:
        with unit_of_work() as session:
            debits.choose(
                session, page.id, by_debit=request.form.get("way") == "debit", now=clock.now()
            )
    except OrderNotPayable:
        return see_other("orders.order", token=token)
    return see_other("orders.pay", token=token)


@bp.get("/<market>/orders/<token>/return")
def payment_return(market: str, token: str) -> ResponseReturnValue:
    """Back from the card page: look at the provider, then go on; wait where it is undecided.

    What the address says of the payment is not believed.
    """
    state = _state(market, token)
    if state.state == "awaiting_payment" and state.payment_id is not None:
        try:
            refresh(state.payment_id)
        except GatewayError as error:
            log.warning("payment_not_seen", payment=state.payment_id, error=str(error))
        state = _state(market, token)
    if state.state != "awaiting_payment":
        return see_other("orders.order", token=token)
    if state.last_error is not None:
        return see_other("orders.pay", token=token)
    poll = url_for("orders.order_status", market=market, token=token)
    pay_url = url_for("orders.pay", market=market, token=token)
    return _private(render_template("orders/return.html", poll=poll, pay_url=pay_url))


@bp.get("/<market>/orders/<token>/status")
def order_status(market: str, token: str) -> ResponseReturnValue:
    """Whether the payment is decided, for the page that waits."""
    state = _state(market, token)
    here = url_for("orders.order", market=market, token=token)
    if state.state != "awaiting_payment":
        return {"state": "done", "text": "", "url": here}
    if state.last_error is not None:
        again = url_for("orders.pay", market=market, token=token)
        return {"state": "failed", "text": words.of_payment(state.last_error), "url": again}
    return {"state": "running", "text": _("Your bank is confirming the payment…")}


@bp.get("/account/orders")
@signed_in
def mine() -> ResponseReturnValue:
    """The orders of whoever is signed in."""
    with reading() as session:
        rows = my_orders.of_person(session, signed_in_identity().person_id)
        places = {market.id: market for market in markets.all_markets(session)}
    return _private(render_template("orders/mine.html", rows=rows, markets=places))


def open_payment(order_id: int) -> str:
    """Open the payment at the provider, once; what the card page needs to know it by.

    Raises:
        OrderNotPayable: paid, canceled, too late.
        GatewayError: the provider said no, or nothing.
    """
    with unit_of_work() as session:
        opening = payments.prepare_opening(session, order_id, clock.now())
    if opening.client_secret is not None:
        return opening.client_secret
    gateway = port(PaymentGateway)
    customer_id = opening.customer_id or gateway.create_customer(opening.customer)
    seen: PaymentIntentView | SetupIntentView
    if opening.keeps:
        seen = gateway.open_keeping(opening.keeping(customer_id))
    else:
        seen = gateway.open_payment(opening.paying(customer_id))
    with unit_of_work() as session:
        payments.record_opening(session, opening.payment_id, seen, customer_id, clock.now())
    return seen.client_secret


def refresh(payment_id: int) -> None:
    """Look at a payment at the provider and note what is there.

    Raises:
        GatewayError: the provider said nothing.
    """
    with reading() as session:
        where = payments.look(session, payment_id)
    if where.intent_id is None:
        return
    gateway = port(PaymentGateway)
    seen: PaymentIntentView | SetupIntentView
    seen = gateway.keeping(where.intent_id) if where.keeps else gateway.payment(where.intent_id)
    with unit_of_work() as session:
        payments.record(session, payment_id, seen, clock.now())


def _order(market: str, token: str) -> OrderPage:
    key = token_of(token)
    with reading() as session:
        enter(session, market)
        if key is None:
            raise OrderUnknown
        return order_page.by_token(session, g.market.id, key)


def _state(market: str, token: str) -> OrderState:
    key = token_of(token)
    with reading() as session:
        enter(session, market)
        if key is None:
            raise OrderUnknown
        return order_page.state_by_token(session, g.market.id, key)


def return_url_of(token: str) -> str:
    """Where the card page sends people back to."""
    path = url_for("orders.payment_return", market=g.market.slug, token=token)
    return f"{current_app.config['BASE_URL']}{path}"


def _private(html: str, status: int = 200) -> ResponseReturnValue:
    """A page that no cache on the way may keep, and no other site may learn the address of."""
    return html, status, {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
