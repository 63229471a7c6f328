"""What the rooms need from outside, looked up by its protocol in the running application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from flask import Flask, current_app

P = TypeVar("P")

_KEY = "carriole.ports"


def plug(app: Flask, adapters: Mapping[type[Any], object]) -> None:
    """Give ``app`` an adapter for each protocol; called by ``create_app`` only."""
    app.extensions.setdefault(_KEY, {}).update(adapters)


def port(protocol: type[P]) -> P:
    """The adapter that the running application has for ``protocol``.

    Raises:
        LookupError: when it has none.
    """
    adapters = current_app.extensions.get(_KEY, {})
    if protocol not in adapters:
        raise LookupError(f"no adapter is plugged for {protocol.__name__}")
    return cast(P, adapters[protocol])
