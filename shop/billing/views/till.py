"""The till: the journal of a day, money taken at the desk or at a pick-up point, closings."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import demand, holds, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.billing.domain import archive
from shop.billing.domain.journal import Period
from shop.billing.errors import CounterRefused, DayClosed, TakingRefused, TillUnknown
from shop.billing.queries import till as read
from shop.billing.queries.till import TillCard
from shop.billing.services import taking, till_paper
from shop.billing.services import till as service
from shop.billing.services.taking import REFUSALS, cents_of
from shop.billing.services.till import Who
from shop.billing.views.settling_door import desk, enter
from shop.catalog.domain.terms import SpotWay
from shop.catalog.queries import delivery, markets
from shop.catalog.services import spot_ways
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.printing import Printer
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import ShopError
from shop.kernel.money import Money
from shop.orders.domain.tenders import RuleName
from shop.orders.errors import OrderUnknown
from shop.orders.queries import handing
from shop.orders.queries import tenders as paying
from shop.web.files import own_file
from shop.web.locale import chosen_language


@desk.get("/till")
@holds(Role.DESK)
def till_page(market: str) -> ResponseReturnValue:
    """The journal of a day of one till, with the way to take money and to close the day."""
    return _page(market)


@desk.post("/till/<code>/take")
@holds(Role.DESK)
def till_take(market: str, code: str) -> ResponseReturnValue:
    """Take money for an order at the desk, in any way."""
    try:
        with unit_of_work() as session:
            enter(session, market)
            number = request.form.get("order", "").strip().upper()
            order_id = handing.by_number(session, g.market.id, number)
            card = _till(session, code)
            new = service.take(
                session,
                card,
                taking.read(request.form, order_id, payee=g.market.name),
                _who(),
                any_way=True,
            )
    except REFUSALS as refusal:
        return _page(market, code=code, error=words_of(refusal)), 422
    _told(new=new)
    return _back(market, code)


@desk.post("/till/<code>/counter")
@holds(Role.DESK)
def till_counter(market: str, code: str) -> ResponseReturnValue:
    """Take an entry back, with its reason."""
    try:
        with unit_of_work() as session:
            enter(session, market)
            service.counter(
                session,
                _till(session, code),
                request.form.get("sequence", 0, type=int),
                request.form.get("reason", ""),
                _who(),
                key=taking.key_of(request.form),
            )
    except (TakingRefused, CounterRefused, DayClosed) as refusal:
        return _page(market, code=code, error=words_of(refusal)), 422
    flash(_("A counter-entry was added; the first entry stays readable."), "success")
    return _back(market, code)


@desk.post("/till/<code>/close")
@holds(Role.DESK)
def till_close(market: str, code: str) -> ResponseReturnValue:
    """Close the day with the cash that was counted."""
    counted = cents_of(request.form.get("counted", ""))
    if counted is None or counted < 0:
        return _page(market, code=code, error=_("Please type the cash that you counted.")), 422
    with unit_of_work() as session:
        enter(session, market)
        service.close(
            session,
            _till(session, code),
            Period.DAY,
            _day(),
            at=clock.now(),
            by=signed_in_identity().person_id,
            counted=Money(counted),
            note=request.form.get("note", ""),
        )
    flash(_("The day is closed: nothing is added to it any more."), "success")
    return _back(market, code)


@desk.get("/till/<code>/archive.zip")
@holds(Role.DESK)
def till_archive(market: str, code: str) -> ResponseReturnValue:
    """The whole journal of a till, sealed and signed, for whoever inspects it."""
    with reading() as session:
        enter(session, market)
        card = read.by_code(session, g.market.id, code)
        entries, closings = read.entries_of(session, card), read.closings_of(session, card)
        today = _today()
        years = paying.rules(session, today).get(RuleName.JOURNAL_YEARS, 6)
    packed = archive.pack(
        f"{g.market.id}/{card.code}",
        entries,
        closings,
        kept_until=date(today.year + years, 12, 31),
        key=archive.key_of(current_app.config["SECRET_KEY"]),
    )
    return own_file(packed, "application/zip", f"{market}-{code}-{today:%Y-%m-%d}.zip")


@desk.get("/till/<code>/<period>/<label>.pdf")
@holds(Role.DESK)
def till_journal(market: str, code: str, period: str, label: str) -> ResponseReturnValue:
    """The journal of a day, a month or a year on paper, with its closing."""
    if period not in set(Period):
        raise TillUnknown(period=period)
    with reading() as session:
        enter(session, market)
        data = till_paper.to_print(
            session,
            read.by_code(session, g.market.id, code),
            Period(period),
            label,
            language=chosen_language(),
            printed_at=clock.now(),
            _=_,
        )
    pdf = port(Printer).print(till_paper.DOCUMENT, data)
    return own_file(pdf, "application/pdf", f"{market}-{code}-{label}.pdf", shown=True)


@desk.post("/till/ways")
@holds(Role.DESK)
def till_ways(market: str) -> ResponseReturnValue:
    """Say how customers may pay on the spot with each delivery option."""
    with unit_of_work() as session:
        enter(session, market)
        for option in delivery.options(session, g.market.id):
            given = request.form.getlist(f"ways-{option.id}")
            spot_ways.accept(session, option.id, [way for way in SpotWay if way.value in given])
    flash(_("Saved."), "success")
    return redirect(url_for("desk_billing.till_page", market=market), code=303)


@desk.post("/till/point/<int:pickup_point_id>/orders/<int:order_id>")
@holds(Role.RELAY_HOST)
def till_at_point(market: str, pickup_point_id: int, order_id: int) -> ResponseReturnValue:
    """The host of a pick-up point takes money for an order that comes there."""
    demand(Role.RELAY_HOST, pickup_point_id)
    try:
        with unit_of_work() as session:
            g.market = markets.by_slug(session, market)
            point = delivery.pickup_by_ids(session, [pickup_point_id])[pickup_point_id]
            order = handing.by_ids(session, [order_id]).get(order_id)
            if order is None or order.pickup_point_id != pickup_point_id:
                raise OrderUnknown(order_id=order_id)
            if point.market_id != g.market.id:
                raise OrderUnknown(order_id=order_id)
            code = f"point-{pickup_point_id}"
            card = service.open_till(session, g.market.id, code, point.name)
            new = service.take(
                session, card, taking.read(request.form, order_id, payee=g.market.name), _who()
            )
    except REFUSALS as refusal:
        flash(words_of(refusal), "error")
    else:
        _told(new=new)
    where = url_for(
        "relay.point", pickup_point_id=pickup_point_id, cycle=request.form.get("cycle") or None
    )
    return redirect(where, code=303)


def words_of(refusal: ShopError) -> str:
    """Why money cannot be taken so, in words."""
    return taking.words_of(refusal, _, chosen_language())


def _page(market: str, *, code: str = "", error: str = "") -> str:
    with unit_of_work() as session:
        enter(session, market)
        _till(session, "desk")
        tills = read.tills(session, g.market.id)
        wanted = code or request.args.get("till", "desk")
        card = next((each for each in tills if each.code == wanted), tills[0])
        day = _day()
        shown = read.day(session, card, day)
        facts = {
            "day": shown,
            "tills": tills,
            "closings": read.closings(session, card, 30),
            "broken": read.check(session, card),
            "options": delivery.options(session, g.market.id),
        }
    return render_template(
        "billing/desk_till.html",
        before=day - timedelta(days=1),
        after=day + timedelta(days=1) if day < _today() else None,
        today=_today(),
        ways=list(SpotWay),
        language=chosen_language(),
        key=request.form.get("key") if error else str(uuid.uuid4()),
        typed=request.form if error else {},
        error=error,
        way_name=way_name,
        **facts,
    )


def way_name(way: SpotWay) -> str:
    """A way of paying on the spot, in words."""
    names: dict[SpotWay, str] = {
        SpotWay.CASH: _("Cash"),
        SpotWay.CHEQUE: _("Cheque"),
        SpotWay.MEAL_PAPER: _("Meal voucher (paper)"),
        SpotWay.MEAL_CARD: _("Meal voucher (card)"),
    }
    return names[way]


desk.app_template_filter("spot_way")(way_name)


def _till(session: Session, code: str) -> TillCard:
    if code == "desk":
        return service.open_till(session, g.market.id, "desk", _("Desk"))
    return read.by_code(session, g.market.id, code)


def _who() -> Who:
    who = signed_in_identity()
    return Who(who.person_id, who.name, clock.now(), _today())


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(g.market.timezone)).date()


def _day() -> date:
    try:
        return date.fromisoformat(request.values.get("day", ""))
    except ValueError:
        return _today()


def _told(*, new: bool) -> None:
    if new:
        flash(_("Taken and written in the journal."), "success")
    else:
        flash(_("This payment was taken before."), "info")


def _back(market: str, code: str) -> ResponseReturnValue:
    where = url_for("desk_billing.till_page", market=market, till=code)
    return redirect(where, code=303)
