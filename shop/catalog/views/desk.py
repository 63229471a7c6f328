"""The desk of a market: its cycles, and what each of them offers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from shop.accounts.access import holds, signed_in_identity
from shop.accounts.domain.roles import Identity, Role
from shop.accounts.queries.identity import names
from shop.catalog.doors import enter_desk
from shop.catalog.errors import AllotmentBelowPromised, CycleOver
from shop.catalog.queries import cycles, delivery, markets, producers
from shop.catalog.queries import desk as queries
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.services import cycles as cycle_services
from shop.catalog.services import delivery_slots
from shop.catalog.services import offers as offer_services
from shop.catalog.services.cycles import CycleDates
from shop.catalog.services.offers import OfferChange
from shop.catalog.views.fields import MarketMoment, amount_typed, cents_typed
from shop.catalog.views.forms import CycleForm
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.kernel.lifecycle import IllegalTransition
from shop.kernel.quantity import Quantity
from shop.web.formats import quantity

bp = Blueprint("desk", __name__, url_prefix="/desk", template_folder="../templates")


def enter(session: Session, slug: str) -> Identity:
    """Let in whoever works at the desk of this market; the frame of the page is the desk's."""
    who = enter_desk(session, slug)
    g.now = clock.now()
    return who


@bp.app_template_filter("cycle_state")
def cycle_state(card: CycleCard) -> tuple[str, str]:
    """State of a cycle in words, and the kind of its badge."""
    if card.state == "open" and not card.is_open_at(g.now):
        return (_("Opening soon"), "info") if g.now < card.opens_at else (_("Closing"), "look")
    states = {
        "draft": (_("In preparation"), "info"),
        "open": (_("Open"), "good"),
        "closed": (_("Closed"), ""),
        "archived": (_("Archived"), ""),
    }
    return states[card.state]


@bp.get("/")
@holds(Role.DESK)
def home() -> ResponseReturnValue:
    """Choose a market, or go to the only one."""
    places = signed_in_identity().places(Role.DESK)
    with reading() as session:
        found = [card for card in markets.all_markets(session) if card.id in places]
    if len(found) == 1:
        return redirect(url_for("today.page", market=found[0].slug))
    return render_template("catalog/desk_home.html", markets=found)


@bp.route("/<market>/cycles", methods=["GET", "POST"], endpoint="cycles")
@holds(Role.DESK)
def cycles_page(market: str) -> ResponseReturnValue:
    """Every cycle, and a form for the next one."""
    with reading() as session:
        enter(session, market)
        recent = cycles.recent(session, g.market.id, 40)
        counts = queries.offer_counts(session, g.market.id)
    form = CycleForm(data=_next_cycle(recent, g.now))
    in_zone(form)
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                enter(session, market)
                cycle_id = _draft(session, form)
                _prepare(session, form, cycle_id, recent)
        except InvalidInput as refusal:
            refuse_at_field(form, refusal)
        else:
            flash(_("The cycle is prepared. It opens by itself at its hour."), "good")
            target = url_for("desk.cycle", market=market, code=form.code.data)
            return redirect(target, code=303)
    page = render_template("catalog/desk_cycles.html", cycles=recent, counts=counts, form=form)
    return page, 422 if form.errors else 200


@bp.get("/<market>/cycles/<code>")
@holds(Role.DESK)
def cycle(market: str, code: str) -> ResponseReturnValue:
    """One cycle: its dates, what happened to it, what it offers and how it delivers."""
    with reading() as session:
        enter(session, market)
        card = cycles.by_code(session, g.market.id, code)
        figures = queries.figures(session, card.id)
        history = queries.history(session, card.id)
        people = names(session, [each.by_person_id for each in history if each.by_person_id])
        makers = queries.producers_in(session, g.market.id, card.id)
        slots = delivery.slots(session, card.id)
    return render_template(
        "catalog/desk_cycle.html",
        cycle=card,
        figures=figures,
        history=history,
        people=people,
        makers=makers,
        slots=slots,
    )


@bp.post("/<market>/cycles/<code>/open")
@holds(Role.DESK)
def open_cycle(market: str, code: str) -> ResponseReturnValue:
    """Open now, before the hour."""
    try:
        with unit_of_work() as session:
            who = enter(session, market)
            card = cycles.by_code(session, g.market.id, code)
            if card.closes_at <= g.now:
                flash(_("Its closing hour is past: it can no longer open."), "bad")
                return _to_cycle(market, code)
            cycle_services.open_cycle(session, card.id, at=g.now, by=who.person_id)
    except IllegalTransition:
        flash(_("This cycle is open or closed already."), "look")
    else:
        flash(_("The sale is open: customers can order."), "good")
    return _to_cycle(market, code)


