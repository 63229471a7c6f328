"""Vouchers: bought by card, for somebody or for the solidarity fund; what is left; on paper."""

from __future__ import annotations

import re
import uuid
from datetime import date
from zoneinfo import ZoneInfo

from flask import current_app, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from structlog import get_logger

from shop.accounts.access import current_identity
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.printing import Printer
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayError
from shop.orders.errors import OrderNotPayable, OrderUnknown, VoucherRefused
from shop.orders.ports import PaymentGateway, PaymentIntentView
from shop.orders.services import voucher_paper, vouchers
from shop.orders.services.vouchers import VoucherCard, Wanted
from shop.orders.views import words
from shop.orders.views.typed import money_of
from shop.orders.views.visiting import bp, enter, see_other
from shop.web.files import own_file
from shop.web.locale import chosen_language
from shop.web.security import limiter

log = get_logger()

USUAL = ("10", "20", "30", "50", "100")
"""Values, in whole euros, that are offered; any other may be typed."""

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@bp.get("/<market>/vouchers", endpoint="vouchers")
def voucher_shop(market: str) -> ResponseReturnValue:
    """Buy a voucher, or look what is left on one."""
    return _page(market)


@bp.post("/<market>/vouchers")
@limiter.limit("20 per minute; 100 per hour")
def want_voucher(market: str) -> ResponseReturnValue:
    """Keep what is wanted and go on to the card; pressed twice, it is one voucher."""
    who = current_identity()
    wanted, errors = _wanted(who.person_id if who else None)
    if errors:
        return _page(market, errors=errors), 422
    try:
        with unit_of_work() as session:
            enter(session, market)
            token = vouchers.order(session, g.market.id, wanted, _today(), key=_key())
    except VoucherRefused:
        said = _("A voucher is worth 5 to 200 euros.")
        return _page(market, errors={"value": said}), 422
    return see_other("orders.pay_voucher", token=token)


@bp.post("/<market>/vouchers/find")
@limiter.limit("10 per minute; 40 per hour")
def find_voucher(market: str) -> ResponseReturnValue:
    """The voucher whose code was typed."""
    try:
        with reading() as session:
            enter(session, market)
            found = vouchers.by_code(session, g.market.id, request.form.get("code", "")[:40])
    except VoucherRefused:
        said = _("There is no voucher with this code.")
        return _page(market, errors={"code": said}), 422
    return see_other("orders.voucher", token=found.token)


@bp.get("/<market>/voucher/<token>/pay")
def pay_voucher(market: str, token: str) -> ResponseReturnValue:
    """The way to the card page, or the card form itself."""
    found = _voucher(market, token)
    if found.state != "waiting":
        return see_other("orders.voucher", token=token)
    secret, trouble, status = "", "", 200
    try:
        secret = _open(token)
    except OrderNotPayable:
        return see_other("orders.voucher", token=token)
    except GatewayError as error:
        log.warning("payment_not_opened", voucher=found.id, error=str(error))
        trouble = _("The payment service does not answer at this moment. Nothing was charged.")
        status = 502
    gateway = port(PaymentGateway)
    path = url_for("orders.voucher_return", market=market, token=token)
    back = f"{current_app.config['BASE_URL']}{path}"
    page = render_template(
        "orders/voucher_pay.html",
        voucher=found,
        secret=secret,
        trouble=trouble,
        hosted=gateway.hosted_page_url(secret, back) if secret else None,
        public_key=gateway.public_key,
        return_url=back,
    )
    return _private(page, status)


@bp.get("/<market>/voucher/<token>/return")
def voucher_return(market: str, token: str) -> ResponseReturnValue:
    """Back from the card page: look at the provider; the address is not believed."""
    found = _voucher(market, token)
    refusal = None
    if found.state == "waiting":
        try:
            refusal = _refresh(found.id)
        except GatewayError as error:
            log.warning("payment_not_seen", voucher=found.id, error=str(error))
        found = _voucher(market, token)
    if found.state != "waiting":
        return see_other("orders.voucher", token=token)
    if refusal:
        flash(words.of_payment(refusal), "error")
        return see_other("orders.pay_voucher", token=token)
    poll = url_for("orders.voucher_status", market=market, token=token)
    return _private(render_template("orders/voucher_return.html", voucher=found, poll=poll))


