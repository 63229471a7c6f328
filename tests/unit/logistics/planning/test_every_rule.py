"""Every rule of the format is known to the search and judged by the checker."""

from __future__ import annotations

import json

import pytest

from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.document import (
    read_plan,
    read_problem,
    write_plan,
    write_problem,
)
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from tests.unit.logistics.planning.rules import RULES

ITERATIONS = 40


def through_the_format(problem: Problem) -> Problem:
    """The problem as another program would send it."""
    return read_problem(json.loads(json.dumps(write_problem(problem))))


def found(problem: Problem) -> Plan:
    return solve(problem, StopRule(iterations=ITERATIONS), 1)


@pytest.mark.parametrize("name", RULES)
def test_a_plan_made_without_the_rule_is_caught_and_one_made_with_it_keeps_it(name: str) -> None:
    rule = RULES[name]
    on, off = through_the_format(rule.on), through_the_format(rule.off)
    careless = found(off)
    assert check(off, careless) == []
    sent = read_plan(on, json.loads(json.dumps(write_plan(off, careless))))
    assert rule.code in {each.code for each in check(on, sent)}
    careful = found(on)
    assert check(on, careful) == []
    if name != "number of vehicles":
        assert careful.unserved == ()