@bp.post("/<market>/cycles/<code>/close")
@holds(Role.DESK)
def close_cycle(market: str, code: str) -> ResponseReturnValue:
    """Close now, saying why; purchase orders go out."""
    reason = request.form.get("reason", "").strip()[:300]
    try:
        with unit_of_work() as session:
            who = enter(session, market)
            card = cycles.by_code(session, g.market.id, code)
            if not reason:
                flash(_("Say why the sale ends before its hour: the reason is kept."), "bad")
                return _to_cycle(market, code)
            cycle_services.close_cycle(session, card.id, at=g.now, by=who.person_id, reason=reason)
    except IllegalTransition:
        flash(_("This cycle is not open."), "look")
    else:
        flash(_("The sale is closed. Purchase orders are on their way to the producers."), "good")
    return _to_cycle(market, code)


@bp.get("/<market>/cycles/<code>/offers")
@holds(Role.DESK)
def offers(market: str, code: str) -> ResponseReturnValue:
    """The grid of what a cycle offers, to be changed row by row."""
    return _grid(market, code)


@bp.post("/<market>/cycles/<code>/offers")
@holds(Role.DESK)
def save_offers(market: str, code: str) -> ResponseReturnValue:
    """Set prices and allotments of the rows on the page, all or none."""
    errors: dict[str, str] = {}
    changed = 0
    try:
        with unit_of_work() as session:
            enter(session, market)
            card = cycles.by_code(session, g.market.id, code)
            rows = queries.grid(session, card.id, **_asked()).rows
            changes = _typed_changes(rows, errors)
            if not errors:
                changed = offer_services.revise(session, card.id, changes)
    except AllotmentBelowPromised as refusal:
        row = next(each for each in rows if each.id == refusal.facts["offer_id"])
        promised = quantity(Quantity(refusal.facts["promised"], row.unit))
        errors[f"allotted-{row.id}"] = _(
            "%(amount)s is ordered or in baskets already: not less.", amount=promised
        )
    except CycleOver:
        flash(_("This sale is closed: what it offered can no longer change."), "bad")
        return redirect(_grid_url(market, code), code=303)
    if errors:
        return _grid(market, code, errors), 422
    text = ngettext("%(num)s offer changed.", "%(num)s offers changed.", changed)
    flash(text if changed else _("Nothing was different."), "good" if changed else "info")
    return redirect(_grid_url(market, code), code=303)


@bp.post("/<market>/cycles/<code>/offers/add")
@holds(Role.DESK)
def add_offers(market: str, code: str) -> ResponseReturnValue:
    """Add offers in bulk: last cycle's, or the usual ones of one producer or of all."""
    producer_id = request.form.get("producer_id", type=int)
    try:
        with unit_of_work() as session:
            enter(session, market)
            card = cycles.by_code(session, g.market.id, code)
            if request.form.get("what") == "last":
                added = offer_services.repeat_last(session, card.id)
            else:
                only = None if producer_id is None else [producer_id]
                added = offer_services.publish_usual(session, card.id, producer_ids=only)
    except CycleOver:
        flash(_("This sale is closed: what it offered can no longer change."), "bad")
        return _to_cycle(market, code)
    text = ngettext("%(num)s offer added.", "%(num)s offers added.", added)
    nothing = _("Nothing to add: what could be offered is offered already.")
    flash(text if added else nothing, "good" if added else "info")
    target = url_for("desk.offers", market=market, code=code, producer=producer_id)
    return redirect(target, code=303)


@bp.post("/<market>/cycles/<code>/offers/<int:offer_id>/withdraw")
@holds(Role.DESK)
def withdraw_offer(market: str, code: str, offer_id: int) -> ResponseReturnValue:
    """Take an offer off the shelf, or put it back."""
    try:
        with unit_of_work() as session:
            enter(session, market)
            card = cycles.by_code(session, g.market.id, code)
            if request.form.get("back"):
                offer_services.put_back(session, card.id, offer_id)
                text = _("The product is on the shelf again.")
            else:
                offer_services.withdraw(session, card.id, offer_id, at=g.now)
                text = _("The product is off the shelf. What was ordered stays ordered.")
    except CycleOver:
        flash(_("This sale is closed: what it offered can no longer change."), "bad")
    else:
        flash(text, "good")
    return redirect(_grid_url(market, code), code=303)


