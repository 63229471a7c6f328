"""Who goes short when a producer supplies less than was ordered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shop.catalog.domain.terms import ShortageRule


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


def share_pro_rata(available: int, demands: Sequence[Demand]) -> dict[int, int]:
    """What each line gets of ``available`` when everybody lacks the same part (rules §10).

    Shares are rounded down; what is left over goes one by one to those whose share lost most
    by that, the earlier order first. Nobody gets more than they ordered; all is given.

    Raises:
        ValueError: when ``available`` is below zero.
    """
    if available < 0:
        raise ValueError("nothing less than nothing can be shared")
    wanted = sum(demand.ordered for demand in demands)
    if available >= wanted:
        return {demand.line_id: demand.ordered for demand in demands}
    given = {demand.line_id: demand.ordered * available // wanted for demand in demands}
    left = available - sum(given.values())
    by_loss = sorted(demands, key=lambda demand: -(demand.ordered * available % wanted))
    for demand in by_loss[:left]:
        given[demand.line_id] += 1
    return given


SHARERS: Mapping[ShortageRule, Callable[[int, Sequence[Demand]], dict[int, int]]] = {
    ShortageRule.FIRST_ORDERED: share_first_ordered,
    ShortageRule.PRO_RATA: share_pro_rata,
}
"""How each rule of a market shares what there is."""
