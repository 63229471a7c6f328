"""``create_app``: the only place where the parts of the shop are wired together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from shop.accounts import access
from shop.adapters.wiring import adapters_for
from shop.blueprints import BLUEPRINTS
from shop.doors import build_shell
from shop.infra.db import db
from shop.infra.logs import configure_logs
from shop.infra.ports import plug
from shop.infra.unit_of_work import prepare_sessions
from shop.logistics.services.arrivals import RoundTeller
from shop.logistics.services.promises import RoundAdvisor
from shop.logistics.services.witnessing import RoundWitness
from shop.orders.ports.delivering import ArrivalTeller, DeliveryAdvisor
from shop.orders.ports.witnessing import HandoverWitness
from shop.settings import Settings
from shop.web import errors, health, security, shell

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def create_app(
    settings: Settings | None = None, adapters: Mapping[type[Any], object] | None = None
) -> Flask:
    """The application for ``settings`` (None: as the environment says).

    ``adapters`` replace those that the settings would choose, by protocol.

    Raises:
        BadSettings: the environment lacks a setting, or one makes no sense.
    """
    settings = settings or Settings.from_env()
    configure_logs(as_json=settings.log_json)
    app = Flask("shop", static_folder="web/static", template_folder="web/templates")
    app.extensions["carriole.settings"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": settings.db_pool_size,
            "max_overflow": settings.db_max_overflow,
            "pool_timeout": 20,
            "connect_args": {"connect_timeout": 5, "options": "-c timezone=UTC"},
        },
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=not settings.simulation,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=not settings.simulation,
        REMEMBER_COOKIE_DURATION=timedelta(days=30),
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=16 * 1024 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        SIMULATION=settings.simulation,
        MAILBOX_URL=settings.mailbox_url,
        TILE_URL=settings.tile_url,
        BASE_URL=settings.base_url,
        OUTBOX_LEASE_S=settings.outbox_lease_s,
    )
    if not settings.simulation:
        # In production one proxy stands before us: it says who asks, and over what.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    db.init_app(app)
    Migrate(app, db, directory=str(MIGRATIONS))
    prepare_sessions(app)
    knowing: dict[type, object] = {
        DeliveryAdvisor: RoundAdvisor(),
        ArrivalTeller: RoundTeller(),
        HandoverWitness: RoundWitness(),
    }
    plug(app, {**knowing, **adapters_for(settings), **(adapters or {})})
    security.register(app, cache_url=settings.cache_url, secure=not settings.simulation)
    access.register(app)
    shell.register(app, build_shell)
    errors.register(app)
    health.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
