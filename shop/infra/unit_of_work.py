"""One transaction per request or task step: everything in it happens, or nothing does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from shop.infra.db import db
from shop.infra.idle_connections import watch_idle

_KEY = "carriole.sessions"
_open: ContextVar[bool] = ContextVar("unit_of_work_open", default=False)


class NestedUnitOfWork(RuntimeError):
    """A unit of work was opened inside another one: a bug, the outer one already decides."""


class WritingWhileReading(RuntimeError):
    """Something was changed in a session that was opened for questions: a bug."""


class Questions(Session):
    """A session that refuses to change anything."""

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write nothing.

        Raises:
            WritingWhileReading: there was something to write.
        """
        if self.new or self.dirty or self.deleted:
            raise WritingWhileReading


@event.listens_for(Questions, "do_orm_execute")
def _only_ask(asked: ORMExecuteState) -> None:
    if asked.is_insert or asked.is_update or asked.is_delete:
        raise WritingWhileReading


@dataclass(frozen=True, slots=True)
class Sessions:
    """Who opens sessions for writing, and who for questions only."""

    writing: sessionmaker[Session]
    reading: sessionmaker[Questions]


def prepare_sessions(app: Flask) -> None:
    """Give ``app`` its makers of sessions on the engine of Flask-SQLAlchemy.

    Questions need no transaction: under READ COMMITTED each statement sees its own moment
    anyway, and a page saves two messages to the database.
    """
    with app.app_context():
        watch_idle(db.engine)
        asking = db.engine.execution_options(isolation_level="AUTOCOMMIT")
        app.extensions[_KEY] = Sessions(
            writing=sessionmaker(bind=db.engine, expire_on_commit=False),
            reading=sessionmaker(class_=Questions, bind=asking, expire_on_commit=False),
        )


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Open a session, commit once at the end; an error takes everything back.

    Opened in views, tasks and commands only; no network inside it.

    Raises:
        NestedUnitOfWork: when one is open already.
    """
    with _session(_sessions().writing) as session:
        yield session
        session.commit()


@contextmanager
def reading() -> Iterator[Session]:
    """Open a session for questions only.

    Raises:
        WritingWhileReading: something was changed in it.
    """
    with _session(_sessions().reading) as session:
        yield session


@contextmanager
def rehearsing() -> Iterator[Session]:
    """Open a session in which everything may be tried: all of it is taken back at the end."""
    with _session(_sessions().writing) as session:
        yield session


def _sessions() -> Sessions:
    made: Sessions = current_app.extensions[_KEY]
    return made


@contextmanager
def _session(maker: sessionmaker[Session] | sessionmaker[Questions]) -> Iterator[Session]:
    if _open.get():
        raise NestedUnitOfWork
    token = _open.set(True)
    session = maker()
    try:
        yield session
    finally:
        session.close()
        _open.reset(token)
