"""What somebody has taken by hand, on their own: today's entries, and the closing of the day."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import signed_in, signed_in_identity
from shop.billing.domain.journal import Period
from shop.billing.queries import till as read
from shop.billing.queries.till import TillCard
from shop.billing.services import till as service
from shop.billing.services.taking import cents_of
from shop.catalog.queries import markets
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.money import Money

bp = Blueprint("my_till", __name__, url_prefix="/till", template_folder="../templates")


@bp.get("/")
@signed_in
def page() -> ResponseReturnValue:
    """What whoever asks has taken today, market by market."""
    return _page()


@bp.post("/<market>/close")
@signed_in
def close(market: str) -> ResponseReturnValue:
    """The person has counted the cash of the day and hands it in."""
    counted = cents_of(request.form.get("counted", ""))
    if counted is None or counted < 0:
        return _page(market, _("Please type the cash that you counted.")), 422
    me = signed_in_identity().person_id
    with unit_of_work() as session:
        card = markets.by_slug(session, market)
        mine = read.by_code(session, card.id, service.code_of(me))
        service.close(
            session,
            mine,
            Period.DAY,
            _today(card.timezone),
            at=clock.now(),
            by=me,
            counted=Money(counted),
            note=request.form.get("note", "")[:200],
        )
    flash(_("The day is closed: nothing is added to it any more."), "success")
    return redirect(url_for("my_till.page"), code=303)


def _page(wrong: str = "", error: str = "") -> str:
    with reading() as session:
        days = [
            (card, read.day(session, till, _today(card.timezone)))
            for card in markets.all_markets(session)
            if (till := _mine(session, card.id)) is not None
        ]
    return render_template(
        "billing/my_till.html", days=days, wrong=wrong, error=error, typed=request.form
    )


def _mine(session: Session, market_id: int) -> TillCard | None:
    code = service.code_of(signed_in_identity().person_id)
    return next((each for each in read.tills(session, market_id) if each.code == code), None)


def _today(zone: str) -> date:
    return clock.now().astimezone(ZoneInfo(zone)).date()
