"""One transaction per request or task step: everything in it happens, or nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flask import Flask, current_app
from sqlalchemy.orm import Session, sessionmaker

from shop.infra.db import db

_KEY = "carriole.sessions"
_open: ContextVar[bool] = ContextVar("unit_of_work_open", default=False)


class NestedUnitOfWork(RuntimeError):
    """A unit of work was opened inside another one: a bug, the outer one already decides."""


def prepare_sessions(app: Flask) -> None:
    """Give ``app`` its maker of sessions on the engine of Flask-SQLAlchemy."""
    with app.app_context():
        app.extensions[_KEY] = sessionmaker(bind=db.engine, expire_on_commit=False)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Open a session, commit once at the end; an error takes everything back.

    Opened in views, tasks and commands only; no network inside it.

    Raises:
        NestedUnitOfWork: when one is open already.
    """
    with _session() as session:
        yield session
        session.commit()


@contextmanager
def reading() -> Iterator[Session]:
    """Open a session for questions only; nothing that was changed in it is kept."""
    with _session() as session:
        yield session


@contextmanager
def _session() -> Iterator[Session]:
    if _open.get():
        raise NestedUnitOfWork
    token = _open.set(True)
    session: Session = current_app.extensions[_KEY]()
    try:
        yield session
    finally:
        session.close()
        _open.reset(token)
