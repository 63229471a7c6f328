"""Rounds that leave the site: as a calendar, and as a file for navigation."""

from __future__ import annotations

from datetime import datetime

from flask import Response, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from shop.kernel.calendar import Appointment
from shop.logistics.domain import gpx
from shop.logistics.domain.gpx import Way, Waypoint
from shop.logistics.domain.terms import StopKind
from shop.logistics.queries.fleet import HubCard
from shop.logistics.queries.rounds import RoundCard, StopCard
from shop.logistics.views import words
from shop.web import formats
from shop.web.files import own_file


def gpx_file(card: RoundCard, hub: HubCard | None, *, made_at: datetime) -> Response:
    """A round from the hub through its stops and back, to be opened in a navigation app."""
    points = [_waypoint(stop) for stop in card.stops]
    if hub is not None:
        start = Waypoint(hub.lon, hub.lat, hub.name, card.starts_at, hub.address, "hub")
        end = Waypoint(hub.lon, hub.lat, hub.name, card.ends_at, hub.address, "hub")
        points = [start, *points, end]
    text = _(
        "%(vehicle)s %(plate)s, %(stops)s stops",
        vehicle=card.vehicle,
        plate=card.plate,
        stops=len(card.stops),
    )
    name = _("Round %(name)s", name=card.name)
    content = gpx.write(Way(name, text, points), made_at=made_at)
    return own_file(content, gpx.MEDIA_TYPE, f"round-{card.number}.gpx")


def appointment(card: RoundCard, hub: HubCard | None) -> Appointment:
    """A round in a calendar: from leaving the hub to being back."""
    calls = [stop for stop in card.stops if stop.kind is not StopKind.HUB]
    return Appointment(
        uid=f"round-{card.id}@carriole",
        starts_at=card.starts_at,
        ends_at=card.ends_at,
        title=_("Round %(name)s", name=card.name),
        place="" if hub is None else f"{hub.name}, {hub.address}, {hub.postcode} {hub.commune}",
        point=None if hub is None else (hub.lon, hub.lat),
        text="\n".join(
            [
                f"{card.vehicle} · {card.plate} · {formats.distance(card.distance_m)}",
                *(
                    f"{stop.position}. {formats.clock_time(stop.arrives_at)} {stop.name}"
                    for stop in calls
                ),
            ]
        ),
        url=url_for("driver.round", round_id=card.id, _external=True),
    )


def _waypoint(stop: StopCard) -> Waypoint:
    parts = [words.stop_kind(stop.kind), stop.address, formats.clock_time(stop.arrives_at)]
    if stop.crates:
        parts.append(ngettext("%(num)s crate", "%(num)s crates", len(stop.crates)))
    name = f"{stop.position} · {stop.name}"
    return Waypoint(stop.lon, stop.lat, name, stop.arrives_at, " · ".join(parts), stop.kind.value)