@bp.get("/<market>/voucher/<token>/status")
def voucher_status(market: str, token: str) -> ResponseReturnValue:
    """Whether the payment is decided, for the page that waits."""
    found = _voucher(market, token)
    if found.state == "waiting":
        return {"state": "running", "text": _("Your bank is confirming the payment…")}
    here = url_for("orders.voucher", market=market, token=token)
    return {"state": "done", "text": "", "url": here}


@bp.get("/<market>/voucher/<token>")
def voucher(market: str, token: str) -> ResponseReturnValue:
    """A voucher: its code, what is left on it, until when; or thanks for a gift to the fund."""
    found = _paid(market, token)
    return _private(render_template("orders/voucher.html", voucher=found, today=_today()))


@bp.get("/<market>/voucher/<token>/voucher.pdf")
def voucher_pdf(market: str, token: str) -> ResponseReturnValue:
    """The voucher to print and give."""
    found = _paid(market, token)
    if found.is_for_fund:
        raise OrderUnknown
    with reading() as session:
        data = voucher_paper.to_print(session, found, shop_address(market), _)
    pdf = port(Printer).print(voucher_paper.DOCUMENT, data)
    return own_file(pdf, "application/pdf", f"voucher-{found.code}.pdf", shown=True)


def shop_address(market: str) -> str:
    """Where a voucher is spent."""
    return f"{current_app.config['BASE_URL']}{url_for('market.home', market=market)}"


def _wanted(person_id: int | None) -> tuple[Wanted, dict[str, str]]:
    """What the form says, and what is wrong with it."""
    form, errors = request.form, {}
    value = money_of(form.get("value", ""))
    mail = form.get("email", "").strip()[:200]
    if not value:
        errors["value"] = _("Please type an amount, as 5 or 5.50.")
    if not _MAIL.fullmatch(mail):
        errors["email"] = _("Please give an address to which we can write.")
    for_fund = form.get("whom") == "fund"
    wanted = Wanted(
        value or vouchers.SMALLEST,
        "" if for_fund else form.get("recipient", "")[:80],
        "" if for_fund else form.get("message", "")[:400],
        buyer_email=mail,
        buyer_id=person_id,
        locale=chosen_language(),
        for_fund=for_fund,
    )
    return wanted, errors


def _open(token: str) -> str:
    """Open the payment at the provider, once; what the card page needs to know it by."""
    with reading() as session:
        voucher_id, secret, wish = vouchers.opening(session, token)
    if secret is not None:
        return secret
    seen = port(PaymentGateway).open_payment(wish)
    with unit_of_work() as session:
        vouchers.record_opening(session, voucher_id, seen)
    return seen.client_secret


def _refresh(voucher_id: int) -> str | None:
    """Look at the provider and note what is there; why the last try failed, if it did."""
    with reading() as session:
        intent_id = vouchers.intent_of(session, voucher_id)
    if intent_id is None:
        return None
    seen: PaymentIntentView = port(PaymentGateway).payment(intent_id)
    with unit_of_work() as session:
        vouchers.record(session, voucher_id, seen, clock.now())
    return seen.last_decline_code or seen.last_error_code


def _voucher(market: str, token: str) -> VoucherCard:
    with reading() as session:
        enter(session, market)
        try:
            found = vouchers.card(session, token)
        except VoucherRefused:
            raise OrderUnknown from None
        if found.market_id != g.market.id:
            raise OrderUnknown
    return found


def _paid(market: str, token: str) -> VoucherCard:
    found = _voucher(market, token)
    if not found.was_paid:
        raise OrderUnknown
    return found


def _page(market: str, errors: dict[str, str] | None = None) -> str:
    with reading() as session:
        enter(session, market)
    who = current_identity()
    return render_template(
        "orders/vouchers.html",
        usual=USUAL,
        errors=errors or {},
        typed=request.form,
        mail=who.email if who else "",
        key=request.form.get("key") or str(uuid.uuid4()),
    )


def _key() -> str | None:
    try:
        return str(uuid.UUID(request.form.get("key", "")))
    except ValueError:
        return None


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(g.market.timezone)).date()


def _private(html: str, status: int = 200) -> ResponseReturnValue:
    """A page that no cache on the way may keep, and no other site may learn the address of."""
    return html, status, {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
