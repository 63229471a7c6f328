"""States and reasons of the logistics in the person's language, and rounds as map data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from shop.kernel.errors import InvalidInput
from shop.logistics.domain.terms import StopKind
from shop.logistics.errors import ReasonMissing, WeightSuspicious
from shop.logistics.queries.fleet import HubCard
from shop.logistics.queries.rounds import PlanRunCard, RoundCard
from shop.web import formats

ROAD_SOURCES = {"osrm": "OSRM", "valhalla": "Valhalla"}
"""Names of road servers as their makers write them."""


def stop_kind(kind: StopKind) -> str:
    """Why a truck stops."""
    names: dict[StopKind, str] = {
        StopKind.COLLECT: _("Collection"),
        StopKind.RELAY: _("Relay point"),
        StopKind.DRIVE: _("Drive"),
        StopKind.HOME: _("Home delivery"),
        StopKind.HUB: _("Back to the hub"),
        StopKind.EXTRA: _("Errand"),
    }
    return names[kind]


def round_state(state: str) -> str:
    """How far a round is."""
    names: dict[str, str] = {
        "draft": _("Draft"),
        "published": _("Published"),
        "loading": _("Loading"),
        "underway": _("On the road"),
        "done": _("Finished"),
        "discarded": _("Discarded"),
    }
    return names[state]


def stop_state(state: str) -> str:
    """How far a stop is."""
    names: dict[str, str] = {
        "planned": _("To come"),
        "arrived": _("Arrived"),
        "served": _("Served"),
        "failed": _("Not delivered"),
    }
    return names[state]


def crate_state(state: str) -> str:
    """Where a crate is."""
    names: dict[str, str] = {
        "expected": _("To fill"),
        "received": _("Ready"),
        "loaded": _("Aboard"),
        "handed_over": _("Handed over"),
        "missing": _("Empty"),
        "quarantined": _("Set aside"),
    }
    return names[state]


def question_of(refusal: InvalidInput) -> str:
    """The sentence that a preparer reads when an entry is not taken as it is."""
    facts = refusal.facts
    if isinstance(refusal, WeightSuspicious):
        return str(
            _(
                "%(weight)s is unusual: between %(least)s and %(most)s is expected.",
                weight=formats.kilograms(facts["weight_g"]),
                least=formats.kilograms(facts["least_g"]),
                most=formats.kilograms(facts["most_g"]),
            )
        )
    if isinstance(refusal, ReasonMissing):
        lacking = facts["expected"] - facts["amount"]
        return str(ngettext("%(num)s is missing: why?", "%(num)s are missing: why?", lacking))
    sentences: dict[tuple[str, str], str] = {
        ("weight_g", "missing"): _("Type the weight."),
        ("weight_g", "unreadable"): _("Type grams (1234) or kilograms with a comma (1,234)."),
        ("amount", "too_much"): _("That is much more than was ordered."),
        ("amount", "unreadable"): _("Type a whole number."),
    }
    key = (str(facts.get("field", "")), str(facts.get("reason", "")))
    return sentences.get(key) or _("This could not be kept. Please try again.")


def unserved_reason(code: str) -> str:
    """Why the planner left a stop out."""
    names: dict[str, str] = {
        "no_vehicle": _("there is no vehicle"),
        "not_allowed": _("no vehicle may go there"),
        "too_large": _("more than the largest vehicle can carry"),
        "unreachable": _("no road leads there"),
        "window": _("no vehicle can be there while it is open"),
        "release": _("the goods are ready too late"),
        "due": _("the goods would be at the hub too late"),
        "shift": _("longer than a driver’s day"),
        "aboard": _("too long aboard for the cold chain"),
        "uncertified": _("too far for a vehicle without cold certificate"),
        "distance": _("too far for a vehicle"),
        "pair": _("the stop it belongs to cannot be served"),
        "price": _("costs more than it is worth"),
        "fleet_full": _("the vehicles have neither room nor time left"),
        "set_aside": _("taken out at the desk"),
        "hub_missing": _("the market has no hub"),
        "nothing_to_plan": _("no order to deliver in this cycle"),
    }
    return names.get(code, code)


def roads_used(facts: Mapping[str, Any]) -> str:
    """Where the distances of a plan come from; empty when nothing was kept about it."""
    said = facts.get("roads")
    if said is None:
        return str(_("estimated distances")) if facts.get("estimated") else ""
    if said["estimated"] >= said["pairs"]:
        return str(_("estimated distances"))
    name = ROAD_SOURCES.get(said["source"], said["source"])
    if said["data_date"]:
        made_on = _day_of_map(said["data_date"])
        name = _("by road (%(source)s, map of %(date)s)", source=name, date=made_on)
    else:
        name = _("by road (%(source)s)", source=name)
    if said["estimated"]:
        share = max(1, round(100 * said["estimated"] / said["pairs"]))
        return str(_("%(roads)s, %(share)s %% estimated", roads=name, share=share))
    return str(name)


def _day_of_map(said: str) -> str:
    """The day in figures; what a server says that is no day stays as it is."""
    try:
        return formats.numeric_date(date.fromisoformat(said[:10]))
    except ValueError:
        return said


def progress_of(run: PlanRunCard) -> dict[str, Any]:
    """The state of a search as the page's script reads it."""
    said = run.progress
    total = run.seconds
    left = said.get("seconds_left", total)
    done = not run.is_live
    if run.state == "failed":
        text = _("The search failed: %(why)s", why=unserved_reason(run.error or ""))
    elif run.state == "queued":
        text = _("Waiting for the worker…")
    elif "roads_done" in said:
        text = _(
            "Asking for distances by road, %(done)s of %(all)s…",
            done=said["roads_done"],
            all=said["roads"],
        )
    elif said.get("best_cents") is None:
        text = _("Looking for a first plan…")
    else:
        text = _(
            "Best so far %(cost)s, %(unserved)s not served, %(violations)s rules broken, "
            "%(left)s s left",
            cost=formats.money(said["best_cents"]),
            unserved=said["unserved"],
            violations=said["violations"],
            left=round(left),
        )
    return {
        "done": total if done else max(0, round(total - left)),
        "total": total,
        "text": text,
        "state": "failed" if run.state == "failed" else ("done" if done else "running"),
    }


