"""The address that a proxy or an orchestrator asks: is this process able to serve?"""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, TimeoutError

from shop.infra.unit_of_work import reading

HEALTH = "/health"


def health() -> tuple[str, int, dict[str, str]]:
    """200 when the database answers, 503 when it does not."""
    headers = {"Content-Type": "text/plain", "Cache-Control": "no-store"}
    try:
        with reading() as session:
            session.execute(text("SELECT 1"))
    except (OperationalError, TimeoutError):
        return "the database does not answer", 503, headers
    return "ok", 200, headers


def register(app: Flask) -> None:
    """Open the address."""
    app.add_url_rule(HEALTH, "health", health)
