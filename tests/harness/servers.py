"""One PostgreSQL per test run, shared by its workers, gone with it.

The first test that needs it starts this module as a program; it ends when the run
that asked for it ends, however that happens.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from shop.local_stack.addresses import LOOPBACK
from shop.local_stack.children import Stopped, pause, run_step, stop_on_signals
from shop.local_stack.folders import PROJECT, RunFolder
from shop.local_stack.plan import migrations
from shop.local_stack.postgres import FORGETFUL, OWNER, Cluster, Server, place_cluster
from shop.local_stack.postgres_programs import find_postgres, wheel_folder

TEMPLATE = "carriole_template"
PASSWORD = "loopback-test-password"
TIMEOUTS = {
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}
_START_S = 120.0
_STOP_S = 30.0


@dataclass(frozen=True)
class Running:
    """The server of this run."""

    pid: int
    port: int

    def url(self, database: str, user: str = OWNER) -> str:
        """The address of one of its databases for the application."""
        return f"postgresql+psycopg://{user}:{PASSWORD}@{LOOPBACK}:{self.port}/{database}"


def shared_server(folder: Path, run_pid: int) -> Running:
    """The server of the run that works in ``folder``, started by whoever asks first."""
    ready = folder / "server.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            _start(folder, run_pid, ready)
    return Running(**json.loads(ready.read_text()))


def end_shared_server(folder: Path) -> None:
    """Stop the server of the run in ``folder``, if one was started, and wait until it is gone."""
    ready = folder / "server.json"
    if not ready.exists():
        return
    pid = Running(**json.loads(ready.read_text())).pid
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_S
    while ready.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def _start(folder: Path, run_pid: int, ready: Path) -> None:
    with (folder / "server.log").open("ab") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.harness.servers", str(folder), str(run_pid)],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_S
    while not ready.exists():
        if program.poll() is not None or time.monotonic() > deadline:
            said = (folder / "server.log").read_text()
            raise RuntimeError(f"the test database did not start:\n{said}")
        time.sleep(0.02)
    # It outlives this process on purpose; nobody here waits for it.
    program.returncode = 0


def serve(folder: Path, run_pid: int) -> None:
    """Run the server until told to stop, or until the test run is no more."""
    stop_on_signals()
    run = RunFolder(PROJECT / ".run")
    run.prepare()
    cluster = Cluster(
        programs=find_postgres(os.environ, wheel_folder()),
        data=folder / "data",
        password=PASSWORD,
        log=folder / "postgres.log",
        settings=FORGETFUL | {"max_connections": "300"},
    )
    cluster = place_cluster(cluster, run.path)
    cluster.create()
    server = cluster.start(os.environ)
    try:
        _make_template(server, folder)
        _publish(folder, server)
        while _alive(run_pid) and server.child.exit_status() is None:
            pause(0.2)
    except Stopped:
        pass
    finally:
        server.child.stop()
        (folder / "server.json").unlink(missing_ok=True)


def _make_template(server: Server, folder: Path) -> None:
    """Migrate one database, once; every test database is a copy of it."""
    server.create_database(TEMPLATE)
    environment = {
        **os.environ,
        "DATABASE_URL": server.url(TEMPLATE),
        "REDIS_URL": f"redis://{LOOPBACK}:1/0",
        "SECRET_KEY": "only-for-the-tests",
        "STRIPE_API_BASE": f"http://{LOOPBACK}:1",
        "STRIPE_API_KEY": "sk_sim_tests",
        "STRIPE_PUBLIC_KEY": "pk_sim_tests",
        "STRIPE_WEBHOOK_SECRET": "whsec_tests",
        "SMTP_URL": f"smtp://{LOOPBACK}:1",
        "MEDIA_DIR": str(folder / "media"),
        "BASE_URL": "http://shop.test",
        "SIMULATION": "1",
    }
    logs = RunFolder(folder)
    logs.prepare()
    run_step(migrations(environment, logs), _START_S)
    with server.admin() as admin:
        for name, value in TIMEOUTS.items():
            admin.execute(f"ALTER ROLE {OWNER} SET {name} = '{value}'")


def _publish(folder: Path, server: Server) -> None:
    unfinished = folder / "server.json.new"
    unfinished.write_text(json.dumps(asdict(Running(os.getpid(), server.port))))
    unfinished.rename(folder / "server.json")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
