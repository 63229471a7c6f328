"""Fixtures: PostgreSQL and Valkey, the same programs as in the demo."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import redis

from shop.local_stack import valkey
from shop.local_stack.addresses import any_free_port
from shop.local_stack.children import Child
from tests.harness.databases import cloned_database
from tests.harness.run import RUN_FOLDER, RUN_PID
from tests.harness.servers import PASSWORD, Running, shared_server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def worker_name(request: pytest.FixtureRequest) -> str:
    """``main``, or the name of this parallel worker of pytest."""
    given = getattr(request.config, "workerinput", None)
    return str(given["workerid"]) if given else "main"


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Running:
    """The PostgreSQL server of this run."""
    stash = request.config.stash
    return shared_server(stash[RUN_FOLDER], stash[RUN_PID])


@pytest.fixture(scope="session")
def postgres_url(postgres: Running, worker_name: str) -> Iterator[str]:
    """A migrated database shared by the tests that roll back what they do."""
    with cloned_database(postgres, f"shop_{worker_name}") as url:
        yield url


@pytest.fixture
def own_database(postgres: Running, worker_name: str) -> Iterator[str]:
    """A migrated, empty database for one test that commits: races, workers, journeys."""
    with cloned_database(postgres, f"own_{worker_name}_{next(_numbers)}") as url:
        yield url


@pytest.fixture(scope="session")
def valkey_server(request: pytest.FixtureRequest, worker_name: str) -> Iterator[str]:
    """The Valkey of this parallel worker; use ``valkey_url``, which empties it."""
    folder = request.config.stash[RUN_FOLDER] / f"valkey-{worker_name}"
    folder.mkdir()
    port = any_free_port()
    url = valkey.valkey_url(port, PASSWORD)
    log = folder / "valkey.log"
    with ExitStack() as stack:
        program = valkey.find_valkey()
        recipe = valkey.valkey_recipe(
            program, folder, port, PASSWORD, os.environ, log, durable=False
        )
        server = Child(recipe)
        stack.callback(server.stop)
        assert server.answers_within(10, lambda: valkey.valkey_answers(url)), server.last_words()
        yield url


@pytest.fixture
def valkey_url(valkey_server: str) -> str:
    """An empty Valkey."""
    with redis.Redis.from_url(valkey_server) as client:
        client.flushall()
    return valkey_server
