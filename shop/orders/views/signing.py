"""Season contracts on their way: the desk writes one down, the member reads and signs it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import current_identity, holds
from shop.accounts.domain.roles import Role
from shop.catalog.queries import producers
from shop.infra import clock
from shop.infra.formats import LocaleFormats
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import ShopError
from shop.kernel.money import Money
from shop.orders.errors import ContractUnknown, WayRefused
from shop.orders.queries import contracts as read
from shop.orders.services import contract_text, contracts
from shop.orders.services.contracts import Agreed
from shop.orders.views import desk_door
from shop.orders.views.typed import money_of
from shop.orders.views.visiting import bp, enter
from shop.web.locale import chosen_language

MONTH = 28
"""Days between two cheques: the same weekday, about a month."""


@desk_door.bp.get("/contracts/new")
@holds(Role.DESK)
def new_contract(market: str) -> ResponseReturnValue:
    """The form of a new season contract."""
    return _form(market)


@desk_door.bp.post("/contracts/new")
@holds(Role.DESK)
def write_contract(market: str) -> ResponseReturnValue:
    """Send a contract to its member, or record one that was signed on paper; once by its key."""
    on_paper = request.form.get("how") == "paper"
    try:
        with unit_of_work() as session:
            desk_door.enter(session, market)
            key, agreed = _key(), _agreed(session)
            farm = producers.by_id(session, agreed.producer_id)
            formats = LocaleFormats(chosen_language(), ZoneInfo(g.market.timezone))
            text = contract_text.written(
                agreed,
                farm=farm.name,
                market=g.market.name,
                clauses=request.form.get("clauses", "")[:2000],
                _=_,
                formats=formats,
            )
            whole = _with_terms(agreed, text)
            if on_paper:
                now = clock.now()
                contracts.sign(session, g.market.id, whole, _today(), at=now, key=key)
            elif not whole.member_email:
                raise WayRefused(field="member_email", reason="email")
            else:
                contracts.offer(session, g.market.id, whole, key=key)
    except WayRefused as refusal:
        return _form(market, refusal), 422
    flash(
        _("The contract is recorded.") if on_paper else _("The contract was sent to be signed."),
        "success",
    )
    return redirect(url_for("orders_desk.market_contracts", market=market), code=303)


@desk_door.bp.post("/contracts/<int:contract_id>/transfer")
@holds(Role.DESK)
def transfer_contract(market: str, contract_id: int) -> ResponseReturnValue:
    """The share goes to somebody else from a day on."""
    try:
        with unit_of_work() as session:
            by = desk_door.enter(session, market)
            _own(read.by_id(session, contract_id))
            contracts.transfer(
                session,
                contract_id,
                to_name=request.form.get("to_name", "")[:120],
                to_email=request.form.get("to_email", "")[:200],
                to_phone=request.form.get("to_phone", "")[:40],
                from_day=_day("from_day") or _today(),
                note=request.form.get("note", "")[:200],
                by=by,
            )
    except WayRefused:
        flash(_("Please say who takes the share."), "error")
    else:
        flash(_("The share has gone to %(name)s.", name=request.form["to_name"]), "success")
    return redirect(url_for("orders_desk.market_contracts", market=market), code=303)


@desk_door.bp.post("/contracts/<int:contract_id>/drop")
@holds(Role.DESK)
def drop_contract(market: str, contract_id: int) -> ResponseReturnValue:
    """Take back a contract that nobody signed."""
    with unit_of_work() as session:
        by = desk_door.enter(session, market)
        _own(read.by_id(session, contract_id))
        gone = contracts.drop(session, contract_id, at=clock.now(), by=by)
    if gone:
        flash(_("The contract is taken back."), "success")
    else:
        flash(_("This contract is signed: it stays."), "warning")
    return redirect(url_for("orders_desk.market_contracts", market=market), code=303)


@bp.get("/<market>/contract/<token>")
def contract(market: str, token: str) -> ResponseReturnValue:
    """A season contract as its member reads it, signs it, and finds it again."""
    return _contract(market, token)


@bp.post("/<market>/contract/<token>")
def sign_contract(market: str, token: str) -> ResponseReturnValue:
    """The member types their name under the text."""
    who = current_identity()
    try:
        with unit_of_work() as session:
            enter(session, market)
            _own(read.by_token(session, token))
            new = contracts.sign_on_page(
                session,
                token,
                name=request.form.get("name", "")[:120],
                terms_hash=request.form.get("terms", ""),
                today=_today(),
                at=clock.now(),
                person_id=who.person_id if who else None,
            )
    except WayRefused as refusal:
        changed = refusal.facts.get("reason") == "terms"
        said = (
            _("The text has changed meanwhile. Please read it again.")
            if changed
            else _("Please type your name.")
        )
        return _contract(market, token, said)
    if new:
        flash(_("Thank you. You have signed; we write to you."), "success")
    return redirect(url_for("orders.contract", market=market, token=token), code=303)


def _contract(market: str, token: str, error: str = "") -> ResponseReturnValue:
    with reading() as session:
        enter(session, market)
        found = read.by_token(session, token)
        _own(found)
        farm = producers.by_id(session, found.producer_id)
    who = current_identity()
    page = render_template(
        "orders/contract.html",
        contract=found,
        farm=farm,
        today=_today(),
        error=error,
        typed=request.form.get("name", who.name if who else ""),
    )
    return (
        page,
        422 if error else 200,
        {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"},
    )


def _form(market: str, refusal: ShopError | None = None) -> str:
    with reading() as session:
        desk_door.enter(session, market)
        farms = producers.of_market(session, g.market.id)
    today = _today()
    return render_template(
        "orders/desk_contract.html",
        farms=[(farm.id, farm.name) for farm in farms],
        typed=request.form,
        field=refusal.facts.get("field", "") if refusal else "",
        error=_words(refusal) if refusal else "",
        key=request.form.get("key") or str(uuid.uuid4()),
        next_week=today + timedelta(days=7),
        clauses="",
    )


def _agreed(session: Session) -> Agreed:
    """What the form says.

    Raises:
        WayRefused: something in it makes no sense.
    """
    form = request.form
    first, due = _day("first_on"), _day("first_due")
    every, count = form.get("every", 1, type=int), form.get("count", 0, type=int)
    cheques, baskets = form.get("cheques", 0, type=int), form.get("baskets", 0, type=int)
    price = money_of(form.get("basket", ""))
    farm_id = form.get("producer_id", 0, type=int)
    known = {farm.id for farm in producers.of_market(session, g.market.id)}
    if farm_id not in known:
        raise WayRefused(field="producer_id", reason="farm")
    if first is None or not 0 < count <= contracts.MOST_DATES or every not in (1, 2, 4):
        raise WayRefused(field="count", reason="dates")
    if due is None or not 0 < cheques <= contracts.MOST_INSTALMENTS:
        raise WayRefused(field="cheques", reason="instalments")
    return Agreed(
        producer_id=farm_id,
        label=form.get("label", "")[:120],
        basket=price or Money.zero(),
        member_name=form.get("member_name", "")[:120],
        dates=tuple(first + timedelta(weeks=every * place) for place in range(count)),
        instalment_days=tuple(due + timedelta(days=MONTH * place) for place in range(cheques)),
        member_email=form.get("member_email", "").strip()[:200],
        member_phone=form.get("member_phone", "").strip()[:40],
        baskets=baskets,
    )


def _with_terms(agreed: Agreed, text: str) -> Agreed:
    values = {name: getattr(agreed, name) for name in Agreed.__dataclass_fields__}
    return Agreed(**{**values, "terms": text})


def _own(found: read.Contract) -> None:
    """Contracts of the market that was entered only."""
    if found.market_id != g.market.id:
        raise ContractUnknown(contract_id=found.id)


def _words(refusal: ShopError) -> str:
    said: str = {
        "farm": _("Please choose a farm."),
        "dates": _("From 1 to 60 dates, with the first one."),
        "instalments": _("From 1 to 12 cheques, with the day of the first one."),
        "amount": _("Please type an amount, as 5 or 5.50."),
        "email": _("Without an e-mail it can only be signed on paper."),
    }.get(
        str(refusal.facts.get("reason")), _("Please say what the basket is and who the member is.")
    )
    return said


def _key() -> str:
    try:
        return str(uuid.UUID(request.form.get("key", "")))
    except ValueError:
        raise WayRefused(field="key", reason="amount") from None


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(g.market.timezone)).date()
