"""Starting points that cost nothing to come back to: a transaction per stage, taken back each time.

A stage is played once; then every example starts from its savepoint, in the database and at the
provider. Nobody else sees what happens there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, event, text
from sqlalchemy.orm import sessionmaker

from shop.infra.unit_of_work import Questions, Sessions, unit_of_work
from shop.orders.domain.terms import AccountKind
from shop.orders.models import LedgerAccount
from tests.factories.orders import NOW, Scene
from tests.factories.paying import Counter
from tests.harness.application import SESSIONS, engine_of

WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")
BESIDE_THE_BOOKS = {"outbox", "inbox", "transitions", "baskets", "basket_lines", "ledger_accounts"}
"""Tables that no proof reads."""


@dataclass
class Stage:
    """A point to start from: who sells, what was ordered, and how it stood."""

    connection: Connection
    sessions: Sessions
    scene: Scene
    clock_at: datetime = NOW
    provider: bytes = b""
    facts: dict[str, Any] = field(default_factory=dict)
    """What the players of the stage know."""


class Stages:
    """Stages by name, each built when it is first wanted."""

    def __init__(self, counter: Counter, set_scene: Callable[[], Scene]) -> None:
        self.counter = counter
        self.set_scene = set_scene
        self.built: dict[Hashable, Stage] = {}
        # Each stage keeps its connection: more than the application's pool would give.
        self.engine = create_engine(engine_of(counter.app).url, poolclass=NullPool)
        self.writes = 0
        """How often something was written that a proof may read."""
        self.usual: Sessions = counter.app.extensions[SESSIONS]
        self.empty = self._provider()
        open_common_accounts()

    def build(self, name: Hashable, play: Callable[[Stage], None]) -> Stage:
        """The stage of that name; ``play`` brings it there the first time."""
        if name in self.built:
            return self.built[name]
        self._provider_is(self.empty)
        self.counter.clock.at = NOW
        scene = self.set_scene()
        stage = Stage(*self._connect(), scene)
        self.counter.app.extensions[SESSIONS] = stage.sessions
        try:
            play(stage)
        finally:
            self.counter.app.extensions[SESSIONS] = self.usual
        stage.clock_at = self.counter.clock.at
        stage.provider = self._provider()
        self.built[name] = stage
        return stage

    @contextmanager
    def played(self, stage: Stage) -> Iterator[Stage]:
        """Start from ``stage``; whatever happens then is forgotten."""
        start = stage.connection.begin_nested()
        self._provider_is(stage.provider)
        self.counter.bench.http_client.asked.clear()
        self.counter.clock.at = stage.clock_at
        self.counter.app.extensions[SESSIONS] = stage.sessions
        try:
            yield stage
        finally:
            self.counter.app.extensions[SESSIONS] = self.usual
            start.rollback()

    def close(self) -> None:
        """Take everything back."""
        for stage in self.built.values():
            stage.connection.close()
        self.built.clear()
        self.engine.dispose()

    def _connect(self) -> tuple[Connection, Sessions]:
        connection = self.engine.connect()
        connection.begin()
        # A stage waits in its transaction for as long as the others are played.
        connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
        event.listen(connection, "after_cursor_execute", self._note_write)
        common: dict[str, Any] = {"bind": connection, "expire_on_commit": False}
        sessions = Sessions(
            writing=sessionmaker(join_transaction_mode="create_savepoint", **common),
            # Questions change nothing: they need no savepoint.
            reading=sessionmaker(class_=Questions, join_transaction_mode="rollback_only", **common),
        )
        return connection, sessions

    def _note_write(self, _conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("SELECT"):
            self.writes += any(table not in BESIDE_THE_BOOKS for table in WRITES.findall(statement))

    def _provider(self) -> bytes:
        with self.counter.bench.simulator.store.transaction() as books:
            pass
        return books.serialize()

    def _provider_is(self, saved: bytes) -> None:
        with self.counter.bench.simulator.store.transaction() as books:
            pass
        books.deserialize(saved)


def open_common_accounts() -> None:
    """Accounts that everybody shares stand there for all: nobody waits for who opens them."""
    with unit_of_work() as session:
        for kind in (AccountKind.PROVIDER, AccountKind.PLATFORM, AccountKind.TAX):
            session.add(LedgerAccount(kind=kind))
