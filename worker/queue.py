"""The queue: Celery with three tasks, each inside the context of the Flask application."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
from celery import Celery, Task
from flask import Flask, current_app
from structlog import get_logger

from shop.infra import outbox
from shop.infra.unit_of_work import unit_of_work
from shop.settings import Settings
from worker import dispatch
from worker.handlers import LONG
from worker.schedule import SCHEDULE

log = get_logger()

SWEEP_S = 5.0
"""How often the outbox is swept when no wake-up came."""

QUICK, SLOW = "quick", "slow"
"""Two queues, so that a long search never holds up a payment."""


def make_celery(app: Flask, settings: Settings) -> Celery:
    """A Celery application whose tasks see ``app``."""

    class ContextTask(Task):  # type: ignore[misc]
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery = Celery("carriole", broker=settings.broker_url, task_cls=ContextTask)
    celery.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_default_queue=QUICK,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": 300,
            "unacked_restore_interval": 10,
        },
        worker_hijack_root_logger=False,
        timezone="UTC",
        beat_schedule={
            "sweep": {"task": "sweep", "schedule": SWEEP_S, "options": {"expires": SWEEP_S}},
            **{
                job.name: {
                    "task": "job",
                    "args": (job.name,),
                    "schedule": job.every,
                    "options": {"expires": job.every.total_seconds()},
                }
                for job in SCHEDULE
            },
        },
    )
    jobs = {job.name: job.run for job in SCHEDULE}

    @celery.task(name="handle")  # type: ignore[untyped-decorator]
    def handle(message_id: int) -> None:
        dispatch.handle(message_id)

    @celery.task(name="sweep")  # type: ignore[untyped-decorator]
    def sweep() -> None:
        send_waiting(celery)

    @celery.task(name="job")  # type: ignore[untyped-decorator]
    def job(name: str) -> None:
        jobs[name]()

    return celery


def send_waiting(celery: Celery) -> int:
    """Hand every waiting message to the broker; how many."""
    sent, patience = 0, dispatch.lease_of(current_app) / 2
    while True:
        with unit_of_work() as session:
            messages = outbox.hand_out(session, patience)
        for message_id, topic in messages:
            queue = SLOW if topic in LONG else QUICK
            celery.send_task("handle", (message_id,), queue=queue)
        sent += len(messages)
        if not messages:
            return sent


class WakeUp(threading.Thread):
    """Listens to the database and hands messages out at the moment they are committed.

    Only a short cut: when it is down, the sweep does the same a little later.
    """

    def __init__(self, app: Flask, settings: Settings, celery: Celery) -> None:
        super().__init__(name="wake-up", daemon=True)
        self.app, self.celery = app, celery
        self.dsn = settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        self.ended = threading.Event()

    def run(self) -> None:
        """Listen until told to end; come back after each failure."""
        while not self.ended.is_set():
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001 - database or broker away: the sweep goes on
                log.warning("wake_up_lost", error=repr(error))
                self.ended.wait(2)

    def _listen(self) -> None:
        with psycopg.connect(self.dsn, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"LISTEN {outbox.CHANNEL}")
            while not self.ended.is_set():
                for _ in connection.notifies(timeout=1, stop_after=1):
                    with self.app.app_context():
                        send_waiting(self.celery)
