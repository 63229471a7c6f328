"""Files of other platforms in the person's language: states, refusals, faults, map data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from shop.kernel.errors import InvalidInput
from shop.logistics.domain.exchange.orders import Fault
from shop.logistics.errors import FileRefused
from shop.logistics.queries.exchange import ResultCard, RunCard
from shop.logistics.views.words import unserved_reason
from shop.web import formats


def state(code: str) -> tuple[str, str]:
    """How far a search is, and the kind of its badge."""
    names: dict[str, tuple[str, str]] = {
        "queued": (_("Waiting"), ""),
        "running": (_("Planning"), "info"),
        "done": (_("Routes found"), "good"),
        "failed": (_("Not planned"), "bad"),
    }
    return names[code]


def refused(refusal: FileRefused) -> str:
    """Why a file is not taken, in one sentence."""
    reason = str(refusal.facts.get("reason"))
    if reason == "unknown_context":
        return str(
            _(
                "This file takes its words from %(address)s, which we do not know: nothing is "
                "fetched from there.",
                address=refusal.facts["address"],
            )
        )
    if reason == "not_json" and "line" in refusal.facts:
        return str(
            _("This is no JSON: it breaks off or goes wrong in line %(line)s.",
              line=refusal.facts["line"])
        )  # fmt: skip
    sentences: dict[str, str] = {
        "not_json": _("This is no JSON."),
        "too_large": _("This file is too large: one megabyte at most."),
        "not_linked_data": _("This is no JSON-LD: it cannot be read as linked data."),
        "other_ontology": _("No word of the Data Food Consortium is in this file."),
        "no_orders": _("There is no order in this file."),
        "problems": _("Some orders cannot be planned as they are. Nothing was kept."),
    }
    return sentences.get(reason) or _("This file cannot be used.")


def fault(told: Mapping[str, str]) -> str:
    """One thing that is wrong, with the order and the line or place it is about."""
    value = told.get("value", "")
    sentences: dict[str, str] = {
        Fault.NO_LINES: _("the order has no line"),
        Fault.NO_DESTINATION: _("nothing says where the order is handed over"),
        Fault.NO_STOCK: _("nothing says where the goods wait"),
        Fault.NO_QUANTITY: _("the quantity is missing"),
        Fault.NOT_A_NUMBER: _("the quantity “%(value)s” is no number", value=value),
        Fault.NOT_POSITIVE: _("the quantity “%(value)s” is not above zero", value=value),
        Fault.NO_UNIT: _("the quantity has no unit"),
        Fault.UNKNOWN_UNIT: _("the unit “%(value)s” is unknown", value=value),
        Fault.NO_COORDINATES: _("latitude or longitude is missing"),
        Fault.OUT_OF_RANGE: _("%(value)s is nowhere on Earth", value=value),
        Fault.BAD_TIME: _("the opening time “%(value)s” is no date with an hour", value=value),
        Fault.UPSIDE_DOWN: _("it closes before it opens"),
        Fault.FAR_APART: _("its hours are more than two weeks from those of another place"),
    }
    where = [
        _("order %(number)s", number=told["order"]) if "order" in told else "",
        _("line %(name)s", name=told["line"]) if "line" in told else "",
        _("place %(name)s", name=told["place"]) if "place" in told else "",
    ]
    about = ", ".join(str(each) for each in where if each)
    return str(_("%(where)s: %(what)s", where=about, what=sentences[told["fault"]]))


def out_of_range(refusal: InvalidInput) -> str:
    """Which figures are taken."""
    least, most = refusal.facts.get("least"), refusal.facts.get("most")
    if least is None:
        return str(_("Choose one of them."))
    return str(_("Between %(least)s and %(most)s.", least=least, most=most))


def failure(card: RunCard) -> str:
    """Why a search came to nothing."""
    if card.error == "hub_missing":
        return unserved_reason("hub_missing")
    return str(_("This file cannot be used."))


def progress_of(card: RunCard) -> dict[str, Any]:
    """The state of a search as the page's script reads it."""
    states = {"queued": "running", "running": "running"}
    return {
        "state": states.get(card.state, card.state),
        "text": _("Waiting for the worker…")
        if card.state == "queued"
        else _("Looking for routes…"),
    }


def routes_geojson(result: ResultCard | None) -> dict[str, Any]:
    """Routes as numbered lines, their steps as points."""
    features: list[dict[str, Any]] = []
    for at, route in enumerate(result.routes if result else (), start=1):
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": [list(s) for s in route.path]},
                "properties": {
                    "kind": "round",
                    "round": at,
                    "number": route.number,
                    "id": f"route-{route.number}",
                    "label": _("Route %(number)s", number=route.number),
                    "text": formats.distance(route.distance_m),
                },
            }
        )
        features += [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": list(stop.spot)},
                "properties": {
                    "kind": "farm" if stop.takes else "relay",
                    "round": at,
                    "number": number,
                    "label": stop.place,
                    "text": formats.clock_time(stop.arrives_at),
                },
            }
            for number, stop in enumerate(route.stops, start=1)
        ]
    return {"type": "FeatureCollection", "features": features}
