"""The cards of a person with an account: see them, add one, choose one, throw one away."""

from __future__ import annotations

import uuid

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from structlog import get_logger

from shop.accounts.access import signed_in, signed_in_identity
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayError
from shop.orders.errors import OrderNotPayable, OrderUnknown
from shop.orders.ports import CustomerRequest, IntentStatus, KeepMethodRequest, PaymentGateway
from shop.orders.queries import order_page
from shop.orders.queries import saved_cards as queries
from shop.orders.queries.order_page import OrderPage
from shop.orders.services import saved_cards
from shop.orders.services.opening import remember_customer
from shop.orders.views.paying import open_payment, return_url_of
from shop.orders.views.visiting import bp, enter, see_other, token_of

log = get_logger()


@bp.get("/account/cards")
@signed_in
def cards() -> ResponseReturnValue:
    """The cards that are kept; after adding one lands here too."""
    who = signed_in_identity()
    setup_id = request.args.get("setup_intent", "")
    if setup_id:
        _note(who.person_id, setup_id)
        return redirect(url_for("orders.cards"), code=303)
    with reading() as session:
        found = queries.of_person(session, who.person_id)
    return _private(render_template("orders/cards.html", cards=found))


@bp.post("/account/cards/add")
@signed_in
def add_card() -> ResponseReturnValue:
    """Go to the provider's page to keep a card, with strong authentication."""
    who = signed_in_identity()
    gateway = port(PaymentGateway)
    back = f"{current_app.config['BASE_URL']}{url_for('orders.cards')}"
    try:
        customer_id = _customer(who.person_id, who.email, who.name)
        opened = gateway.open_keeping(
            KeepMethodRequest(
                key=f"card-{uuid.uuid4()}",
                customer_id=customer_id,
                metadata={"person": str(who.person_id)},
            )
        )
    except GatewayError as error:
        log.warning("keeping_not_opened", person=who.person_id, error=str(error))
        flash(_("The payment service does not answer at this moment."), "error")
        return redirect(url_for("orders.cards"), code=303)
    hosted = gateway.hosted_page_url(opened.client_secret, back)
    if hosted is not None:
        return redirect(hosted, code=303)
    return _private(
        render_template(
            "orders/cards.html",
            cards=(),
            secret=opened.client_secret,
            public_key=gateway.public_key,
            return_url=back,
        )
    )


@bp.post("/account/cards/<int:card_id>/choose")
@signed_in
def choose_card(card_id: int) -> ResponseReturnValue:
    """Offer this card first."""
    with unit_of_work() as session:
        saved_cards.choose(session, signed_in_identity().person_id, card_id, clock.now())
    return redirect(url_for("orders.cards"), code=303)


@bp.post("/account/cards/<int:card_id>/forget")
@signed_in
def forget_card(card_id: int) -> ResponseReturnValue:
    """Throw this card away."""
    with unit_of_work() as session:
        saved_cards.forget(session, signed_in_identity().person_id, card_id, clock.now())
    flash(_("The card is not kept any more."), "success")
    return redirect(url_for("orders.cards"), code=303)


@bp.post("/<market>/orders/<token>/pay/keep")
@signed_in
def keep_card(market: str, token: str) -> ResponseReturnValue:
    """Keep the card that pays this order for later ones, or not."""
    page = _mine(market, token)
    try:
        with unit_of_work() as session:
            saved_cards.agree(
                session, page.id, keeps=bool(request.form.get("keep")), at=clock.now()
            )
    except OrderNotPayable:
        return see_other("orders.order", token=token)
    return see_other("orders.pay", token=token)


@bp.post("/<market>/orders/<token>/pay/with")
@signed_in
def pay_with_kept(market: str, token: str) -> ResponseReturnValue:
    """Pay with a card that is kept; its bank may still want to see its owner."""
    page = _mine(market, token)
    with reading() as session:
        who, card_id = signed_in_identity().person_id, request.form.get("card", 0, type=int)
        method_ref = queries.method_of(session, who, card_id)
    try:
        intent_id = open_payment(page.id).partition("_secret_")[0]
        seen = port(PaymentGateway).pay_with(
            intent_id, method_ref, f"{intent_id}-{uuid.uuid4()}", return_url_of(token)
        )
    except OrderNotPayable:
        return see_other("orders.order", token=token)
    except GatewayError as error:
        # What the bank said is seen when the page looks; the customer may try another card.
        log.info("kept_card_refused", order=page.number, error=error.code)
        return see_other("orders.payment_return", token=token)
    if seen.next_url is not None:
        return redirect(seen.next_url, code=303)
    return see_other("orders.payment_return", token=token)


def _mine(market: str, token: str) -> OrderPage:
    """The order of a link, when it belongs to whoever is signed in."""
    key = token_of(token)
    with reading() as session:
        enter(session, market)
        if key is None:
            raise OrderUnknown
        page = order_page.by_token(session, g.market.id, key)
    if page.person_id != signed_in_identity().person_id:
        raise OrderUnknown
    return page


def _note(person_id: int, setup_id: str) -> None:
    """Look whether the card was kept for this very person; the address is not believed."""
    with reading() as session:
        customer_id = queries.customer_of(session, person_id)
    try:
        seen = port(PaymentGateway).keeping(setup_id)
    except GatewayError as error:
        log.warning("keeping_not_seen", person=person_id, error=str(error))
        return
    theirs = customer_id is not None and seen.customer_id == customer_id
    if not theirs or seen.metadata.get("person") != str(person_id):
        log.warning("keeping_mismatch", person=person_id, setup=setup_id)
        return
    if seen.status is IntentStatus.SUCCEEDED and seen.method is not None:
        with unit_of_work() as session:
            saved_cards.keep(session, person_id, seen.method, clock.now())
        flash(_("Your card is kept."), "success")


def _customer(person_id: int, email: str, name: str) -> str:
    with reading() as session:
        known = queries.customer_of(session, person_id)
    if known is not None:
        return known
    made = port(PaymentGateway).create_customer(
        CustomerRequest(
            key=f"person-{person_id}-customer-{uuid.uuid4()}",
            email=email,
            name=name,
            reference=f"person-{person_id}",
            language=str(get_locale()),
        )
    )
    with unit_of_work() as session:
        remember_customer(session, person_id, made)
    with reading() as session:
        return queries.customer_of(session, person_id) or made


def _private(html: str) -> ResponseReturnValue:
    """A page that no cache on the way may keep."""
    return html, 200, {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
