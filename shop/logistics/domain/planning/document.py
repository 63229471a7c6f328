"""Problems and plans as JSON documents: our own format, versioned, described by a JSON Schema.

Places are referred to by their id, never by their row. Reading also understands the published
format of one market day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shop.logistics.domain.planning.errors import InvalidPlan, InvalidProblem
from shop.logistics.domain.planning.market_day import is_market_day, read_market_day
from shop.logistics.domain.planning.plain import from_plain, schema_of, to_plain
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.problem import (
    UNREACHABLE,
    AboardLimits,
    Hub,
    Place,
    Problem,
    Stop,
    Transfer,
    Travel,
    Vehicle,
)
from shop.logistics.domain.planning.shorthand import (
    AVAILABLE,
    ServiceRule,
    present,
    refuse_service,
    with_service,
    without,
)
from shop.logistics.domain.planning.travel import Estimate, estimate_travel
from shop.logistics.domain.planning.validation import validate

PROBLEM_FORMAT = "carriole-problem"
PLAN_FORMAT = "carriole-plan"
VERSION = 1

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class MatrixDocument:
    """Meters and seconds between all places, in their order; null where no road goes.

    Left out altogether, or with an ``estimate`` alone, straight lines are stretched instead.
    """

    distance_m: tuple[tuple[int | None, ...], ...] | None = None
    duration_s: tuple[tuple[int | None, ...], ...] | None = None
    source: str = "given"
    estimated: bool = False
    estimate: Estimate | None = None


@dataclass(frozen=True, slots=True)
class ProblemDocument:
    """A planning problem: places, hubs, vehicles, stops and the rules between them."""

    format: str
    version: int
    places: tuple[Place, ...]
    hubs: tuple[Hub, ...]
    vehicles: tuple[Vehicle, ...]
    stops: tuple[Stop, ...]
    name: str = ""
    travel: MatrixDocument = field(default_factory=MatrixDocument)
    profiles: Mapping[str, MatrixDocument] = field(default_factory=dict)
    transfers: tuple[Transfer, ...] = ()
    aboard: AboardLimits = field(default_factory=AboardLimits)
    uncertified_limit_m: int = 80_000
    service: Mapping[str, ServiceRule] = field(default_factory=dict)
    """Time at the door of stops without ``service_s``, by their kind."""


def _refuse_problem(path: str, reason: str, value: object) -> InvalidProblem:
    return InvalidProblem(field=path, reason=reason, value=repr(value)[:80])


def _refuse_plan(path: str, reason: str, value: object) -> InvalidPlan:
    return InvalidPlan(field=path, reason=reason, value=repr(value)[:80])


def read_problem(document: object) -> Problem:
    """The problem a JSON document describes, in our format or that of a market day.

    Raises:
        InvalidProblem: naming the field that is missing, unknown or cannot be meant.
    """
    if not isinstance(document, Mapping):
        raise InvalidProblem(field="", reason="not_an_object")
    if is_market_day(document):
        return read_market_day(document)
    if document.get("format") != PROBLEM_FORMAT:
        raise InvalidProblem(field="format", reason="unknown_format", expected=PROBLEM_FORMAT)
    if document.get("version") != VERSION:
        raise InvalidProblem(field="version", reason="unknown_version", expected=VERSION)
    rows = _rows(document.get("places"))
    inner = dict(document)
    for name in ("hubs", "stops"):
        inner[name] = _with_rows(document.get(name), name, rows)
    inner["vehicles"], away = present(document.get("vehicles"))
    read: ProblemDocument = from_plain(ProblemDocument, inner, "", _refuse_problem)
    refuse_service(read.service)
    said = {at for at, each in enumerate(inner["stops"]) if "service_s" in each}
    problem = Problem(
        places=read.places,
        hubs=read.hubs,
        vehicles=read.vehicles,
        stops=without(with_service(read.stops, said, read.service), away),
        travel=_travel(read.travel, read.places, "travel"),
        transfers=read.transfers,
        aboard=read.aboard,
        uncertified_limit_m=read.uncertified_limit_m,
        profiles={
            name: _travel(each, read.places, f"profiles.{name}")
            for name, each in read.profiles.items()
        },
        name=read.name,
    )
    validate(problem)
    return problem


def _rows(places: object) -> dict[str, int]:
    if not isinstance(places, list):
        raise InvalidProblem(field="places", reason="not_a_list")
    return {
        str(place.get("id")): row for row, place in enumerate(places) if isinstance(place, Mapping)
    }


def _with_rows(entries: object, name: str, rows: Mapping[str, int]) -> object:
    """Entries with the row of their place instead of its id."""
    if not isinstance(entries, list):
        return entries
    found = []
    for position, entry in enumerate(entries):
        if isinstance(entry, Mapping) and "place" in entry:
            place = entry["place"]
            if not isinstance(place, str) or place not in rows:
                path = f"{name}[{position}].place"
                raise InvalidProblem(field=path, reason="unknown_place", value=repr(place)[:80])
            entry = {**entry, "place": rows[place]}
        found.append(entry)
    return found


def _travel(document: MatrixDocument, places: tuple[Place, ...], path: str) -> Travel:
    if document.distance_m is None or document.duration_s is None:
        if document.distance_m is not None or document.duration_s is not None:
            raise InvalidProblem(field=path, reason="half_a_matrix")
        return estimate_travel(places, document.estimate or Estimate())
    return Travel(
        _matrix(document.distance_m, f"{path}.distance_m"),
        _matrix(document.duration_s, f"{path}.duration_s"),
        document.source,
        document.estimated,
    )


def _matrix(rows: tuple[tuple[int | None, ...], ...], path: str) -> NDArray[np.int64]:
    for position, row in enumerate(rows):
        if len(row) != len(rows):
            raise InvalidProblem(field=f"{path}[{position}]", reason="wrong_length")
    filled = [[UNREACHABLE if each is None else each for each in row] for row in rows]
    return np.array(filled, dtype=np.int64).reshape(len(rows), len(rows))


def write_problem(problem: Problem) -> dict[str, Any]:
    """A problem as a JSON document that :func:`read_problem` reads back unchanged."""
    ids = [place.id for place in problem.places]
    document: dict[str, Any] = {"format": PROBLEM_FORMAT, "version": VERSION}
    if problem.name:
        document["name"] = problem.name
    document["places"] = to_plain(problem.places)
    for name, entries in (("hubs", problem.hubs), ("stops", problem.stops)):
        document[name] = [{**to_plain(each), "place": ids[each.place]} for each in entries]
    document["vehicles"] = to_plain(problem.vehicles)
    document["travel"] = _plain_travel(problem.travel)
    document["transfers"] = to_plain(problem.transfers)
    document["aboard"] = to_plain(problem.aboard)
    document["uncertified_limit_m"] = problem.uncertified_limit_m
    document["profiles"] = {name: _plain_travel(each) for name, each in problem.profiles.items()}
    return document


def _plain_travel(travel: Travel) -> dict[str, Any]:
    def rows(matrix: NDArray[np.int64]) -> list[list[int | None]]:
        return [[None if each == UNREACHABLE else each for each in row] for row in matrix.tolist()]

    return {
        "distance_m": rows(travel.distance_m),
        "duration_s": rows(travel.duration_s),
        "source": travel.source,
        "estimated": travel.estimated,
    }


def write_plan(problem: Problem, plan: Plan) -> dict[str, Any]:
    """A plan as a JSON document, with totals for those who only read it."""
    document: dict[str, Any] = {"format": PLAN_FORMAT, "version": VERSION, **to_plain(plan)}
    document["rounds"] = [to_plain(each) for each in plan.rounds]
    for planned in document["rounds"]:
        for visit in planned["visits"]:
            visit["place"] = problem.places[visit["place"]].id
    document["totals"] = {
        "cost_cents": plan.cost.total_cents,
        "distance_m": plan.distance_m,
        "duration_s": plan.duration_s,
        "stops_served": sum(len(each.stop_ids) for each in plan.rounds),
        "stops_unserved": len(plan.unserved),
        "co2_g": _co2_g(problem, plan),
    }
    return document


def _co2_g(problem: Problem, plan: Plan) -> int:
    """Grams of CO2 equivalent, as far as vehicles say what they set free."""
    known = problem.vehicle_by_id
    grams = sum(
        each.distance_m * known[each.vehicle_id].co2_g_per_km
        for each in plan.rounds
        if each.vehicle_id in known
    )
    return grams // 1000


def read_plan(problem: Problem, document: object) -> Plan:
    """The plan a JSON document describes; whether it is lawful is for the checker to say.

    Raises:
        InvalidPlan: naming the field that is missing, unknown or of the wrong kind.
    """
    if not isinstance(document, Mapping):
        raise InvalidPlan(field="", reason="not_an_object")
    if document.get("format") != PLAN_FORMAT:
        raise InvalidPlan(field="format", reason="unknown_format", expected=PLAN_FORMAT)
    if document.get("version") != VERSION:
        raise InvalidPlan(field="version", reason="unknown_version", expected=VERSION)
    rows = {place.id: row for row, place in enumerate(problem.places)}
    inner = {
        key: each for key, each in document.items() if key not in ("format", "version", "totals")
    }
    rounds = document.get("rounds", [])
    if not isinstance(rounds, list):
        raise InvalidPlan(field="rounds", reason="not_a_list")
    inner["rounds"] = [
        _round_with_rows(planned, f"rounds[{position}]", rows)
        for position, planned in enumerate(rounds)
    ]
    plan: Plan = from_plain(Plan, inner, "", _refuse_plan)
    return plan


def _round_with_rows(planned: object, path: str, rows: Mapping[str, int]) -> object:
    if not isinstance(planned, Mapping) or not isinstance(planned.get("visits"), list):
        return planned
    visits = []
    for position, visit in enumerate(planned["visits"]):
        if isinstance(visit, Mapping) and "place" in visit:
            place = visit["place"]
            if not isinstance(place, str) or place not in rows:
                raise InvalidPlan(field=f"{path}.visits[{position}].place", reason="unknown_place")
            visit = {**visit, "place": rows[place]}
        visits.append(visit)
    return {**planned, "visits": visits}


def problem_schema() -> dict[str, Any]:
    """The JSON Schema of a problem document."""
    schema = _schema(ProblemDocument, PROBLEM_FORMAT, ("Hub", "Stop"))
    schema["$defs"]["Vehicle"]["properties"][AVAILABLE] = {
        "description": "False: it, or its driver, is not there today. Read, never written.",
        "type": "boolean",
    }
    return schema


def plan_schema() -> dict[str, Any]:
    """The JSON Schema of a plan document."""
    schema = _schema(Plan, PLAN_FORMAT, ("Visit",))
    properties = schema["properties"]
    properties["format"] = {"const": PLAN_FORMAT}
    properties["version"] = {"const": VERSION}
    properties["totals"] = {
        "description": "Sums for the reader; not read back.",
        "type": "object",
        "additionalProperties": {"type": "integer"},
    }
    schema["required"] = ["format", "version", *schema["required"]]
    return schema


def _schema(kind: Any, name: str, with_place: tuple[str, ...]) -> dict[str, Any]:
    definitions: dict[str, Any] = {}
    schema_of(kind, definitions)
    for each in with_place:
        definitions[each]["properties"]["place"] = {
            "description": "Id of a place.",
            "type": "string",
        }
    root = definitions.pop(kind.__name__)
    root["properties"] |= {
        key: {"const": value}
        for key, value in (("format", name), ("version", VERSION))
        if key in root["properties"]
    }
    return {
        "$schema": DIALECT,
        "title": f"{name} {VERSION}",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }
