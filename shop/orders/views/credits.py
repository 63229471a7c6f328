"""Credit and vouchers: what customers have left, what the desk gives, who buys on account."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds, signed_in, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.catalog.queries import markets
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.money import Money
from shop.orders.domain.tenders import looks_like_siret
from shop.orders.errors import (
    OrderUnknown,
    OrganisationUnknown,
    PurseTooSmall,
    TooMuch,
    VoucherRefused,
    WayRefused,
)
from shop.orders.queries import credit as balances
from shop.orders.queries import handing, organisations
from shop.orders.services import accounts, credit, discounts, vouchers
from shop.orders.services.accounts import Terms
from shop.orders.services.vouchers import Wanted
from shop.orders.views import desk_door, wishes
from shop.orders.views.visiting import bp
from shop.web.formats import money
from shop.web.locale import chosen_language

NAMES = ("name", "siret", "email", "phone", "address", "postcode", "commune")

CODE_REFUSALS = ("short", "taken", "uses", "dates")

REFUSALS = (PurseTooSmall, TooMuch, VoucherRefused, WayRefused, OrderUnknown, OrganisationUnknown)


@bp.get("/account/credit")
@signed_in
def my_credit() -> ResponseReturnValue:
    """What whoever is signed in has left, market by market, and how it came and went."""
    with reading() as session:
        found = balances.of_person(session, signed_in_identity().person_id)
        places = {market.id: market for market in markets.all_markets(session)}
    page = render_template(
        "orders/my_credit.html", found=found, markets=places, movement_name=movement_name
    )
    return page, 200, {"Cache-Control": "private, no-store"}


@desk_door.bp.get("/credits")
@holds(Role.DESK)
def credits_page(market: str) -> ResponseReturnValue:
    """The solidarity fund, vouchers, goodwill, and the aged balance of accounts."""
    return _page(market)


@desk_door.bp.post("/credits/<deed>")
@holds(Role.DESK)
def credits_deed(market: str, deed: str) -> ResponseReturnValue:
    """Give credit, give a voucher, or note a bank transfer."""
    deeds = {
        "goodwill": _goodwill,
        "voucher": _voucher,
        "discount": _discount,
        "end-discount": _end_discount,
        "receipt": _receipt,
        "organisation": _organisation,
    }
    if deed not in deeds:
        raise OrderUnknown
    try:
        said = deeds[deed](market)
    except REFUSALS as refusal:
        return _page(market, error=_words(refusal)), 422
    flash(said, "success")
    return redirect(url_for("orders_desk.credits_page", market=market), code=303)


def movement_name(kind: str) -> str:
    """Why credit or a fund moved."""
    names: dict[str, str] = {
        "purse": _("Order"),
        "goodwill": _("Given by the market"),
        "refund": _("Refund"),
        "donation": _("Donation"),
        "fund_gift": _("Gift to the fund"),
        "voucher_granted": _("Voucher"),
        "voucher_ended": _("Voucher past its day"),
    }
    name: str = names.get(kind, _("Refund"))
    return name


def _goodwill(market: str) -> str:
    with unit_of_work() as session:
        by = desk_door.enter(session, market)
        number = request.form.get("order", "").strip().upper()
        order_id = handing.by_number(session, g.market.id, number)
        person_id = handing.by_ids(session, [order_id])[order_id].person_id
        if person_id is None:
            raise WayRefused(field="order", reason="no_account")
        amount = wishes.amount_of("amount") or Money.zero()
        reason = request.form.get("reason", "")
        credit.give(session, g.market.id, person_id, amount, reason=reason, key=_key(), by=by)
    said: str = _("The credit is given.")
    return said


def _voucher(market: str) -> str:
    with unit_of_work() as session:
        by = desk_door.enter(session, market)
        wanted = Wanted(
            wishes.amount_of("value") or Money.zero(),
            request.form.get("recipient", "")[:120],
            locale=chosen_language(),
        )
        vouchers.grant(
            session,
            g.market.id,
            wanted,
            reason=request.form.get("reason", "")[:200],
            by=by,
            today=_today(),
            at=clock.now(),
            solidarity=bool(request.form.get("solidarity")),
            form_key=_key(),
        )
    said: str = _("The voucher is made; print it from the list.")
    return said


def _discount(market: str) -> str:
    form = request.form
    with unit_of_work() as session:
        by = desk_door.enter(session, market)
        amount = wishes.amount_of("amount")
        percent = form.get("percent", type=int)
        terms = discounts.Terms(
            code=form.get("code", "")[:24],
            reason=form.get("reason", "")[:200],
            amount=amount,
            percent_bp=None if percent is None else percent * 100,
            uses=form.get("uses", 0, type=int),
            valid_from=_today(),
            valid_until=_day("valid_until"),
        )
        discounts.make(session, g.market.id, terms, by=by)
    said: str = _("The code is made. The fund pays each order on which it is typed.")
    return said


def _end_discount(market: str) -> str:
    with unit_of_work() as session:
        by = desk_door.enter(session, market)
        code_id = request.form.get("code_id", 0, type=int)
        discounts.end(session, g.market.id, code_id, at=clock.now(), by=by)
    said: str = _("The code pays no further order.")
    return said


def _receipt(market: str) -> str:
    with unit_of_work() as session:
        by = desk_door.enter(session, market)
        key = request.form.get("organisation", 0, type=int)
        if organisations.account(session, key, _today()).card.market_id != g.market.id:
            raise OrganisationUnknown
        accounts.receive(
            session,
            key,
            wishes.amount_of("amount") or Money.zero(),
            received_on=_day("received_on"),
            reference=request.form.get("reference", "")[:80],
            key=_key(),
            by=by,
        )
    said: str = _("The transfer is noted; it pays what is due first.")
    return said


def _organisation(market: str) -> str:
    with unit_of_work() as session:
        desk_door.enter(session, market)
        said = {name: request.form.get(name, "").strip()[:200] for name in NAMES}
        siret = said["siret"].replace(" ", "")
        if not looks_like_siret(siret):
            raise WayRefused(field="siret", reason="siret")
        limit = wishes.amount_of("limit") or Money.zero()
        days = request.form.get("term_days", 30, type=int)
        terms = Terms(
            **{**said, "siret": siret},
            term_days=min(max(days, 0), 90),
            limit_cents=limit.cents,
        )
        key = accounts.register(session, g.market.id, terms)
        number = request.form.get("member", "").strip().upper()
        if number:
            order_id = handing.by_number(session, g.market.id, number)
            person_id = handing.by_ids(session, [order_id])[order_id].person_id
            if person_id is None:
                raise WayRefused(field="member", reason="no_account")
            accounts.join(session, key, person_id)
    done: str = _("Saved: it may order on account.")
    return done


def _page(market: str, error: str = "") -> str:
    with reading() as session:
        desk_door.enter(session, market)
        facts = {
            "fund": balances.fund(session, g.market.id),
            "movements": balances.fund_movements(session, g.market.id, 20),
            "vouchers": vouchers.of_market(session, g.market.id, 50),
            "discounts": discounts.of_market(session, g.market.id, 50),
            "accounts": organisations.of_market(session, g.market.id, _today()),
        }
    return render_template(
        "orders/desk_credits.html",
        key=str(uuid.uuid4()),
        today=_today(),
        in_a_month=_today() + timedelta(days=31),
        typed=request.form if error else {},
        error=error,
        movement_name=movement_name,
        **facts,
    )


def _words(refusal: Exception) -> str:
    reason = getattr(refusal, "facts", {}).get("reason", "")
    said: str
    if isinstance(refusal, PurseTooSmall):
        said = _("The solidarity fund holds less than that.")
    elif isinstance(refusal, TooMuch):
        said = _("That is more than is due: %(due)s.", due=money(refusal.facts["due"]))
    elif isinstance(refusal, OrderUnknown | OrganisationUnknown):
        said = _("There is no such order here.")
    elif reason == "no_account":
        said = _("This order has no account: give a voucher instead.")
    elif reason == "siret":
        said = _("This is no SIRET number.")
    elif reason == "reason":
        said = _("Please write the reason.")
    elif reason == "value":
        said = _("A voucher is worth 5 to 200 euros.")
    elif reason in CODE_REFUSALS:
        said = {
            "short": _("A code has four letters or digits at least."),
            "taken": _("Another discount has this code. Choose another one."),
            "uses": _("Please say for how many orders, from 1 to 10,000."),
            "dates": _("The last day is before the first one."),
        }[reason]
    else:
        said = _("Please type an amount, as 5 or 5.50.")
    return said


def _key() -> str:
    try:
        return str(uuid.UUID(request.form.get("key", "")))
    except ValueError:
        raise WayRefused(field="key", reason="amount") from None


def _day(name: str) -> date:
    """A day of the form; today when it cannot be read."""
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return _today()


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(g.market.timezone)).date()
