"""The Celery application as the worker and the beat start it: wired from the environment."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_process_init, worker_ready, worker_shutting_down

from shop.app import create_app
from shop.infra.db import db
from shop.settings import Settings
from worker.queue import WakeUp, make_celery

_settings = Settings.from_env()
_flask_app = create_app(_settings)
app = make_celery(_flask_app, _settings)
_wake_up = WakeUp(_flask_app, _settings, app)


@worker_ready.connect  # type: ignore[untyped-decorator]
def start_wake_up(**_: Any) -> None:
    """Begin to listen once this worker takes tasks."""
    _wake_up.start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def end_wake_up(**_: Any) -> None:
    """Stop listening."""
    _wake_up.ended.set()


@worker_process_init.connect  # type: ignore[untyped-decorator]
def forget_connections(**_: Any) -> None:
    """A forked child never speaks over the connections of its parent."""
    with _flask_app.app_context():
        db.engine.dispose(close=False)
