"""The simulator says nothing that the SDK does not know, and accepts nothing it does not take."""

from __future__ import annotations

import importlib
import json
import sys
import typing
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
import typing_extensions
from stripe import _request_options
from stripe._object_classes import OBJECT_CLASSES

from shop.simulators.stripe.app import API_KEY
from shop.simulators.stripe.books import API_VERSION
from shop.simulators.stripe.desk import Asked
from shop.simulators.stripe.in_process import TestBench
from shop.simulators.stripe.routes import ROUTES, Route
from shop.simulators.stripe.wire import Inner, Rule
from tests.unit.simulators.rehearsal import rehearse

OPTIONS = frozenset(_request_options.RequestOptions.__annotations__)
FREE_NAMES = {"metadata", "fraud_details", "source_types"}
CONFIG_OF_EVENT = {"object", "previous_attributes"}


def params_class(name: str) -> Any:
    return getattr(stripe.params, name)


def fields_of(params: Any) -> dict[str, Any]:
    names = vars(_request_options) | vars(sys.modules[params.__module__]) | {"StripeContext": str}
    hints = typing_extensions.get_type_hints(params, globalns=names)
    return {name: hint for name, hint in hints.items() if name not in OPTIONS}


def typed_dicts(hint: Any) -> Iterator[Any]:
    if isinstance(hint, type) and typing_extensions.is_typeddict(hint):
        yield hint
    for part in typing.get_args(hint):
        yield from typed_dicts(part)


def unknown_params(rules: typing.Mapping[str, Rule], params: Any, path: str) -> list[str]:
    fields = fields_of(params)
    found = [f"{path}{name}" for name in rules if name not in fields]
    for name, rule in rules.items():
        if isinstance(rule, Inner) and name in fields:
            inner = list(typed_dicts(fields[name]))
            if not inner:
                found.append(f"{path}{name} is no group")
                continue
            found += unknown_params(rule.fields, inner[0], f"{path}{name}.")
    return found


@pytest.fixture(scope="module")
def bench() -> Iterator[TestBench]:
    bench = TestBench()
    yield bench
    bench.close()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_parameter_accepted_exists_in_the_sdk(route: Route) -> None:
    assert unknown_params(route.rules, params_class(route.params), "") == []


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_an_unknown_parameter_gets_the_providers_refusal(route: Route, bench: TestBench) -> None:
    path = route.path.replace("{id}", "x_1")
    answer = bench.simulator.desk.answer(Asked(route.method, path, [("colour", "red")], API_KEY))
    error = json.loads(answer.body)["error"]
    assert answer.status == 400
    assert (error["type"], error["code"], error["param"]) == (
        "invalid_request_error",
        "parameter_unknown",
        "colour",
    )
    assert error["message"] == "Received unknown parameter: colour"


def known_fields(resource: Any) -> set[str]:
    return {name for parent in resource.__mro__ for name in getattr(parent, "__annotations__", {})}


def strangers(body: dict[str, Any], resource: Any, path: str) -> list[str]:
    """Paths of fields that the SDK's class does not have."""
    known = known_fields(resource)
    inner = getattr(resource, "_inner_class_types", {})
    found = []
    for name, value in body.items():
        here = f"{path}.{name}"
        if name not in known:
            found.append(here)
            continue
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, dict) or name in FREE_NAMES:
                continue
            if "object" in part:
                found += strangers_of(part, here)
            elif name in inner:
                found += strangers(part, inner[name], here)
            elif part:
                found.append(f"{here} has no class")
    return found


def resource_of(kind: str) -> Any:
    module, name = OBJECT_CLASSES[kind]
    return getattr(importlib.import_module(module), name)


def strangers_of(body: dict[str, Any], path: str = "") -> list[str]:
    if body.get("object") == "list":
        return [line for part in body["data"] for line in strangers_of(part, path + "[]")]
    if body["object"] == "event":
        about = strangers_of(body["data"]["object"], body["type"])
        plain = {name: value for name, value in body.items() if name != "data"}
        extra = [f"event.data.{name}" for name in body["data"] if name not in CONFIG_OF_EVENT]
        return about + extra + strangers(plain, stripe.Event, "event")
    resource = resource_of(body["object"])
    return strangers(body, resource, path or body["object"])


@pytest.fixture(scope="module")
def bodies() -> list[dict[str, Any]]:
    return rehearse()


def test_the_rehearsal_shows_every_kind_of_answer(bodies: list[dict[str, Any]]) -> None:
    seen = {
        part["object"]
        for body in bodies
        for part in (body["data"] if body.get("object") == "list" else [body])
        if "object" in part
    }
    names = {kind: name for kind, (_, name) in OBJECT_CLASSES.items()}
    assert {route.answers for route in ROUTES} <= {names[kind] for kind in seen}


def test_every_field_returned_exists_in_the_sdks_resource(bodies: list[dict[str, Any]]) -> None:
    found = {line for body in bodies if "object" in body for line in strangers_of(body)}
    assert found == set()


def test_every_field_of_an_error_exists_in_the_sdk(bodies: list[dict[str, Any]]) -> None:
    errors = [body["error"] for body in bodies if "error" in body]
    assert errors
    found = {line for error in errors for line in strangers(error, stripe.ErrorObject, "error")}
    assert found == set()


def test_every_event_kind_exists_in_the_sdk(bodies: list[dict[str, Any]]) -> None:
    kinds = typing.get_args(typing_extensions.get_type_hints(stripe.Event)["type"])
    told = {
        part["type"]
        for body in bodies
        if body.get("object") == "list"
        for part in body["data"]
        if part["object"] == "event"
    }
    assert len(told) >= 25
    assert told <= set(kinds)


def test_the_version_spoken_is_one_that_the_sdk_is_made_for() -> None:
    assert API_VERSION.split(".")[1] == stripe._api_version._ApiVersion.CURRENT_MAJOR
