from __future__ import annotations

from dataclasses import replace

from flask.testing import FlaskClient

from shop.settings import Settings
from tests.harness.application import application


def test_a_process_that_reaches_its_database_says_ok(client: FlaskClient) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_a_process_without_its_database_says_so(settings: Settings) -> None:
    nowhere = "postgresql+psycopg://carriole:none@127.0.0.1:1/none"
    with application(replace(settings, database_url=nowhere)) as app:
        answer = app.test_client().get("/health")
    assert (answer.status_code, answer.text) == (503, "the database does not answer")
