"""A scene to buy from, and a card provider in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories.orders import Scene, make_scene
from tests.factories.paying import Counter, counter_of
from tests.factories.visiting import Customer


@pytest.fixture
def counter(app: Flask, client: FlaskClient) -> Iterator[Counter]:
    with counter_of(app) as made:
        yield made


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


@pytest.fixture
def customer(client: FlaskClient, scene: Scene, counter: Counter) -> Customer:
    return Customer(client, scene)
