"""The desk shows where the door of a home is, when nobody knew better than the commune."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.infra import clock
from shop.infra.places import communes
from shop.infra.places.geocoding import PinBy
from shop.infra.places.pins import PinRefused, read_pin
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.errors import OrderUnknown
from shop.orders.services import doors
from shop.orders.services.doors import Door, DoorFixed
from shop.orders.views.desk_door import bp, enter


@bp.get("/orders/<number>/pin")
@holds(Role.DESK)
def order_pin(market: str, number: str) -> ResponseReturnValue:
    """The door on a map, to be moved."""
    return _page(market, number)


@bp.post("/orders/<number>/pin")
@holds(Role.DESK)
def move_pin(market: str, number: str) -> ResponseReturnValue:
    """Keep where the door is."""
    try:
        with unit_of_work() as session:
            enter(session, market)
            door = doors.of_order(session, g.market.id, number)
            commune = communes.by_insee(door.commune_insee)
            if commune is None:
                raise OrderUnknown(number=number)
            lon, lat = read_pin(request.form, commune)
            doors.move_pin(session, door.order_id, lon=lon, lat=lat, at=clock.now())
    except PinRefused as refusal:
        return _page(market, number, refusal.code), 422
    except DoorFixed:
        flash(_("This order needs no pin any more."), "info")
    else:
        flash(_("Kept: the truck comes to this place."), "success")
    return redirect(url_for("orders_desk.order", market=market, number=number), code=303)


def _page(market: str, number: str, error: str = "") -> str:
    with reading() as session:
        enter(session, market)
        door: Door = doors.of_order(session, g.market.id, number)
    return render_template(
        "orders/desk_pin.html",
        door=door,
        lon=request.form.get("lon") or door.lon,
        lat=request.form.get("lat") or door.lat,
        is_middle=door.pin_by in (None, PinBy.COMMUNE),
        error=error,
    )
