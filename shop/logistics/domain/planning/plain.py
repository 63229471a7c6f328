"""Dataclasses of this room to and from plain JSON values, each refusal naming its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

Refuse = Callable[[str, str, object], Exception]
"""Makes the error for a field, a reason code and the value found."""


def to_plain(value: object) -> Any:
    """A dataclass as JSON values; fields that hold their default are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: to_plain(getattr(value, each.name))
            for each in fields(value)
            if not _is_default(each, getattr(value, each.name))
        }
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(to_plain(each) for each in value)
    if isinstance(value, tuple | list):
        return [to_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): to_plain(each) for key, each in value.items()}
    return value


def _is_default(field: Field[Any], value: object) -> bool:
    if field.default is not MISSING:
        return bool(value == field.default)
    return field.default_factory is not MISSING and value == field.default_factory()


def from_plain(kind: Any, value: object, field: str, refuse: Refuse) -> Any:
    """The typed value that JSON values stand for.

    Raises:
        Exception: what ``refuse`` makes, for the first field that does not fit.
    """
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _from_union(kind, value, field, refuse)
    if is_dataclass(kind):
        return _from_object(kind, value, field, refuse)
    if origin in (tuple, frozenset):
        return _from_list(kind, value, field, refuse)
    if origin is not None and issubclass(cast(type, origin), Mapping):
        if not isinstance(value, Mapping):
            raise refuse(field, "not_an_object", value)
        inner = get_args(kind)[1]
        return {
            key: from_plain(inner, each, f"{field}.{key}", refuse) for key, each in value.items()
        }
    return _from_scalar(kind, value, field, refuse)


def _from_union(kind: Any, value: object, field: str, refuse: Refuse) -> Any:
    options = get_args(kind)
    if value is None and NoneType in options:
        return None
    real = [option for option in options if option is not NoneType]
    for option in real[:-1]:
        if option in (str, int) and isinstance(value, option) and not isinstance(value, bool):
            return value
    return from_plain(real[-1], value, field, refuse)


def _from_object(kind: Any, value: object, field: str, refuse: Refuse) -> Any:
    if not isinstance(value, Mapping):
        raise refuse(field, "not_an_object", value)
    hints = get_type_hints(kind)
    known = {each.name: each for each in fields(kind)}
    for key in value:
        if key not in known:
            raise refuse(f"{field}.{key}".lstrip("."), "unknown_field", key)
    values = {}
    for name, each in known.items():
        path = f"{field}.{name}".lstrip(".")
        if name in value:
            values[name] = from_plain(hints[name], value[name], path, refuse)
        elif each.default is MISSING and each.default_factory is MISSING:
            raise refuse(path, "missing", None)
    return kind(**values)


def _from_list(kind: Any, value: object, field: str, refuse: Refuse) -> Any:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise refuse(field, "not_a_list", value)
    arguments = get_args(kind)
    if get_origin(kind) is tuple and arguments[-1] is not Ellipsis:
        if len(value) != len(arguments):
            raise refuse(field, "wrong_length", len(value))
        inner = list(arguments)
    else:
        inner = [arguments[0]] * len(value)
    made = (
        from_plain(each_kind, each, f"{field}[{position}]", refuse)
        for position, (each_kind, each) in enumerate(zip(inner, value, strict=True))
    )
    return frozenset(made) if get_origin(kind) is frozenset else tuple(made)


def _from_scalar(kind: Any, value: object, field: str, refuse: Refuse) -> Any:
    if kind is bool:
        if not isinstance(value, bool):
            raise refuse(field, "not_true_or_false", value)
        return value
    if kind is int:
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise refuse(field, "not_a_whole_number", value)
        return value
    if kind is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refuse(field, "not_a_number", value)
        return float(value)
    if not isinstance(value, str):
        raise refuse(field, "not_a_text", value)
    if issubclass(kind, StrEnum):
        try:
            return kind(value)
        except ValueError as error:
            raise refuse(field, "unknown_word", value) from error
    return value


def schema_of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a type; dataclasses go into ``definitions`` and are referred to."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return {"anyOf": [schema_of(each, definitions) for each in get_args(kind)]}
    if is_dataclass(kind):
        name = cast(type, kind).__name__
        if name not in definitions:
            definitions[name] = {}
            definitions[name].update(_object_schema(kind, definitions))
        return {"$ref": f"#/$defs/{name}"}
    arguments = get_args(kind)
    if origin is tuple and arguments[-1] is not Ellipsis:
        inner = [schema_of(each, definitions) for each in arguments]
        return {
            "type": "array",
            "prefixItems": inner,
            "minItems": len(inner),
            "maxItems": len(inner),
        }
    if origin in (tuple, frozenset):
        return {"type": "array", "items": schema_of(arguments[0], definitions)}
    if origin is not None:
        return {"type": "object", "additionalProperties": schema_of(arguments[1], definitions)}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [each.value for each in kind]}
    return {"type": _SCALARS[kind]}


_SCALARS = {bool: "boolean", int: "integer", float: "number", str: "string", NoneType: "null"}


def _object_schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    required = [
        each.name
        for each in fields(kind)
        if each.default is MISSING and each.default_factory is MISSING
    ]
    return {
        "description": (kind.__doc__ or "").split("\n", maxsplit=1)[0],
        "type": "object",
        "properties": {
            each.name: schema_of(hints[each.name], definitions) for each in fields(kind)
        },
        "required": required,
        "additionalProperties": False,
    }
