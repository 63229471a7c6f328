"""The provider's way of writing requests: nested form fields, checked against a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shop.simulators.stripe.refusal import Refusal

Params = dict[str, Any]
GONE = {"payment_method_types": "allowed_payment_method_types"}
"""Parameters that the provider took away in the version that is spoken here."""
PIECE = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Plain:
    """A single value: ``text``, ``int`` or ``bool``; of ``choices`` when there are any."""

    kind: str = "text"
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Many:
    """A list of plain values."""

    item: Plain = Plain()


@dataclass(frozen=True, slots=True)
class Inner:
    """A group of named values."""

    fields: Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class Free:
    """Names chosen by the caller, such as metadata; an empty text unsets."""


Rule = Plain | Many | Inner | Free

TEXT = Plain()
NUMBER = Plain("int")
YES_NO = Plain("bool")
TEXTS = Many()
METADATA = Free()


def one_of(*choices: str) -> Plain:
    """A text among ``choices``."""
    return Plain("text", choices)


def needed(rule: Plain) -> Plain:
    """The same value, which may not be absent."""
    return Plain(rule.kind, rule.choices, required=True)


def nest(pairs: Iterable[tuple[str, str]]) -> Params:
    """Form fields ``a[b][0]=x`` as nested dictionaries of texts; lists come as ``{"0": …}``."""
    tree: Params = {}
    for name, value in pairs:
        head, _, _ = name.partition("[")
        path = [head, *PIECE.findall(name[len(head) :])]
        place = tree
        for step in path[:-1]:
            inner = place.setdefault(step, {})
            if not isinstance(inner, dict):
                raise Refusal(f"Invalid object: {name}", param=name)
            place = inner
        last = path[-1] if path[-1] != "" else str(len(place))
        place[last] = value
    return tree


def check(given: Params, rules: Mapping[str, Rule], prefix: str = "") -> Params:
    """``given`` with its values converted.

    Raises:
        Refusal: for a name that is not in ``rules``, or a value of the wrong kind.
    """
    checked: Params = {}
    for name, value in given.items():
        shown = f"{prefix}[{name}]" if prefix else name
        rule = rules.get(name)
        if rule is None and name in GONE:
            raise Refusal(
                f"The parameter {shown} is no longer supported; use {GONE[name]}.",
                code=f"{name}_no_longer_supported",
                param=shown,
            )
        if rule is None:
            raise Refusal(
                f"Received unknown parameter: {shown}", code="parameter_unknown", param=shown
            )
        checked[name] = read(value, rule, shown)
    for name, rule in rules.items():
        if isinstance(rule, Plain) and rule.required and name not in checked:
            shown = f"{prefix}[{name}]" if prefix else name
            raise Refusal(
                f"Missing required param: {shown}.", code="parameter_missing", param=shown
            )
    return checked


def read(value: Any, rule: Rule, shown: str) -> Any:
    """One value by its rule."""
    if isinstance(rule, Plain):
        if isinstance(value, dict):
            raise Refusal(f"Invalid string: {value}", code="parameter_invalid_string", param=shown)
        return read_plain(value, rule, shown)
    if isinstance(rule, Free) and value == "":
        return {}
    if not isinstance(value, dict):
        raise Refusal(f"Invalid object: {value}", param=shown)
    if isinstance(rule, Free):
        return {str(name): str(inner) for name, inner in value.items()}
    if isinstance(rule, Inner):
        return check(value, rule.fields, shown)
    return [
        read(inner, rule.item, f"{shown}[{place}]")
        for place, inner in sorted(value.items(), key=lambda pair: (len(pair[0]), pair[0]))
    ]


def read_plain(value: str, rule: Plain, shown: str) -> Any:
    """One text as text, whole number or truth value."""
    if rule.kind == "int":
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise Refusal(
                f"Invalid integer: {value}", code="parameter_invalid_integer", param=shown
            )
        return int(value)
    if rule.kind == "bool":
        if value not in ("true", "false"):
            raise Refusal(f"Invalid boolean: {value}", param=shown)
        return value == "true"
    if value == "" and rule.required:
        raise Refusal(
            f"You passed an empty string for '{shown}'.",
            code="parameter_invalid_empty",
            param=shown,
        )
    if rule.choices and value not in rule.choices:
        raise Refusal(
            f"Invalid {shown}: must be one of {', '.join(rule.choices[:-1])}, or "
            f"{rule.choices[-1]}",
            param=shown,
        )
    return value
