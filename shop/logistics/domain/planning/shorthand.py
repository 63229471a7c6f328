"""What a problem document may leave to the reader: time at the door, and who is not there today."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from shop.logistics.domain.planning.errors import InvalidProblem
from shop.logistics.domain.planning.goods import Goods, TemperatureClass
from shop.logistics.domain.planning.problem import Stop, StopKind

AVAILABLE = "available"
"""Field of a vehicle in a document; false: it, or its driver, is not there today."""

CRATE_TENTHS = 10


@dataclass(frozen=True, slots=True)
class ServiceRule:
    """How long a kind of stop takes: so much at any, and so much for each crate."""

    base_s: int = 0
    per_crate_s: int = 0


def crates_of(goods: Goods) -> int:
    """Whole crates, each temperature class by itself."""
    return sum(-(-goods.of(each).crate_tenths // CRATE_TENTHS) for each in TemperatureClass)


def refuse_service(rules: Mapping[str, ServiceRule]) -> None:
    """Look at the rules of service.

    Raises:
        InvalidProblem: a kind of stop that does not exist, or a negative time.
    """
    kinds = {kind.value for kind in StopKind}
    for name, rule in rules.items():
        if name not in kinds:
            raise InvalidProblem(field=f"service.{name}", reason="unknown_word", value=name)
        for part in ("base_s", "per_crate_s"):
            if getattr(rule, part) < 0:
                raise InvalidProblem(field=f"service.{name}.{part}", reason="negative")


def with_service(
    stops: Sequence[Stop], said: Collection[int], rules: Mapping[str, ServiceRule]
) -> tuple[Stop, ...]:
    """Stops whose time at the door follows from their kind and crates, but those in ``said``.

    ``said`` are the positions of stops that give a time of their own.
    """
    found = []
    for position, stop in enumerate(stops):
        rule = rules.get(stop.kind.value)
        if rule is not None and position not in said:
            crates = crates_of(stop.delivers) + crates_of(stop.collects)
            stop = replace(stop, service_s=rule.base_s + rule.per_crate_s * crates)
        found.append(stop)
    return tuple(found)


def present(entries: object) -> tuple[object, frozenset[str]]:
    """Vehicles of a document without those that are not there, and the ids of these.

    Raises:
        InvalidProblem: ``available`` is neither true nor false.
    """
    if not isinstance(entries, list):
        return entries, frozenset()
    kept: list[object] = []
    away: set[str] = set()
    for position, entry in enumerate(entries):
        if not isinstance(entry, Mapping) or AVAILABLE not in entry:
            kept.append(entry)
            continue
        if not isinstance(entry[AVAILABLE], bool):
            path = f"vehicles[{position}].{AVAILABLE}"
            raise InvalidProblem(field=path, reason="not_true_or_false")
        if entry[AVAILABLE]:
            kept.append({name: each for name, each in entry.items() if name != AVAILABLE})
        else:
            away.add(str(entry.get("id")))
    return kept, frozenset(away)


def without(stops: Sequence[Stop], away: frozenset[str]) -> tuple[Stop, ...]:
    """Stops that name no vehicle that is not there; who may only be served by those is nobody's."""
    if not away:
        return tuple(stops)
    return tuple(
        replace(
            stop,
            vehicles=None if stop.vehicles is None else stop.vehicles - away,
            excluded_vehicles=stop.excluded_vehicles - away,
        )
        for stop in stops
    )
