"""What may be done in which session."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, select, text, update
from sqlalchemy.orm import Session

from shop.catalog.models import Market
from shop.infra.idle_connections import watch_idle
from shop.infra.unit_of_work import WritingWhileReading, reading, rehearsing
from tests.factories.orders import make_scene


@pytest.fixture
def market_id(session: Session) -> int:
    return make_scene(session).market.id


def test_a_session_for_questions_refuses_to_keep_a_change(
    app: Flask, session: Session, market_id: int
) -> None:
    with app.app_context(), pytest.raises(WritingWhileReading):
        _change_while_reading(market_id)


def test_a_session_for_questions_refuses_a_command(app: Flask, session: Session) -> None:
    with app.app_context(), pytest.raises(WritingWhileReading):
        _command_while_reading()


def test_a_rehearsal_leaves_nothing(app: Flask, session: Session, market_id: int) -> None:
    with app.app_context(), rehearsing() as trying:
        trying.get_one(Market, market_id).name = "Autre"
        trying.flush()
        assert trying.scalar(select(Market.name).where(Market.id == market_id)) == "Autre"
    session.expire_all()
    assert session.get_one(Market, market_id).name == "Marché du Var"


def test_a_connection_that_died_at_rest_is_replaced(own_database: str) -> None:
    engine = create_engine(own_database, pool_size=1, max_overflow=0)
    watch_idle(engine, trusted_s=0.0)
    first = _process(engine)
    assert _process(engine) == first
    with psycopg.connect(own_database.replace("+psycopg", ""), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (first,))
    assert _process(engine) != first
    engine.dispose()


def _process(engine: Engine) -> int | None:
    with engine.connect() as connection:
        return connection.scalar(text("SELECT pg_backend_pid()"))


def _change_while_reading(market_id: int) -> None:
    with reading() as asking:
        asking.get_one(Market, market_id).name = "Autre"
        asking.execute(select(Market.id))


def _command_while_reading() -> None:
    with reading() as asking:
        asking.execute(update(Market).values(name="Autre"))
