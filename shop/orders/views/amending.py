"""Change an order before its sale closes, and confirm a payment that shall take over."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from structlog import get_logger

from shop.catalog.errors import AllotmentExhausted, SlotClosed
from shop.catalog.queries import offers, shelf
from shop.catalog.queries.offers import OfferCard
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayError, GatewayRefused, ShopError
from shop.orders.errors import (
    AccountRefused,
    AmendmentRefused,
    AmountRefused,
    BelowMinimum,
    OfferUnavailable,
    OrderUnknown,
)
from shop.orders.ports import PaymentGateway
from shop.orders.queries import amendments, order_page
from shop.orders.queries.order_page import OrderPage
from shop.orders.services import amending, payments, reckoning, replacing
from shop.orders.services.amending import Asked
from shop.orders.views import words
from shop.orders.views.paying import refresh
from shop.orders.views.visiting import bp, enter, see_other, token_of

SHOWN = 8
"""How many products a search shows."""

REFUSALS = (
    AccountRefused,
    AllotmentExhausted,
    AmendmentRefused,
    AmountRefused,
    BelowMinimum,
    OfferUnavailable,
    SlotClosed,
)

log = get_logger()


@bp.get("/<market>/orders/<token>/change")
def change(market: str, token: str) -> ResponseReturnValue:
    """The lines with their amounts, a search for more, and what the order would come to."""
    page = order_of(market, token)
    return change_page(page, typed(request.args), url=_change_url(token))


@bp.post("/<market>/orders/<token>/change")
def change_order(market: str, token: str) -> ResponseReturnValue:
    """Change the order; where more money is needed first, go and reserve it."""
    page = order_of(market, token)
    wanted = typed(request.form)
    try:
        asked = ask(page.id, wanted, request.form.get("key", ""))
    except REFUSALS as refusal:
        return change_page(page, wanted, url=_change_url(token), refusal=refusal, status=422)
    if asked.state == "applied":
        flash(_("Your order is changed."), "success")
        return see_other("orders.order", token=token)
    if asked.state == "waiting":
        return see_other("orders.reserve", token=token)
    flash(_("The change was not made: your order is as it was."), "info")
    return see_other("orders.order", token=token)


@bp.get("/<market>/orders/<token>/reserve")
def reserve(market: str, token: str) -> ResponseReturnValue:
    """Confirm the payment that shall take over; after the card page one lands here too."""
    page = order_of(market, token)
    with reading() as session:
        waiting = amendments.waiting(session, page.id)
    if waiting is not None and request.args.get("payment_intent"):
        # What the address says is not believed: it only makes us look.
        try:
            refresh(waiting.payment_id)
        except GatewayError as error:
            log.warning("payment_not_seen", payment=waiting.payment_id, error=str(error))
        with reading() as session:
            waiting = amendments.waiting(session, page.id)
    if waiting is None:
        return see_other("orders.order", token=token)
    return _private(
        render_template(
            "orders/reserve.html",
            order=page,
            waiting=waiting,
            refusal=words.of_payment(waiting.last_error),
        )
    )


@bp.post("/<market>/orders/<token>/reserve")
def pay_reserve(market: str, token: str) -> ResponseReturnValue:
    """Go to the card page, or show the card form."""
    page = order_of(market, token)
    with reading() as session:
        waiting = amendments.waiting(session, page.id)
    if waiting is None:
        return see_other("orders.order", token=token)
    back = (
        f"{current_app.config['BASE_URL']}{url_for('orders.reserve', market=market, token=token)}"
    )
    gateway = port(PaymentGateway)
    try:
        secret = open_larger(waiting.payment_id, waiting.amendment_id)
    except AmendmentRefused:
        return see_other("orders.order", token=token)
    except GatewayError as error:
        log.warning("payment_not_opened", order=page.number, error=str(error))
        trouble = _("The payment service does not answer at this moment. Nothing was charged.")
        shown = render_template("orders/reserve.html", order=page, waiting=waiting, trouble=trouble)
        return _private(shown, 502)
    hosted = gateway.hosted_page_url(secret, back)
    if hosted is not None:
        return redirect(hosted, code=303)
    return _private(
        render_template(
            "orders/reserve.html",
            order=page,
            waiting=waiting,
            secret=secret,
            public_key=gateway.public_key,
            return_url=back,
        )
    )


def ask(order_id: int, wanted: Mapping[int, int], key: str, by: int | None = None) -> Asked:
    """Ask for a change, and for a larger reservation where one is needed and the bank allows it.

    Raises:
        AmendmentRefused, AllotmentExhausted, BelowMinimum, …: it cannot be so.
    """
    with unit_of_work() as session:
        asked = amending.ask(
            session, order_id, wanted, key=f"change-{form_key(key)}", now=clock.now(), by=by
        )
    if asked.state != "waiting":
        return asked
    if asked.intent_id is not None and grow(asked):
        return amending_state(asked)
    with unit_of_work() as session:
        replacing.prepare_larger(session, asked.amendment_id)
    return asked


def grow(asked: Asked) -> bool:
    """Let the provider reserve more on the same payment; False: another one has to take over."""
    gateway = port(PaymentGateway)
    assert asked.intent_id is not None
    try:
        seen = gateway.payment(asked.intent_id)
        if seen.capturable < asked.needed:
            if not seen.can_grow:
                return False
            seen = gateway.increase(asked.intent_id, asked.needed, asked.key)
    except GatewayRefused as refusal:
        log.info("increase_refused", intent=asked.intent_id, code=refusal.code)
        return False
    except GatewayError as error:
        log.warning("increase_unknown", intent=asked.intent_id, error=str(error))
        return False
    with unit_of_work() as session:
        return amending.record_growth(session, asked.amendment_id, seen, clock.now())


def amending_state(asked: Asked) -> Asked:
    """The change as it stands now."""
    with unit_of_work() as session:
        return amending.again(session, asked.amendment_id)


def open_larger(payment_id: int, amendment_id: int | None) -> str:
    """Open the payment that shall take over, once; what the card page needs to know it by."""
    with unit_of_work() as session:
        if amendment_id is None:
            return replacing.secret_of(session, payment_id)
        opening = replacing.prepare_larger(session, amendment_id)
    if opening.client_secret is not None:
        return opening.client_secret
    gateway = port(PaymentGateway)
    customer_id = opening.customer_id or gateway.create_customer(opening.customer)
    seen = gateway.open_payment(opening.paying(customer_id))
    with unit_of_work() as session:
        payments.record_opening(session, opening.payment_id, seen, customer_id, clock.now())
    return seen.client_secret


def change_page(
    page: OrderPage,
    wanted: Mapping[int, int],
    *,
    url: str,
    refusal: ShopError | None = None,
    status: int = 200,
    layout: str = "base.html",
) -> ResponseReturnValue:
    """The page of a change, with sums when they can be told, and with what is wrong."""
    now = clock.now()
    text = request.values.get("q", "").strip()
    sums = None
    with reading() as session:
        if not amendments.is_open(session, page.id, now):
            return see_other("orders.order", token=page.token)
        held = amendments.amounts(session, page.id)
        chosen = {offer: n for offer, n in wanted.items() if n or offer in held}
        amounts = held | chosen
        found = _found(session, page.id, text, amounts)
        shown = reckoning.view(session, page.id, amounts | dict.fromkeys(found, 0))
        if amounts != held and refusal is None:
            try:
                sums = reckoning.preview(session, page.id, amounts, now)[1]
            except REFUSALS as error:
                refusal, status = error, 422
        about = offers.by_ids(session, [int(refusal.facts.get("offer_id") or 0)]) if refusal else {}
    wrong = next(iter(about.values()), None)
    html = render_template(
        "orders/change.html",
        layout=layout,
        order=page,
        shown=shown,
        amounts=amounts,
        held=held,
        sums=sums,
        text=text,
        url=url,
        key=str(uuid.uuid4()),
        problem=_said(refusal, wrong) if refusal else "",
        wrong_offer=wrong.id if wrong else None,
    )
    return _private(html, status)


def typed(values: Mapping[str, Any]) -> dict[int, int]:
    """Amounts by offer as they were typed; what makes no sense counts as minus one."""
    found: dict[int, int] = {}
    for name in values:
        head, _dash, offer = name.partition("-")
        if head != "amount" or not offer.isdigit():
            continue
        text = str(values[name]).strip()
        found[int(offer)] = int(text) if text.isdigit() and len(text) < 8 else (-1 if text else 0)
    return found


def form_key(text: str) -> str:
    """The key that a form carries, or a new one."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid4())


