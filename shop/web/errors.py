"""The five families of refusals become pages; nothing else knows their HTTP status."""

from __future__ import annotations

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, TimeoutError
from structlog import get_logger
from werkzeug.exceptions import HTTPException

from shop.kernel.errors import (
    Conflict,
    Forbidden,
    GatewayError,
    InvalidInput,
    NotFound,
    ShopError,
)

STATUS: dict[type[ShopError], int] = {
    InvalidInput: 422,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    GatewayError: 502,
}
"""Each family and its HTTP status."""

PAGES = frozenset({403, 404, 409, 422, 429, 500, 502, 503})
"""Statuses that have a page of their own; others share the nearest."""

log = get_logger()


def status_of(error: ShopError) -> int:
    """The HTTP status of a refusal."""
    return next(
        (status for family, status in STATUS.items() if isinstance(error, family)),
        500,
    )


def register(app: Flask) -> None:
    """Show refusals, missing pages and bugs as pages in the person's language."""

    @app.errorhandler(ShopError)
    def refused(error: ShopError) -> ResponseReturnValue:
        return _page(status_of(error), code=error.code, facts=error.facts)

    @app.errorhandler(CSRFError)
    def stale_form(error: CSRFError) -> ResponseReturnValue:
        return _page(422, code="stale_form")

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        if error.code is not None and error.code < 400:
            return error
        return _page(error.code or 500)

    @app.errorhandler(OperationalError)
    @app.errorhandler(TimeoutError)
    def database_away(error: Exception) -> ResponseReturnValue:
        log.error("database_away", path=request.path, error=str(error)[:300])
        return _page(503)

    @app.errorhandler(Exception)
    def bug(error: Exception) -> ResponseReturnValue:
        log.exception("bug", path=request.path, method=request.method, exc_info=error)
        return _page(500)


def _page(status: int, code: str | None = None, facts: object = None) -> ResponseReturnValue:
    if request.accept_mimetypes.best == "application/json":
        return {"error": code or str(status)}, status
    page = status if status in PAGES else (404 if status < 500 else 500)
    return render_template(f"errors/{page}.html", code=code, facts=facts or {}), status
