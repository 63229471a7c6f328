"""Fixtures: the whole shop as ``make run`` starts it, with parts one may kill."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from shop.local_stack.addresses import LOOPBACK, any_free_port
from shop.local_stack.children import Child
from shop.local_stack.folders import RunFolder
from shop.local_stack.mailbox.store import MailStore
from shop.local_stack.plan import Doors
from shop.local_stack.supervisor import Stack
from shop.settings import Settings
from tests.harness.application import application
from tests.harness.run import RUN_FOLDER

_NAMES = {name.upper() for name in Settings.__dataclass_fields__} | {"PG_BIN"}

TAKEN_UP_AGAIN_S = 6
"""What a killed worker left is taken up after so many seconds; a minute in earnest."""


@dataclass(frozen=True)
class WholeShop:
    """PostgreSQL, Valkey, payment simulator, mail catcher, worker and web, all real."""

    stack: Stack
    app: Flask
    """The same application in this process, to prepare and to look."""
    url: str
    mailbox: MailStore

    def child(self, name: str) -> Child:
        """``postgres``, ``valkey``, ``mail``, ``stripe``, ``worker`` or ``web``."""
        return next(child for child in self.stack.children if child.name == name)

    @property
    def simulator_url(self) -> str:
        """Where the payment simulator answers."""
        return f"http://{LOOPBACK}:{self.stack.doors.stripe}"

    def simulated(self) -> dict[str, Any]:
        """All that the payment simulator knows."""
        with urllib.request.urlopen(f"{self.simulator_url}/_control/state?limit=500") as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def simulate(self, **switches: Any) -> None:
        """Make the payment simulator misbehave, or behave again."""
        asked = urllib.request.Request(
            f"{self.simulator_url}/_control/switches",
            json.dumps(switches).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(asked).close()

    def wait_until(self, holds: Callable[[], bool], within_s: float = 40) -> None:
        """Look again and again until something holds; else fail with the worker's last words."""
        deadline = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < deadline, self.child("worker").last_words(40)
            time.sleep(0.1)

    def kill(self, name: str) -> None:
        """End a part outright, as a power cut would."""
        child = self.child(name)
        os.killpg(child.pid, signal.SIGKILL)
        while child.exit_status() is None:
            time.sleep(0.01)

    def revive(self, name: str) -> None:
        """Start a killed part again, where it was."""
        part, dead = self.stack.parts[name], self.child(name)
        deadline = time.monotonic() + 30
        while True:
            child = Child(part.recipe)
            self.stack.children[self.stack.children.index(dead)] = child
            if child.answers_within(part.within_s, partial(part.ready, child)):
                return
            assert time.monotonic() < deadline, child.last_words()
            dead = child
            time.sleep(0.2)


@pytest.fixture
def whole_shop(request: pytest.FixtureRequest, worker_name: str) -> Iterator[WholeShop]:
    """A whole shop of one's own, on empty tables; a few seconds to start."""
    with whole_shop_of(request, worker_name) as shop:
        yield shop


@pytest.fixture(scope="module")
def shared_shop(request: pytest.FixtureRequest, worker_name: str) -> Iterator[WholeShop]:
    """One whole shop for all tests of a module, on empty tables."""
    with whole_shop_of(request, worker_name) as shop:
        yield shop


@pytest.fixture(scope="module")
def demo_shop(request: pytest.FixtureRequest, worker_name: str) -> Iterator[WholeShop]:
    """One whole shop for all tests of a module, with the data of the demonstration."""
    with whole_shop_of(request, worker_name, demo=True) as shop:
        yield shop


@contextmanager
def whole_shop_of(
    request: pytest.FixtureRequest, worker_name: str, *, demo: bool = False
) -> Iterator[WholeShop]:
    """Start everything in a folder of this run; stop it at the end."""
    folder = _folder_for(request, worker_name)
    run = RunFolder(folder)
    run.prepare()
    doors = Doors(LOOPBACK, *(any_free_port() for _ in range(4)))
    asked = {name: value for name, value in os.environ.items() if name not in _NAMES}
    asked["OUTBOX_LEASE_S"] = str(TAKEN_UP_AGAIN_S)
    stack = Stack(asked, run, doors, say=lambda _: None)
    try:
        told = stack.start(demo=demo)
        with application(Settings.from_env(told)) as app:
            yield WholeShop(stack, app, told["BASE_URL"], MailStore(folder / "mail"))
    finally:
        stack.stop()


def _folder_for(request: pytest.FixtureRequest, worker_name: str) -> Path:
    base: Path = request.config.stash[RUN_FOLDER]
    number = len(list(base.glob(f"whole-{worker_name}-*")))
    folder = base / f"whole-{worker_name}-{number}"
    folder.mkdir(mode=0o711)
    return folder
