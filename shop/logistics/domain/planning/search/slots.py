"""When a stop can be served, and when its goods may then leave at the earliest.

Goods are never aboard too long when the trip leaves no earlier than the limit before the end of
the slot. Wide windows are cut into several slots, so that this costs little; once a plan is
known, lessons say which part of the window matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from shop.logistics.domain.planning.problem import Problem, Stop, Window

SLOT_PERCENT = 40
"""How long a slot is at most, in percent of the limit aboard."""
MOST_SLOTS = 6
"""Into how many slots a window is cut at most."""
ANY_RELEASE_S = -(10**8)


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of a window, and when goods served in it may be loaded at the earliest."""

    position: int
    """Which window of the stop."""
    window: Window
    release_s: int


def slots_of(
    problem: Problem,
    stop: Stop,
    narrow: Mapping[tuple[str, int], Window],
    last_starts: Iterable[int],
    any_time: Window,
) -> list[Slot]:
    """The slots of a stop; ``narrow`` holds parts of windows that lessons found to matter.

    ``last_starts`` are the latest starts of vehicles, ``any_time`` stands for no window at all.
    """
    limit_s = limit_out(problem, stop)
    found = []
    for position, window in enumerate(stop.windows or (any_time,)):
        part = narrow.get((stop.id, position))
        if part is not None:
            opens = max(window.opens_s, part.opens_s)
            closes = min(window.closes_s, part.closes_s)
            if opens <= closes:
                window = Window(opens, closes)
        edges = [window.opens_s, window.closes_s]
        if limit_s is not None and part is None:
            loading_s = _shortest_loading(problem)
            done_by = [each + loading_s + limit_s - stop.service_s for each in last_starts]
            edges = _edges(window, limit_s, done_by)
        for opens, closes in pairwise(edges):
            release = _release(problem, stop, closes, limit_s)
            found.append(Slot(position, Window(opens, closes), release))
    lawful = [each for each in found if each.release_s <= each.window.closes_s]
    return lawful or [replace(found[0], release_s=found[0].window.closes_s)]


def limit_out(problem: Problem, stop: Stop) -> int | None:
    """The shortest limit aboard among the goods a stop is delivered from a hub."""
    if stop.id in problem.transfer_of:
        return None
    limits = [problem.aboard.of(each) for each in stop.delivers.classes()]
    return min((limit for limit in limits if limit is not None), default=None)


def _edges(window: Window, limit_s: int, done_by: Iterable[int]) -> list[int]:
    """Where to cut a window: when the last vehicles must be done, and where it is wide."""
    edges = {window.opens_s, window.closes_s}
    edges.update(each for each in done_by if window.opens_s <= each < window.closes_s)
    most = max(1, limit_s * SLOT_PERCENT // 100)
    for opens, closes in pairwise(sorted(edges)):
        parts = min(MOST_SLOTS, -(-(closes - opens) // most))
        edges.update(opens + (closes - opens) * part // parts for part in range(1, parts))
    return sorted(edges) if len(edges) > 1 else [window.opens_s, window.closes_s]


def _release(problem: Problem, stop: Stop, closes_s: int, limit_s: int | None) -> int:
    """When loading may begin for a stop served by ``closes_s`` at the latest."""
    release = ANY_RELEASE_S if stop.release_s is None else stop.release_s
    if limit_s is None:
        return release
    return max(release, closes_s + stop.service_s - limit_s - _shortest_loading(problem))


def _shortest_loading(problem: Problem) -> int:
    return min(hub.loading_s for hub in problem.hubs)
