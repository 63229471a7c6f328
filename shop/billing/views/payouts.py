"""The desk pays producers: who is owed what, where to, what was sent, and the law's dates."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.billing.domain.delays import Delay
from shop.billing.domain.payout import PayoutMethod
from shop.billing.errors import AccountRefused, DelayRefused, NothingToPay
from shop.billing.ports import CreditTransferWriter
from shop.billing.queries import delays
from shop.billing.queries import payouts as queries
from shop.billing.services import delays as own_delays
from shop.billing.services import payouts
from shop.billing.services.payouts import PayeeEntry
from shop.billing.views.settling_door import desk, enter
from shop.catalog.queries import producers
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.web.files import own_file
from shop.web.formats import full_date

WHY_MAX = 200


@desk.get("/payouts")
@holds(Role.DESK)
def payouts_page(market: str) -> ResponseReturnValue:
    """Who may be paid what and how, and the latest batches."""
    return _page(market)


@desk.post("/payouts")
@holds(Role.DESK)
def pay(market: str) -> ResponseReturnValue:
    """Pay everybody who is paid that way."""
    now = clock.now()
    try:
        with unit_of_work() as session:
            by = enter(session, market)
            method = _method(request.form.get("method", ""))
            today = now.astimezone(ZoneInfo(g.market.timezone)).date()
            day = today + timedelta(days=1 if method is PayoutMethod.SEPA else 0)
            payouts.decide(session, g.market.id, method, execute_on=day, at=now, by=by)
        flash(
            _("The file for the bank is ready below.")
            if method is PayoutMethod.SEPA
            else _("The transfers are on their way."),
            "success",
        )
    except NothingToPay:
        flash(_("Nobody is to be paid that way now."), "info")
    except AccountRefused:
        flash(_("Say first from which account the market pays (below the statements)."), "error")
    return redirect(url_for("desk_billing.payouts_page", market=market), code=303)


@desk.post("/payouts/payees/<int:producer_id>")
@holds(Role.DESK)
def payee(market: str, producer_id: int) -> ResponseReturnValue:
    """Keep where a producer is paid."""
    form = request.form
    try:
        with unit_of_work() as session:
            by = enter(session, market)
            members = {each.id for each in producers.of_market(session, g.market.id)}
            if producer_id not in members:
                raise AccountRefused(field="producer")
            entry = PayeeEntry(
                _method(form.get("method", PayoutMethod.SEPA.value)),
                form.get("holder", "")[:70],
                form.get("iban", ""),
                form.get("bic", ""),
                form.get("account_ref", ""),
            )
            payouts.note_payee(session, producer_id, entry, by=by)
    except AccountRefused as refusal:
        words = {
            "holder": _("Please give the name of the account’s holder."),
            "iban": _("This IBAN is wrong: a digit is missing or mistyped."),
            "account_ref": _("An account at the provider begins with acct_."),
        }
        field = str(refusal.facts.get("field"))
        return _page(market, producer_id, {field: words.get(field, _("Not possible."))}, 422)
    flash(_("The account is kept."), "success")
    return redirect(url_for("desk_billing.payouts_page", market=market), code=303)


@desk.post("/payouts/batches/<int:key>/file")
@holds(Role.DESK)
def bank_file(market: str, key: int) -> ResponseReturnValue:
    """Take the file to the bank; from then on only the bank can say no."""
    with unit_of_work() as session:
        by = enter(session, market)
        order = payouts.bank_file(session, g.market.id, key)
        payouts.note_sent(session, key, at=clock.now(), by=by)
    content = port(CreditTransferWriter).write(order)
    return own_file(content, "application/xml", f"{order.message_id}.xml")


@desk.post("/payouts/confirm")
@holds(Role.DESK)
def confirm(market: str) -> ResponseReturnValue:
    """The bank has executed these payouts."""
    with unit_of_work() as session:
        by = enter(session, market)
        keys = request.form.getlist("payout", type=int)
        count = payouts.confirm(session, g.market.id, keys, at=clock.now(), by=by)
    flash(ngettext("%(num)s payment confirmed", "%(num)s payments confirmed", count), "success")
    return redirect(url_for("desk_billing.payouts_page", market=market), code=303)


@desk.post("/payouts/<int:key>/refuse")
@holds(Role.DESK)
def refuse(market: str, key: int) -> ResponseReturnValue:
    """The bank sent a payment back, or its file was not used."""
    why = request.form.get("why", "").strip()[:WHY_MAX] or _("sent back by the bank")
    with unit_of_work() as session:
        by = enter(session, market)
        payouts.refuse_from_bank(session, g.market.id, key, at=clock.now(), why=why, by=by)
    flash(_("The producer is owed this money again."), "info")
    return redirect(url_for("desk_billing.payouts_page", market=market), code=303)


@desk.get("/delays")
@holds(Role.DESK)
def delays_page(market: str) -> ResponseReturnValue:
    """By when the law wants producers paid, and the rules behind it."""
    return _delays(market)


@desk.post("/delays")
@holds(Role.DESK)
def add_delay(market: str) -> ResponseReturnValue:
    """Keep to another rule from a day on."""
    typed = request.form
    try:
        days, valid_from = int(typed.get("days", "")), date.fromisoformat(typed["valid_from"])
    except (ValueError, KeyError):
        return _delays(market, {"days": _("A number of days and a day, please.")}, 422)
    rule = Delay(typed.get("kind", ""), days, typed.get("basis", ""), ())
    try:
        with unit_of_work() as session:
            by = enter(session, market)
            own_delays.add(
                session,
                g.market.id,
                rule,
                source=typed.get("source", "")[:WHY_MAX],
                valid_from=valid_from,
                today=_today(),
                by=by,
            )
    except DelayRefused as refusal:
        return _delays(market, {refusal.facts["field"]: _delay_error(refusal.facts["reason"])}, 422)
    flash(_("The rule holds from %(day)s on.", day=full_date(valid_from)), "success")
    return redirect(url_for("desk_billing.delays_page", market=market), code=303)


@desk.post("/delays/<int:key>/end")
@holds(Role.DESK)
def end_delay(market: str, key: int) -> ResponseReturnValue:
    """Keep to the law again."""
    with unit_of_work() as session:
        enter(session, market)
        own_delays.withdraw(session, g.market.id, key, today=_today())
    flash(_("The law’s own rule holds again."), "info")
    return redirect(url_for("desk_billing.delays_page", market=market), code=303)


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(g.market.timezone)).date()


def _delay_error(reason: str) -> str:
    names: dict[str, str] = {
        "past": _("Choose a day after today: what was in force is never changed."),
        "later_rule": _("A rule begins that day or later already."),
        "source": _("Say which law or agreement wants it."),
        "days": _("Between 0 and 120 days."),
    }
    said = names.get(reason)
    return said if said is not None else str(_("Please choose."))


def _delays(
    market: str, errors: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    now = clock.now()
    with reading() as session:
        enter(session, market)
        waiting = delays.watch(session, g.market.id, now)
        names = producers.by_ids(session, {due.producer_id for due in waiting})
        rules = [*delays.own_rules(session, g.market.id), *delays.all_rules(session)]
        near = {(due.producer_id, due.due_on) for due in delays.near(session, g.market.id, now)}
    today = now.astimezone(ZoneInfo(g.market.timezone)).date()
    html = render_template(
        "billing/desk_delays.html",
        waiting=waiting,
        producers=names,
        rules=rules,
        near=near,
        today=today,
        tomorrow=today + timedelta(days=1),
        typed=request.form,
        errors=errors or {},
    )
    return html, status


def _page(
    market: str,
    wrong_id: int | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    with reading() as session:
        enter(session, market)
        standings = payouts.standings(session, g.market.id)
        farms = producers.of_market(session, g.market.id)
        accounts = payouts.payees(session, [farm.id for farm in farms])
        for row in accounts.values():
            session.expunge(row)
        latest = queries.batches(session, g.market.id)
    sums = {
        method: [
            standings[farm.id].payable
            for farm in farms
            if farm.id in accounts
            and accounts[farm.id].method is method
            and farm.id in standings
            and standings[farm.id].payable
        ]
        for method in PayoutMethod
    }
    html = render_template(
        "billing/desk_payouts.html",
        farms=farms,
        names={farm.id: farm.name for farm in farms},
        standings=standings,
        accounts=accounts,
        batches=latest,
        sums=sums,
        methods=PayoutMethod,
        wrong_id=wrong_id,
        errors=errors or {},
        typed=request.form,
    )
    return html, status


def _method(given: str) -> PayoutMethod:
    try:
        return PayoutMethod(given)
    except ValueError:
        raise InvalidInput(field="method") from None
