"""The tables are what the models say, grow where they may only grow, and can go back."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from shop.app import MIGRATIONS
from shop.infra.append_only import append_only_tables
from shop.models import METADATA
from tests.harness.application import engine_of


def _config(connection: object) -> Config:
    config = Config(str(MIGRATIONS / "alembic.ini"))
    config.attributes["connection"] = connection
    return config


def test_models_and_migrations_say_the_same(app: Flask) -> None:
    with engine_of(app).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_migrations_go_down_to_nothing_and_up_again(own_database: str) -> None:
    engine = create_engine(own_database)
    with engine.connect() as connection:
        command.downgrade(_config(connection), "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    with engine.connect() as connection:
        command.upgrade(_config(connection), "head")
    assert set(METADATA.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


@pytest.mark.parametrize("table", append_only_tables())
def test_a_table_that_only_grows_has_its_trigger(session: Session, table: str) -> None:
    found = session.scalar(
        text("SELECT count(*) FROM pg_trigger WHERE tgname = :name"),
        {"name": f"{table}_append_only"},
    )
    assert found == 1


def test_history_cannot_be_changed(session: Session) -> None:
    session.execute(
        text(
            "INSERT INTO transitions (subject, subject_id, event, from_state, to_state, at)"
            " VALUES ('order', 1, 'secure', 'awaiting_payment', 'placed', now())"
        )
    )
    for statement in ("UPDATE transitions SET event = 'x'", "DELETE FROM transitions"):
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(statement))


def test_a_ledger_entry_that_does_not_add_up_is_refused(session: Session) -> None:
    market = session.scalar(
        text(
            "INSERT INTO markets (slug, name, territory, pack, email, phone, texts, terms_version)"
            " VALUES ('m', 'M', 't', 'full', 'm@exemple.fr', '0', '{}', '1') RETURNING id"
        )
    )
    account = session.scalar(
        text("INSERT INTO ledger_accounts (kind) VALUES ('provider') RETURNING id")
    )
    entry = session.scalar(
        text(
            "INSERT INTO ledger_entries (key, kind, market_id, facts)"
            " VALUES ('k', 'test', :market, '{}') RETURNING id"
        ),
        {"market": market},
    )
    session.execute(
        text(
            "INSERT INTO ledger_postings (entry_id, account_id, amount_cents)"
            " VALUES (:entry, :account, 100)"
        ),
        {"entry": entry, "account": account},
    )
    with pytest.raises(IntegrityError, match="does not add up"):
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
