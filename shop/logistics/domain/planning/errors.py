"""Refusals of the planner: what was given cannot be planned, and which field says why."""

from __future__ import annotations

from typing import Any

from shop.kernel.errors import GatewayError, InvalidInput


class InvalidProblem(InvalidInput):
    """A planning problem cannot be used; ``field`` is the path to the value, ``reason`` a code."""

    code = "invalid_planning_problem"

    def __init__(self, *, field: str, reason: str, **facts: Any) -> None:
        super().__init__(field=field, reason=reason, **facts)


class InvalidPlan(InvalidInput):
    """A plan cannot be read or re-timed; ``field`` is the path to the value, ``reason`` a code."""

    code = "invalid_plan"

    def __init__(self, *, field: str, reason: str, **facts: Any) -> None:
        super().__init__(field=field, reason=reason, **facts)


class SearchFailed(GatewayError):
    """The process that searches ended without a plan; what it said last is among the facts."""

    code = "plan_search_failed"
