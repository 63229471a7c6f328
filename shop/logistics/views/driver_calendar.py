"""What a driver takes along: the rounds in their calendar, one round in a navigation app."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.catalog.queries import cycles, markets
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.queries import driver_rounds, fleet
from shop.logistics.services import calendar_feeds
from shop.logistics.views import leaving
from shop.logistics.views.driver import bp, round_of_mine
from shop.web.calendars import calendar_file

__all__ = ["bp"]

SHOWN_BACK = timedelta(days=30)
_FRESH = "calendar_secret"


@bp.get("/rounds/<int:round_id>/round.gpx")
@holds(Role.DRIVER)
def gpx(round_id: int) -> ResponseReturnValue:
    """The round as a file for a navigation app."""
    with reading() as opened:
        card = round_of_mine(opened, round_id)
        hub = fleet.hub(opened, g.market.id, card.hub_id)
    return leaving.gpx_file(card, hub, made_at=clock.now())


@bp.get("/calendar")
@holds(Role.DRIVER)
def calendar() -> ResponseReturnValue:
    """Whether the driver has an address; right after it was made, the address itself."""
    with reading() as opened:
        made_at = calendar_feeds.made_at(opened, signed_in_identity().person_id)
    secret = session.pop(_FRESH, None)
    url = url_for("driver.calendar_feed", secret=secret, _external=True) if secret else ""
    return render_template("logistics/driver_calendar.html", made_at=made_at, url=url)


@bp.post("/calendar")
@holds(Role.DRIVER)
def make_calendar() -> ResponseReturnValue:
    """Make a new address, or take the old one back."""
    person_id, now = signed_in_identity().person_id, clock.now()
    with unit_of_work() as opened:
        if request.form.get("do") == "revoke":
            calendar_feeds.revoke(opened, person_id, at=now)
            secret = None
        else:
            secret = calendar_feeds.make(opened, person_id, at=now)
    if secret is None:
        flash(_("The address opens nothing any more."), "success")
    else:
        session[_FRESH] = secret
    return redirect(url_for("driver.calendar"), code=303)


@bp.get("/calendar/<secret>.ics")
def calendar_feed(secret: str) -> ResponseReturnValue:
    """The rounds of whoever the address belongs to; for anybody else there is nothing."""
    now = clock.now()
    with reading() as opened:
        person_id = calendar_feeds.owner(opened, secret)
        if person_id is None:
            abort(404)
        cards = driver_rounds.ahead(opened, person_id, since=now - SHOWN_BACK)
        places = {
            card.cycle_id: markets.by_id(opened, cycles.by_id(opened, card.cycle_id).market_id)
            for card in cards
        }
        hubs = {card.id: fleet.hub(opened, places[card.cycle_id].id, card.hub_id) for card in cards}
    made = [leaving.appointment(card, hubs[card.id]) for card in cards]
    return calendar_file(made, _("My rounds"), made_at=now)
