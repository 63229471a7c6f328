"""Where the bench plays: servers of its own on one core, the demo market, room for everybody."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from shop.bench import floor
from shop.local_stack.addresses import LOOPBACK, any_free_port, serves_pages
from shop.local_stack.children import Child, Recipe, run_step
from shop.local_stack.errors import StackError
from shop.local_stack.folders import PROJECT, RunFolder
from shop.local_stack.plan import command, migrations
from shop.local_stack.postgres import DATABASE, Cluster, place_cluster
from shop.local_stack.postgres_programs import find_postgres, wheel_folder
from shop.local_stack.valkey import find_valkey, valkey_answers, valkey_recipe, valkey_url

WORKERS = 2
THREADS = 8
_UP_S = 120.0


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core the servers have, and which the load; None: the machine has only one."""

    servers: int | None
    load: int | None

    @classmethod
    def of_this_machine(cls) -> Cores:
        """The first two cores that we may use."""
        if not hasattr(os, "sched_getaffinity"):
            return cls(None, None)
        usable = sorted(os.sched_getaffinity(0))
        return cls(usable[0], usable[1]) if len(usable) > 1 else cls(None, None)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything is up: addresses and the doors to the database."""

    database_url: str
    shop_port: int
    floor_port: int
    programs: Path
    folder: Path
    cores: Cores
    environment: dict[str, str]
    parents: frozenset[int]
    """The first process of each server."""

    def cpu_seconds(self) -> float:
        """What the servers have computed so far, all processes together."""
        ticks = 0
        for fields in _family(self.parents).values():
            # Its own time, and that of children that have ended.
            ticks += sum(int(each) for each in fields[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")

    def database(self) -> psycopg.Connection:
        """A connection of our own; each statement commits by itself."""
        url = self.database_url.replace("postgresql+psycopg://", "postgresql://")
        return psycopg.connect(url, autocommit=True)


@contextmanager
def stage(cores: Cores) -> Iterator[Stage]:
    """Start servers in a folder that is thrown away, seed the demo, open both applications.

    Raises:
        StackError: something does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="carriole-bench-"))
    folder.chmod(0o711)
    children: list[Child] = []
    try:
        run = RunFolder(folder)
        run.prepare()
        programs = find_postgres(os.environ, wheel_folder())
        cluster = Cluster(
            programs=programs,
            data=folder / "postgres" / "data",
            password="bench-on-the-loopback",
            log=run.log_of("postgres"),
        )
        cluster = place_cluster(cluster, PROJECT / ".run")
        cluster.create()
        server = cluster.start(os.environ)
        children.append(server.child)
        server.create_database()
        redis_url = _valkey(run, children)
        environment = _environment(server.url(DATABASE), redis_url, folder)
        run_step(migrations(environment, run), _UP_S)
        run_step(command("demo", ["seed-demo"], environment, run), _UP_S)
        floor.prepare(server.url(DATABASE))
        shop_port = _serve(run, children, environment, "shop.bench.target:create()")
        floor_port = _serve(run, children, environment, "shop.bench.floor:create()")
        made = Stage(
            server.url(DATABASE),
            shop_port,
            floor_port,
            cluster.programs.folder,
            folder,
            cores,
            environment,
            frozenset(child.pid for child in children),
        )
        _pin(made)
        _make_room(made)
        yield made
    finally:
        for child in reversed(children):
            child.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _environment(database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "only-for-the-bench",
        "STRIPE_API_BASE": f"http://{LOOPBACK}:1",
        "STRIPE_API_KEY": "sk_sim_bench",
        "STRIPE_PUBLIC_KEY": "pk_sim_bench",
        "STRIPE_WEBHOOK_SECRET": "whsec_bench",
        "SMTP_URL": f"smtp://{LOOPBACK}:1",
        "MEDIA_DIR": str(folder / "media"),
        "BASE_URL": f"http://{LOOPBACK}",
        "SIMULATION": "1",
    }


def _valkey(run: RunFolder, children: list[Child]) -> str:
    port, password = any_free_port(), "bench-on-the-loopback"
    recipe = valkey_recipe(
        find_valkey(), run.child("valkey"), port, password, os.environ, run.log_of("valkey")
    )
    child = Child(recipe)
    children.append(child)
    url = valkey_url(port, password)
    if not child.answers_within(_UP_S, lambda: valkey_answers(url)):
        raise StackError(f"Valkey does not start.\n{child.last_words()}")
    return url


def _serve(
    run: RunFolder, children: list[Child], environment: dict[str, str], application: str
) -> int:
    port = any_free_port()
    name = application.split(":")[0].rsplit(".", 1)[-1]
    child = Child(
        Recipe(
            name=name,
            command=[
                sys.executable, "-m", "gunicorn", application, "--worker-class", "gthread",
                "--workers", str(WORKERS), "--threads", str(THREADS), "--keep-alive", "30",
                "--bind", f"{LOOPBACK}:{port}", "--no-control-socket", "--timeout", "120",
            ],
            environment=environment,
            folder=PROJECT,
            log=run.log_of(name),
        )
    )  # fmt: skip
    children.append(child)
    if not child.answers_within(_UP_S, lambda: serves_pages(port)):
        raise StackError(f"{application} does not start.\n{child.last_words()}")
    return port


def _family(parents: frozenset[int]) -> dict[int, list[str]]:
    """The servers' processes, with what the kernel says of each after its name."""
    every: dict[int, list[str]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError):
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                every[int(entry.name)] = fields
    found = {pid: every[pid] for pid in parents if pid in every}
    while True:
        children = {
            pid: fields
            for pid, fields in every.items()
            if pid not in found and int(fields[1]) in found
        }
        if not children:
            return found
        found |= children


def _pin(made: Stage) -> None:
    """Put every server process on one core and ourselves on another."""
    if made.cores.servers is None or made.cores.load is None:
        return
    for pid in _family(made.parents):
        with suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(int(task.name), {made.cores.servers})
    os.sched_setaffinity(0, {made.cores.load})


def _make_room(made: Stage) -> None:
    """Enough of everything for everybody; each measure makes scarce what it wants scarce."""
    with made.database() as connection:
        connection.execute(
            "UPDATE offers SET allotted = allotted + 100000000"
            " WHERE cycle_id = (SELECT id FROM cycles WHERE state = 'open')"
        )
        connection.execute("UPDATE delivery_slots SET capacity = 1000000")
        connection.execute("VACUUM ANALYZE")
