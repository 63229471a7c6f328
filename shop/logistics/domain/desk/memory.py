"""Rounds that were timed and judged before: an edit touches two of forty, the others are known.

A round is known again when everything it was worked out from is the very same object; those
objects are held as long as the answer is, so that nothing else can take their place.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

from shop.logistics.domain.planning.check_round import check_round
from shop.logistics.domain.planning.plan import Round
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.planning.timing import Draft, time_round
from shop.logistics.domain.planning.violations import Violation

KEPT = 3_000
"""Rounds remembered by one process: some megabytes."""

Judged = tuple[Round, tuple[Violation, ...]]

_known: OrderedDict[tuple[Any, ...], tuple[Judged, list[object]]] = OrderedDict()
_lock = Lock()


def recall(problem: Problem, draft: Draft) -> Judged:
    """A draft with its times and its faults (of round 0), from memory where possible."""
    parts: list[object] = [
        problem.travel,
        problem.profiles,
        problem.hubs,
        problem.transfers,
        problem.aboard,
        problem.vehicle_by_id.get(draft.vehicle_id),
        *(problem.stop_by_id.get(step.id) for step in draft.steps),
    ]
    key = (draft, problem.uncertified_limit_m, *map(id, parts))
    with _lock:
        kept = _known.get(key)
        if kept is not None:
            _known.move_to_end(key)
            return kept[0]
    planned = time_round(problem, draft)
    judged = planned, tuple(check_round(problem, planned))
    with _lock:
        _known[key] = judged, parts
        while len(_known) > KEPT:
            _known.popitem(last=False)
    return judged
