"""Fixture: the whole shop as ``make run`` starts it, on empty tables, with parts one may kill."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

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
    """A whole shop of one's own; a few seconds to start."""
    folder = _folder_for(request, worker_name)
    run = RunFolder(folder)
    run.prepare()
    doors = Doors(LOOPBACK, *(any_free_port() for _ in range(4)))
    asked = {name: value for name, value in os.environ.items() if name not in _NAMES}
    stack = Stack(asked, run, doors, say=lambda _: None)
    try:
        told = stack.start(demo=False)
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
