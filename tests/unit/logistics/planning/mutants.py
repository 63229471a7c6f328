"""Checkers with one rule weakened, made from the source of the real one."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from shop.logistics.domain.planning import check as whole
from shop.logistics.domain.planning import check_round as single
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.planning.violations import Violation

Checker = Callable[[Problem, Plan], list[Violation]]

SOURCES: dict[str, ModuleType] = {"check": whole, "check_round": single}

LAXER: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
}
"""Limits moved by one unit: what lies on them is judged the other way."""


@dataclass(frozen=True)
class Mutant:
    """One place of the checker and what was done to it."""

    module: str
    position: int
    """Which of the changes that can be made to the module this is."""
    said: str

    def __str__(self) -> str:
        return self.said

    def checker(self) -> Checker:
        """The checker with this change and no other."""
        tree = _tree(self.module)
        change = list(_changes(tree))[self.position]
        change.make()
        return _compiled(self.module, ast.fix_missing_locations(tree))


def mutants() -> list[Mutant]:
    """Every change there is, in the order of the source."""
    found = []
    for name in SOURCES:
        for position, change in enumerate(_changes(_tree(name))):
            found.append(Mutant(name, position, f"{name}:{change.line} {change.said}"))
    return found


@cache
def _source(name: str) -> str:
    return Path(str(SOURCES[name].__file__)).read_text("utf-8")


def _tree(name: str) -> ast.Module:
    return ast.parse(_source(name))


@cache
def _real(name: str) -> CodeType:
    return compile(_source(name), f"<{name}>", "exec")


def _compiled(name: str, tree: ast.Module) -> Checker:
    """A checker whose one module is replaced; the real ones stay as they are."""
    spaces: dict[str, dict[str, Any]] = {}
    for each in ("check_round", "check"):
        module = SOURCES[each]
        code = compile(tree, f"<{each}>", "exec") if each == name else _real(each)
        made = ModuleType(f"{module.__name__}_mutant")
        made.__dict__["__file__"] = module.__file__
        sys.modules[made.__name__] = made
        exec(code, made.__dict__)  # noqa: S102 - our own source, one rule weaker
        spaces[each] = made.__dict__
    spaces["check"]["check_round"] = spaces["check_round"]["check_round"]
    checker: Checker = spaces["check"]["check"]
    return checker


@dataclass(frozen=True)
class _Change:
    line: int
    said: str
    make: Callable[[], None]


def _changes(tree: ast.AST) -> Iterator[_Change]:
    """Reports dropped, parts of conditions dropped, limits moved."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, (ast.Yield, ast.YieldFrom)):
            yield _Change(node.lineno, f"never says {_short(node)}", _silencer(node))
        elif isinstance(node, ast.BoolOp):
            for at, part in enumerate(node.values):
                said = f"forgets {_short(part)} of {_short(node)}"
                yield _Change(node.lineno, said, _forgetter(node, at))
        elif isinstance(node, ast.Compare):
            for at, operator in enumerate(node.ops):
                if type(operator) in LAXER:
                    said = f"moves the limit of {_short(node)} ({at})"
                    yield _Change(node.lineno, said, _mover(node, at))


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(deepcopy(node)).split())[:70]


def _silencer(node: ast.Expr) -> Callable[[], None]:
    def make() -> None:
        # What is yielded from nothing: the function stays a generator.
        node.value = ast.YieldFrom(value=ast.Tuple(elts=[], ctx=ast.Load()))

    return make


def _forgetter(node: ast.BoolOp, at: int) -> Callable[[], None]:
    def make() -> None:
        del node.values[at]
        if len(node.values) == 1:
            node.values.append(node.values[0])

    return make


def _mover(node: ast.Compare, at: int) -> Callable[[], None]:
    def make() -> None:
        node.ops[at] = LAXER[type(node.ops[at])]()

    return make