def order_of(market: str, token: str) -> OrderPage:
    """The order that a link opens."""
    key = token_of(token)
    with reading() as session:
        enter(session, market)
        if key is None:
            raise OrderUnknown
        return order_page.by_token(session, g.market.id, key)


def _found(session: Any, order_id: int, text: str, amounts: Mapping[int, int]) -> list[int]:
    """Offers that a search finds and that are not in the order."""
    if not text:
        return []
    cycle_id = reckoning.cycle_of(session, order_id)
    index = shelf.index(session, cycle_id, str(get_locale()))
    page = shelf.shelf(session, cycle_id, index, words=text)
    return [item.offer_id for item in page.items if item.offer_id not in amounts][:SHOWN]


def _said(refusal: ShopError, offer: OfferCard | None) -> str:
    if isinstance(refusal, BelowMinimum | SlotClosed):
        return words.of_delivery(refusal)
    if isinstance(refusal, AccountRefused):
        return str(_("Your account does not allow that much."))
    if not isinstance(refusal, AmendmentRefused):
        return words.of_line(refusal, offer)
    names: dict[str | None, str] = {
        "nothing": _("Nothing is different yet."),
        "empty": _("An order needs at least one product. To cancel it, please call the market."),
        "not_by_card": _("This order is not paid by card: please call the market."),
    }
    return str(names.get(refusal.facts.get("why")) or _("It is too late to change this order."))


def _change_url(token: str) -> str:
    return url_for("orders.change", market=g.market.slug, token=token)


def _private(html: str, status: int = 200) -> ResponseReturnValue:
    """A page that no cache on the way may keep, and no other site may learn the address of."""
    return html, status, {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
