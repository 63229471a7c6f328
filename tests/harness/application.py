"""Fixtures: the application, sessions that are rolled back, and applications that commit."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from shop.infra.clock import Clock, SetClock
from shop.infra.ports import plug
from shop.infra.unit_of_work import Questions, Sessions
from shop.local_stack.addresses import LOOPBACK
from shop.settings import Settings

SESSIONS = "carriole.sessions"
PORTS = "carriole.ports"


@pytest.fixture(scope="session")
def settings(
    postgres_url: str, valkey_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """What the application of the tests is told."""
    return Settings(
        database_url=postgres_url,
        redis_url=valkey_server,
        secret_key="only-for-the-tests",
        stripe_api_key="sk_sim_tests",
        stripe_public_key="pk_sim_tests",
        stripe_webhook_secret="whsec_tests",
        stripe_api_base=f"http://{LOOPBACK}:1",
        smtp_url=f"smtp://{LOOPBACK}:1",
        media_dir=tmp_path_factory.mktemp("media"),
        base_url="http://localhost",
        simulation=True,
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The application, on the database whose changes are rolled back."""
    with application(settings) as made:
        yield made


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session whose changes vanish; the units of work of ``app`` take part in it.

    What a unit of work commits is seen here after ``session.expire_all()``.
    """
    with engine_of(app).connect() as connection:
        outer = connection.begin()
        taking_part: dict[str, Any] = {
            "bind": connection,
            "join_transaction_mode": "create_savepoint",
            "expire_on_commit": False,
        }
        sessions = sessionmaker(**taking_part)
        usual = app.extensions[SESSIONS]
        app.extensions[SESSIONS] = Sessions(
            writing=sessions, reading=sessionmaker(class_=Questions, **taking_part)
        )
        try:
            with sessions() as opened:
                yield opened
        finally:
            app.extensions[SESSIONS] = usual
            outer.rollback()


@pytest.fixture
def client(app: Flask, session: Session, valkey_url: str) -> FlaskClient:
    """A visitor of ``app``; what their requests change is rolled back, no limit is used up."""
    return app.test_client()


@pytest.fixture
def committed_app(own_database: str, valkey_url: str, settings: Settings) -> Iterator[Flask]:
    """An application with a database of its own, where commits are real."""
    with application(replace(settings, database_url=own_database)) as made:
        yield made


@contextmanager
def application(
    settings: Settings, adapters: dict[type[Any], object] | None = None
) -> Iterator[Flask]:
    """The application for ``settings``, its connections closed at the end."""
    # Asked for by name so that tests of pure rules do not load the whole application.
    made: Flask = importlib.import_module("shop.app").create_app(settings, adapters)
    made.testing = True
    try:
        yield made
    finally:
        engine_of(made).dispose()


@contextmanager
def clock_at(app: Flask, at: datetime) -> Iterator[SetClock]:
    """``app`` lives at the instant ``at`` until told otherwise; then it has its clock back."""
    usual = dict(app.extensions[PORTS])
    made = SetClock(at)
    plug(app, {Clock: made})
    try:
        yield made
    finally:
        app.extensions[PORTS].update(usual)


def engine_of(app: Flask) -> Engine:
    """The pool of connections of ``app``."""
    with app.app_context():
        engine: Engine = app.extensions["sqlalchemy"].engine
        return engine
