"""Headers that tell the browser to trust this site only; limits on what one visitor may ask."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

csrf = CSRFProtect()
"""Guards every form; the provider's webhook is exempt and carries a signature instead."""

limiter = Limiter(
    get_remote_address,
    default_limits=[],
    strategy="fixed-window",
    swallow_errors=True,
)
"""Doors where guessing pays: signing in, registering, asking for a new password."""

PAYMENT_ENDPOINTS = frozenset({"orders.pay", "orders.pay_owed", "orders.pay_voucher"})
"""The only pages that may load the provider's script."""

_STRIPE = "https://js.stripe.com"


def register(app: Flask, *, cache_url: str, secure: bool) -> None:
    """Guard forms, headers and doors of ``app``."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", cache_url)
    app.config.setdefault("RATELIMIT_HEADERS_ENABLED", False)
    csrf.init_app(app)
    limiter.init_app(app)

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", _policy(request.endpoint))
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self)")
        if secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def _policy(endpoint: str | None) -> str:
    sources = {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "frame-ancestors": "'none'",
    }
    if endpoint in PAYMENT_ENDPOINTS:
        sources["script-src"] = f"'self' {_STRIPE}"
        sources["frame-src"] = f"{_STRIPE} https://hooks.stripe.com"
        sources["connect-src"] = "'self' https://api.stripe.com"
    return "; ".join(f"{name} {value}" for name, value in sources.items())
