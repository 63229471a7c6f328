"""A scene to buy from, and a card provider in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories.paying import Counter, counter_of


@pytest.fixture
def counter(committed_app: Flask) -> Iterator[Counter]:
    with counter_of(committed_app) as made:
        yield made
