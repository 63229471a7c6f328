"""What a map draws when there are no tiles: the communes around, as dots with names."""

from __future__ import annotations

import re

from flask import Flask, Response, abort, jsonify, request

from shop.infra.places import communes

WIDEST_DEGREES = 4.0
DAY_S = 24 * 3600

_ARRONDISSEMENT = re.compile(r" \d+er?e? arrondissement$", re.IGNORECASE)


def outlines() -> Response:
    """Communes inside ``box=west,south,east,north`` (degrees): name, lon, lat, population.

    The name is empty when it stands at another dot already.
    """
    try:
        west, south, east, north = (float(part) for part in request.args["box"].split(","))
    except ValueError:
        abort(400)
    if not (0 < east - west <= WIDEST_DEGREES and 0 < north - south <= WIDEST_DEGREES):
        abort(400)
    named: set[str] = set()
    found = []
    for place in communes.within(west, south, east, north):
        # A city is written once, not once per arrondissement.
        name = _ARRONDISSEMENT.sub("", place.name)
        found.append(["" if name in named else name, place.lon, place.lat, place.population])
        named.add(name)
    response = jsonify(found)
    response.cache_control.public = True
    response.cache_control.max_age = DAY_S
    return response


def register(app: Flask) -> None:
    """Give ``app`` the address that maps ask for their outlines."""
    app.add_url_rule("/outlines.json", "outlines", outlines)