def rounds_geojson(found: list[RoundCard], hub: HubCard | None) -> dict[str, Any]:
    """Rounds as numbered lines through their stops, and the stops as points."""
    features: list[dict[str, Any]] = []
    if hub:
        features.append(_point(hub.lon, hub.lat, {"kind": "depot", "label": hub.name}))
    for index, card in enumerate(found, start=1):
        line = [[stop.lon, stop.lat] for stop in card.stops]
        if hub:
            line = [[hub.lon, hub.lat], *line, [hub.lon, hub.lat]]
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": line},
                "properties": {
                    "kind": "round",
                    "round": index,
                    "number": card.number,
                    "id": f"round-{card.id}",
                    "label": card.name,
                    "text": _(
                        "%(stops)s stops, %(distance)s",
                        stops=len(card.stops),
                        distance=formats.distance(card.distance_m),
                    ),
                },
            }
        )
        features.extend(
            _point(
                stop.lon,
                stop.lat,
                {
                    "kind": "farm" if stop.kind is StopKind.COLLECT else stop.kind.value,
                    "round": index,
                    "number": stop.position,
                    "id": f"stop-{stop.id}",
                    "label": stop.name,
                    "text": f"{formats.clock_time(stop.arrives_at)} · {stop.address}",
                },
            )
            for stop in card.stops
            if stop.kind is not StopKind.HUB
        )
    return {"type": "FeatureCollection", "features": features}


def _point(lon: float, lat: float, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties,
    }
