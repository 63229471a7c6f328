"""Send what waits in the outbox to whoever handles it: at least once, never twice at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from time import monotonic

from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError
from structlog import get_logger

from shop.infra import outbox
from shop.infra.unit_of_work import reading, unit_of_work
from worker import tasks  # noqa: F401 - declares every handler
from worker.handlers import handler_of

log = get_logger()


def handle(message_id: int) -> bool:
    """Claim one message, handle it, note the outcome; False when there was nothing to do.

    The lease is renewed while the handler works. When this process dies, the lease runs out
    and the sweep gives the message to another one.
    """
    lease = lease_of(current_app)
    with unit_of_work() as session:
        claimed = outbox.claim(session, message_id, lease)
    if claimed is None:
        return False
    started = monotonic()
    try:
        with _lease_kept(message_id, lease):
            handler_of(claimed.topic)(**claimed.payload)
    except Exception as error:  # noqa: BLE001 - whatever went wrong is kept with the message
        log.warning("task_failed", topic=claimed.topic, message=message_id, error=repr(error))
        with unit_of_work() as session:
            outbox.put_back(session, claimed, error)
        return True
    with unit_of_work() as session:
        outbox.finish(session, message_id)
    log.info(
        "task_done",
        topic=claimed.topic,
        message=message_id,
        seconds=round(monotonic() - started, 3),
    )
    return True


def due_messages(limit: int = 200) -> list[int]:
    """Messages that wait and that nobody holds."""
    with reading() as session:
        return outbox.due(session, limit)


def drain(limit: int = 1000) -> int:
    """Handle here and now all that waits, and what follows from it; how many (tests, commands)."""
    handled = 0
    while handled < limit and (waiting := due_messages()):
        handled += sum(handle(message_id) for message_id in waiting)
    return handled


def lease_of(app: Flask) -> timedelta:
    """How long a handler may be silent before another one takes over."""
    return timedelta(seconds=app.config["OUTBOX_LEASE_S"])


@contextmanager
def _lease_kept(message_id: int, lease: timedelta) -> Iterator[None]:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(lease.total_seconds() / 3):
            # The database may be away for a moment: the next time is soon.
            with suppress(DBAPIError), app.app_context(), unit_of_work() as session:
                outbox.renew(session, message_id, lease)

    keeper = threading.Thread(target=renew, name=f"lease-{message_id}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()
