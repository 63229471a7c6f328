"""The desk's money: does the ledger prove itself, what was taken today, what waits for a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.ports import ColumnOut, SheetOut
from shop.infra import clock, outbox
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.money import Money
from shop.orders.queries import accounts, disputes
from shop.orders.queries import money as books
from shop.orders.views import desk_words
from shop.orders.views.answering import workbook
from shop.orders.views.desk_door import bp, enter


@bp.get("/money")
@holds(Role.DESK)
def money(market: str) -> ResponseReturnValue:
    """Proofs of the ledger, balances, captures of a day, unpaid deliveries, messages given up."""
    with reading() as session:
        enter(session, market)
        zone = ZoneInfo(g.market.timezone)
        day = _day(request.args.get("day"), zone)
        since, until = _bounds(day, zone)
        taken = books.captures(session, g.market.id, since, until)
        last = books.last_capture_at(session, g.market.id)
        facts = {
            "proofs": accounts.prove(session),
            "balances": books.balances(session, g.market.id),
            "disputes": disputes.of_market(session, g.market.id),
            "unpaid": books.unpaid(session, g.market.id),
            "waiting_captures": books.waiting_captures(session, g.market.id),
            "noted_calls": books.noted_calls(session, g.market.id),
            "given_up": books.given_up(session),
            "waiting": outbox.waiting(session)["waiting"],
        }
    return render_template(
        "orders/desk_money.html",
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1) if until <= clock.now() else None,
        last=last.astimezone(zone).date() if last else None,
        captures=taken,
        taken=Money.total(capture.amount for capture in taken),
        **facts,
    )


@bp.get("/money/captures.xlsx")
@holds(Role.DESK)
def captures_file(market: str) -> ResponseReturnValue:
    """What was taken on a day, as a spreadsheet."""
    with reading() as session:
        enter(session, market)
        zone = ZoneInfo(g.market.timezone)
        day = _day(request.args.get("day"), zone)
        taken = books.captures(session, g.market.id, *_bounds(day, zone))
    sheet = SheetOut(
        name=_("Captures"),
        columns=(
            ColumnOut(_("Order")),
            ColumnOut(_("Name"), 28),
            ColumnOut(_("At"), 17),
            ColumnOut(_("Payment"), 28),
            ColumnOut(_("Charged"), totaled=True),
            ColumnOut(_("Agreed at most"), totaled=True),
            ColumnOut(_("At the provider"), 30),
        ),
        rows=[
            (
                capture.number,
                capture.contact_name,
                capture.at.astimezone(zone),
                desk_words.payment_kind(capture.kind),
                capture.amount,
                capture.ceiling,
                capture.provider_ref,
            )
            for capture in taken
        ],
    )
    return workbook([sheet], f"{market}-captures-{day:%Y-%m-%d}")


@bp.post("/money/replay")
@holds(Role.DESK)
def replay(market: str) -> ResponseReturnValue:
    """Give a message that was given up another chance."""
    with unit_of_work() as session:
        enter(session, market)
        known = {message.id for message in books.given_up(session)}
        wanted = known & set(request.form.getlist("message", type=int))
        tried = outbox.replay(session, sorted(wanted)) if wanted else 0
    if tried:
        flash(_("It is tried again now."), "success")
    return redirect(url_for("orders_desk.money", market=market), code=303)


def _day(text: str | None, zone: ZoneInfo) -> date:
    """The day asked for, else today in the market's zone."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return clock.now().astimezone(zone).date()


def _bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From midnight to midnight, as instants."""
    since = datetime.combine(day, time(), tzinfo=zone)
    until = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return since.astimezone(UTC), until.astimezone(UTC)
