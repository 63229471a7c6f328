"""How commands answer: a page of text for people, one JSON value for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import click
from flask.cli import with_appcontext

from shop.kernel.errors import ShopError
from shop.kernel.money import Money

P = ParamSpec("P")
R = TypeVar("R")

json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
"""For every command; its parameter is ``as_json``."""


def say(value: Any, lines: Iterable[str], *, as_json: bool) -> None:
    """Print ``value`` as JSON, or ``lines`` for people."""
    if as_json:
        click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))
    else:
        for line in lines:
            click.echo(line)


def fail(code: str, text: str, *, as_json: bool, **facts: Any) -> None:
    """Say why a command did not do it, and end with status 1."""
    if as_json:
        click.echo(json.dumps({"error": code, **plain(facts)}, ensure_ascii=False))
    else:
        click.echo(text, err=True)
    sys.exit(1)


def table(heads: list[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """Lines of a table whose columns are as wide as they need be; figures to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(each) for each in column) for column in zip(heads, *cells, strict=True)]
    figures = [
        bool(cells) and all(row[at].replace(" ", "")[:1].isdigit() for row in cells if row[at])
        for at in range(len(heads))
    ]

    def line(row: list[str]) -> str:
        parts = [
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(row, widths, figures, strict=True)
        ]
        return "  ".join(parts).rstrip()

    return [line(heads), line(["-" * width for width in widths]), *(line(row) for row in cells)]


def refusing(command: Callable[P, R]) -> Callable[P, R]:
    """Turn an expected refusal into a message and status 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except ShopError as error:
            facts = {name: value for name, value in error.facts.items() if name != "text"}
            fail(error.code, f"Refused: {error}", as_json=bool(kwargs.get("as_json")), **facts)
            raise

    return run


def in_application(command: Callable[P, R]) -> Callable[P, R]:
    """Run inside the application, whose settings come from the environment."""
    return with_appcontext(refusing(command))


def plain(value: Any) -> Any:
    """``value`` as JSON knows it: money in cents, instants as text, records by field."""
    if isinstance(value, Money):
        return value.cents
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (UUID, Path)):
        return str(value)
    return value