def _grid(market: str, code: str, errors: dict[str, str] | None = None) -> str:
    asked = _asked()
    with reading() as session:
        enter(session, market)
        card = cycles.by_code(session, g.market.id, code)
        found = queries.grid(session, card.id, **asked)
        figures = queries.figures(session, card.id)
        makers = producers.of_market(session, g.market.id)
    return render_template(
        "catalog/desk_offers.html",
        cycle=card,
        found=found,
        figures=figures,
        makers=makers,
        asked=asked,
        errors=errors or {},
        typed=request.form,
    )


def _asked() -> dict[str, Any]:
    """Which part of the grid the address asks for."""
    return {
        "producer_id": request.args.get("producer", type=int),
        "words": request.args.get("q", "").strip()[:100],
        "show": request.args.get("show", ""),
        "page": min(max(1, request.args.get("page", 1, type=int)), 10_000),
    }


def _grid_url(market: str, code: str) -> str:
    kept: dict[str, Any] = {
        name: request.args.get(name) or None for name in ("producer", "q", "show", "page")
    }
    return url_for("desk.offers", market=market, code=code, **kept)


def _typed_changes(rows: list[queries.GridRow], errors: dict[str, str]) -> dict[int, OfferChange]:
    changes: dict[int, OfferChange] = {}
    for row in rows:
        price, allotted = f"price-{row.id}", f"allotted-{row.id}"
        if price not in request.form:
            continue
        try:
            cents = cents_typed(request.form[price])
        except ValueError as error:
            errors[price] = str(error)
        try:
            amount = amount_typed(request.form.get(allotted, ""), row.unit)
        except ValueError as error:
            errors[allotted] = str(error)
        if price not in errors and allotted not in errors:
            changes[row.id] = OfferChange(cents, amount or 0)
    return changes


def _draft(session: Session, form: CycleForm) -> int:
    return cycle_services.draft(
        session,
        g.market.id,
        code=form.code.data,
        name=form.name.data,
        dates=CycleDates(
            opens_at=form.opens_at.data,
            closes_at=form.closes_at.data,
            answers_by=form.answers_by.data,
            collects_on=form.collects_on.data,
            delivers_on=form.delivers_on.data,
        ),
    )


def _prepare(session: Session, form: CycleForm, cycle_id: int, recent: list[CycleCard]) -> None:
    """Fill a new cycle from the last one, as far as that was asked."""
    if form.repeat.data:
        offer_services.repeat_last(session, cycle_id)
    if form.slots.data and recent:
        delivery_slots.repeat_slots(
            session, g.market.id, cycle_id, recent[0].id, ZoneInfo(g.market.timezone)
        )


def in_zone(form: Any) -> None:
    """Let the moments of a form be those of the market's zone."""
    for field in form:
        if isinstance(field, MarketMoment):
            field.zone = ZoneInfo(g.market.timezone)


def _next_cycle(recent: list[CycleCard], now: datetime) -> dict[str, Any]:
    """Dates for the next cycle: a week after the last one."""
    if not recent:
        return {}
    last = recent[0]
    weeks = timedelta(weeks=1)
    while last.opens_at + weeks < now:
        weeks += timedelta(weeks=1)
    delivers_on = last.delivers_on + weeks
    year, week, _day = delivers_on.isocalendar()
    zone = ZoneInfo(g.market.timezone)

    def later(at: datetime) -> datetime:
        return at.astimezone(zone) + weeks

    return {
        "code": f"{year}-{week:02d}",
        "name": _("Week %(number)s", number=week),
        "opens_at": later(last.opens_at),
        "closes_at": later(last.closes_at),
        "answers_by": later(last.answers_by),
        "collects_on": last.collects_on + weeks,
        "delivers_on": delivers_on,
        "repeat": True,
        "slots": True,
    }


def refuse_at_field(form: Any, refusal: InvalidInput) -> None:
    """Say what is wrong with the dates of a cycle at the field that it is about."""
    sentences = {
        "taken": _("Another cycle of this market has this code."),
        "before_opening": _("It must close after it opens."),
        "before_closing": _("This must come after the closing."),
        "before_collection": _("This must not come before the collection."),
    }
    field = form[refusal.facts["field"]]
    field.errors = [sentences.get(refusal.facts.get("reason", ""), _("This cannot be used."))]


def _to_cycle(market: str, code: str) -> ResponseReturnValue:
    return redirect(url_for("desk.cycle", market=market, code=code), code=303)
