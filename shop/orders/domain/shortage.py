"""Who goes short when a producer supplies less than was ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demand:
    """What one order line asked for, in order of arrival."""

    line_id: int
    ordered: int


def share_first_ordered(available: int, demands: Sequence[Demand]) -> dict[int, int]:
    """What each line gets of ``available``: whoever ordered first is served first.

    Nobody gets more than they ordered; all that is available is given while somebody lacks.

    Raises:
        ValueError: when ``available`` is below zero.
    """
    if available < 0:
        raise ValueError("nothing less than nothing can be shared")
    given = {}
    left = available
    for demand in demands:
        given[demand.line_id] = min(demand.ordered, left)
        left -= given[demand.line_id]
    return given
