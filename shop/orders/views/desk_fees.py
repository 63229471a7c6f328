"""The desk's fees: what is in force, what comes, what was; a new rule from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.domain.sheet.values import read_number
from shop.catalog.domain.terms import OptionKind
from shop.infra import clock
from shop.infra.places import communes
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.money import Money
from shop.orders.domain.fee_preview import preview
from shop.orders.domain.fees import Fee, FeeRuleTerms, Zone
from shop.orders.domain.terms import Bearer, FeeKind
from shop.orders.errors import FeeRuleRefused
from shop.orders.queries import fees as fee_rules
from shop.orders.services import fees as service
from shop.orders.views.desk_door import bp, enter

T = TypeVar("T", FeeKind, Bearer, OptionKind)

NOTE_MAX = 200
PERCENT_MAX = Decimal(100)
AMOUNT_MAX = Decimal(1000)
SAMPLE_GOODS = Money(6000)
SAMPLE_CRATES = 2


@dataclass(slots=True)
class Typed:
    """What was typed for a rule, and what is wrong with it, by field."""

    raw: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    terms: FeeRuleTerms | None = None
    valid_from: date | None = None


@bp.get("/fees")
@holds(Role.DESK)
def fees(market: str) -> ResponseReturnValue:
    """Every dated rule, and what those of a day do to a sample order."""
    return _page(market, Typed())


@bp.post("/fees")
@holds(Role.DESK)
def add_fee(market: str) -> ResponseReturnValue:
    """Let a rule hold from a day on."""
    typed = read_rule(request.form)
    if typed.errors or typed.terms is None or typed.valid_from is None:
        return _page(market, typed, 422)
    try:
        with unit_of_work() as session:
            by = enter(session, market)
            service.add(
                session,
                g.market.id,
                typed.terms,
                valid_from=typed.valid_from,
                today=_today(),
                note=typed.raw.get("note"),
                by=by,
            )
    except FeeRuleRefused as refusal:
        typed.errors["valid_from"] = (
            _("Choose a day after today: what was in force is never changed.")
            if refusal.facts["reason"] == "past"
            else _("A rule like this one already begins that day or later: take it back first.")
        )
        return _page(market, typed, 409)
    flash(_("The fee holds from %(day)s on.", day=f"{typed.valid_from:%d/%m/%Y}"), "success")
    return redirect(url_for("orders_desk.fees", market=market), code=303)


@bp.post("/fees/<int:rule_id>/withdraw")
@holds(Role.DESK)
def withdraw_fee(market: str, rule_id: int) -> ResponseReturnValue:
    """Take back a rule that has not begun."""
    try:
        with unit_of_work() as session:
            enter(session, market)
            service.withdraw(session, g.market.id, rule_id, today=_today())
        flash(_("The coming rule is taken back."), "success")
    except FeeRuleRefused:
        flash(_("This rule has begun: add one that ends it."), "error")
    return redirect(url_for("orders_desk.fees", market=market), code=303)


def read_rule(form: Mapping[str, str]) -> Typed:
    """A rule as it was typed: percentages and amounts with a comma or a point."""
    typed = Typed(raw={name: value.strip() for name, value in form.items()})
    percent_bp = _number(typed, "percent", PERCENT_MAX)
    order_cents = _number(typed, "per_order", AMOUNT_MAX)
    crate_cents = _number(typed, "per_crate", AMOUNT_MAX)
    tax_bp = _number(typed, "tax", PERCENT_MAX)
    kind = _choice(typed, "kind", FeeKind)
    bearer = _choice(typed, "bearer", Bearer)
    option = _choice(typed, "option_kind", OptionKind) if typed.raw.get("option_kind") else None
    insee = typed.raw.get("commune_insee", "").upper() or None
    if insee and communes.by_insee(insee) is None:
        typed.errors["commune_insee"] = _("There is no commune with that INSEE code.")
    try:
        typed.valid_from = date.fromisoformat(typed.raw.get("valid_from", ""))
    except ValueError:
        typed.errors["valid_from"] = _("Please give a day.")
    if len(typed.raw.get("note", "")) > NOTE_MAX:
        typed.errors["note"] = _("At most %(number)s characters, please.", number=NOTE_MAX)
    if not typed.errors and kind is not None and bearer is not None:
        fee = Fee(kind, percent_bp, Money(order_cents), Money(crate_cents), tax_bp)
        typed.terms = FeeRuleTerms(fee, bearer, option, insee)
    return typed


def _number(typed: Typed, name: str, highest: Decimal) -> int:
    """Hundredths of what was typed; zero when nothing was."""
    text = typed.raw.get(name, "").replace("€", "").replace("%", "").strip()
    if not text:
        return 0
    value = read_number(text)
    if value is None or value < 0 or value > highest or value * 100 != int(value * 100):
        typed.errors[name] = _("Please give a number with two decimals at most.")
        return 0
    return int(value * 100)


def _choice(typed: Typed, name: str, kind: type[T]) -> T | None:
    try:
        return kind(typed.raw.get(name, ""))
    except ValueError:
        typed.errors[name] = _("Please choose one.")
        return None


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(g.market.timezone)).date()


def _page(market: str, typed: Typed, status: int = 200) -> ResponseReturnValue:
    with reading() as session:
        enter(session, market)
        rules = fee_rules.all_rules(session, g.market.id)
    today = _today()
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        day = today
    zone = Zone(_option(request.args.get("option_kind")), request.args.get("commune_insee") or None)
    goods = read_number(request.args.get("goods", "")) or Decimal(0)
    sample = Money(int(goods * 100)) if 0 < goods < 100_000 else SAMPLE_GOODS
    crates = min(max(request.args.get("crates", SAMPLE_CRATES, type=int), 0), 100)
    in_force = [rule for rule in rules if rule.holds_on(day)]
    html = render_template(
        "orders/desk_fees.html",
        rules=rules,
        communes=communes.by_insee,
        typed=typed,
        today=today,
        tomorrow=today + timedelta(days=1),
        day=day,
        zone=zone,
        preview=preview([rule.terms for rule in in_force], zone, sample, crates),
        kinds=list(FeeKind),
        bearers=list(Bearer),
        option_kinds=list(OptionKind),
    )
    return html, status


def _option(text: str | None) -> OptionKind:
    try:
        return OptionKind(text or "")
    except ValueError:
        return OptionKind.RELAY
