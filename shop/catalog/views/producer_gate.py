"""A producer shows where the gate of the farm is."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.services import farm_gate
from shop.catalog.views.producer import bp, enter
from shop.infra.places import communes
from shop.infra.places.pins import PinRefused, read_pin
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import NotFound

__all__ = ["bp"]


@bp.get("/<int:producer_id>/gate")
@holds(Role.PRODUCER)
def gate(producer_id: int) -> ResponseReturnValue:
    """The gate on a map, to be moved."""
    return _page(producer_id)


@bp.post("/<int:producer_id>/gate")
@holds(Role.PRODUCER)
def move_gate(producer_id: int) -> ResponseReturnValue:
    """Keep where the gate is."""
    try:
        with unit_of_work() as session:
            enter(session, producer_id)
            commune = communes.by_insee(g.producer.commune_insee)
            if commune is None:
                raise NotFound(producer_id=producer_id)
            lon, lat = read_pin(request.form, commune)
            farm_gate.move_gate(session, producer_id, lon=lon, lat=lat)
    except PinRefused as refusal:
        return _page(producer_id, refusal.code), 422
    flash(_("Kept: the truck comes to this place."), "success")
    return redirect(url_for("producer.gate", producer_id=producer_id), code=303)


def _page(producer_id: int, error: str = "") -> str:
    with reading() as session:
        enter(session, producer_id)
    commune = communes.by_insee(g.producer.commune_insee)
    here = (g.producer.lon, g.producer.lat)
    return render_template(
        "catalog/producer_gate.html",
        lon=request.form.get("lon") or g.producer.lon,
        lat=request.form.get("lat") or g.producer.lat,
        is_middle=commune is not None and here == (commune.lon, commune.lat),
        error=error,
    )
