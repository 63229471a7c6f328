"""Statements: the desk settles cycles and sets the rules, producers read what they are told."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.billing.domain.identifiers import compact, is_iban
from shop.billing.errors import CycleNotSettleable, SettlementUnknown
from shop.billing.queries import settlements as queries
from shop.billing.queries.settlements import SettlementPage
from shop.billing.services import payouts, settlement_papers, settling
from shop.billing.views.settling_door import desk, enter, producer
from shop.catalog.doors import enter_farm
from shop.catalog.queries import cycles, markets, producers
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.queries import producer_postings
from shop.web.files import XLSX, own_file
from shop.web.locale import chosen_language

SHOWN = 30
PDF = "application/pdf"


@desk.get("/settlements")
@holds(Role.DESK)
def desk_settlements(market: str) -> ResponseReturnValue:
    """Cycles with what was settled of them, and the statements of the one that is chosen."""
    return _desk_page(market)


@desk.post("/settlements/<code>/settle")
@holds(Role.DESK)
def settle(market: str, code: str) -> ResponseReturnValue:
    """Have the statements of a cycle written."""
    try:
        with unit_of_work() as session:
            by = enter(session, market)
            card = cycles.by_code(session, g.market.id, code)
            today = clock.now().astimezone(ZoneInfo(g.market.timezone)).date()
            settling.ask(session, card.id, today=today, by=by)
        flash(_("The statements are being written; producers get theirs by mail."), "success")
    except CycleNotSettleable as refusal:
        flash(
            _("This sale is still open.")
            if refusal.facts["reason"] == "open"
            else _("Its goods are not delivered yet."),
            "error",
        )
    target = url_for("desk_billing.desk_settlements", market=market, cycle=code)
    return redirect(target, code=303)


@desk.post("/settlements/rules")
@holds(Role.DESK)
def settlement_rules(market: str) -> ResponseReturnValue:
    """When the clock settles, when the desk is warned, which account pays producers."""
    errors = {}
    days = request.form.get("settle_after_days", "").strip()
    warn = request.form.get("warn_days", "").strip()
    iban = compact(request.form.get("iban", ""))
    if days and (not days.isdigit() or int(days) > 90):
        errors["settle_after_days"] = _("A number of days, 90 at most.")
    if not warn.isdigit() or int(warn) > 60:
        errors["warn_days"] = _("A number of days, 60 at most.")
    if iban and not is_iban(iban):
        errors["iban"] = _("This IBAN is wrong: a digit is missing or mistyped.")
    if request.form.get("sepa_schema") not in payouts.SCHEMAS:
        errors["sepa_schema"] = _("Please choose one.")
    if errors:
        return _desk_page(market, errors=errors, status=422)
    with unit_of_work() as session:
        enter(session, market)
        own = settling.rules_of(session, g.market.id)
        own.settle_after_days = int(days) if days else None
        own.warn_days = int(warn)
        own.account_holder = request.form.get("account_holder", "").strip()[:70]
        own.iban = iban
        own.bic = compact(request.form.get("bic", ""))[:11]
        own.sepa_schema = request.form["sepa_schema"]
    flash(_("The rules are kept."), "success")
    return redirect(url_for("desk_billing.desk_settlements", market=market), code=303)


@desk.get("/settlements/<int:key>.pdf")
@holds(Role.DESK)
def desk_paper(market: str, key: int) -> ResponseReturnValue:
    """A statement as paper."""
    with reading() as session:
        enter(session, market)
        page = _of_market(queries.by_id(session, key))
        papers = settlement_papers.papers(session, page, chosen_language(), _)
    return own_file(papers.pdf(), PDF, f"{page.card.number}.pdf", shown=True)


@desk.get("/settlements/<int:key>.xlsx")
@holds(Role.DESK)
def desk_sheet(market: str, key: int) -> ResponseReturnValue:
    """A statement as a spreadsheet."""
    with reading() as session:
        enter(session, market)
        page = _of_market(queries.by_id(session, key))
        papers = settlement_papers.papers(session, page, chosen_language(), _)
    return own_file(papers.xlsx(), XLSX, f"{page.card.number}.xlsx")


@producer.get("/settlements")
@holds(Role.PRODUCER)
def settlements(producer_id: int) -> ResponseReturnValue:
    """Every statement of a producer."""
    with reading() as session:
        enter_farm(session, producer_id)
        cards = queries.of_producer(session, producer_id)
        known = {card.cycle_id: cycles.by_id(session, card.cycle_id) for card in cards}
        places = {market.id: market for market in markets.all_markets(session)}
        payee = payouts.payees(session, [producer_id]).get(producer_id)
    return render_template(
        "billing/producer_settlements.html",
        cards=cards,
        cycles=known,
        markets=places,
        payee=payee,
    )


@producer.get("/settlements/<int:key>.pdf")
@holds(Role.PRODUCER)
def paper(producer_id: int, key: int) -> Response:
    """A statement as paper."""
    with reading() as session:
        enter_farm(session, producer_id)
        page = _of_farm(queries.by_id(session, key), producer_id)
        papers = settlement_papers.papers(session, page, chosen_language(), _)
    return own_file(papers.pdf(), PDF, f"{page.card.number}.pdf", shown=True)


@producer.get("/settlements/<int:key>.xlsx")
@holds(Role.PRODUCER)
def sheet(producer_id: int, key: int) -> Response:
    """A statement as a spreadsheet."""
    with reading() as session:
        enter_farm(session, producer_id)
        page = _of_farm(queries.by_id(session, key), producer_id)
        papers = settlement_papers.papers(session, page, chosen_language(), _)
    return own_file(papers.xlsx(), XLSX, f"{page.card.number}.xlsx")


def _of_market(page: SettlementPage) -> SettlementPage:
    if page.card.market_id != g.market.id:
        raise SettlementUnknown(settlement_id=page.card.id)
    return page


def _of_farm(page: SettlementPage, producer_id: int) -> SettlementPage:
    if page.card.producer_id != producer_id:
        raise SettlementUnknown(settlement_id=page.card.id)
    return page


def _desk_page(
    market: str, *, errors: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    with unit_of_work() as session:
        enter(session, market)
        recent = [
            card
            for card in cycles.recent(session, g.market.id, SHOWN)
            if card.state in {"closed", "archived"}
        ]
        settled = queries.by_cycle(session, g.market.id)
        code = request.args.get("cycle", "")
        chosen = next(
            (card for card in recent if card.code == code),
            next((card for card in recent if card.id in settled), None),
        )
        cards = queries.of_cycle(session, chosen.id) if chosen else []
        names = producers.by_ids(session, [card.producer_id for card in cards])
        waiting = {
            card.id: producer_postings.unfinished(session, card.id)
            for card in recent
            if card.id not in settled
        }
        own = settling.rules_of(session, g.market.id)
        session.expunge(own)
    today = clock.now().astimezone(ZoneInfo(g.market.timezone)).date()
    html = render_template(
        "billing/desk_settlements.html",
        cycles=recent,
        settled=settled,
        chosen=chosen,
        cards=cards,
        producers=names,
        waiting=waiting,
        own=own,
        typed=request.form if errors else None,
        errors=errors or {},
        schemas=payouts.SCHEMAS,
        today=today,
    )
    return html, status
