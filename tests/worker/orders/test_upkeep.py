"""Every night the books are proved; what does not add up is said."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from worker.upkeep import prove_books


def test_books_that_add_up_are_said_to(app: Flask, session: Session) -> None:
    with app.app_context(), capture_logs() as logs:
        prove_books()
    assert [line["event"] for line in logs] == ["books_add_up"]


def test_a_ledger_that_does_not_prove_is_an_error(app: Flask, session: Session) -> None:
    session.execute(
        text(
            "WITH m AS (INSERT INTO markets (slug, name, territory, pack, email, phone, texts,"
            " terms_version) VALUES ('m', 'M', 't', 'full', 'm@exemple.fr', '0', '{}', '1')"
            " RETURNING id), a AS (INSERT INTO ledger_accounts (kind) VALUES ('provider')"
            " RETURNING id), e AS (INSERT INTO ledger_entries (key, kind, market_id, facts)"
            " SELECT 'k', 'test', id, '{}' FROM m RETURNING id)"
            " INSERT INTO ledger_postings (entry_id, account_id, amount_cents)"
            " SELECT e.id, a.id, 100 FROM e, a"
        )
    )
    with app.app_context(), capture_logs() as logs:
        prove_books()
    assert ("error", "ledger_does_not_prove", ("k",)) in [
        (line["log_level"], line["event"], line.get("wrong")) for line in logs
    ]
