"""The supervisor: starts every part in order, watches, and stops all in reverse order."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from shop.local_stack.addresses import any_free_port, free_port_from, is_free
from shop.local_stack.children import Child, Stopped, pause, run_step
from shop.local_stack.errors import StackError
from shop.local_stack.folders import PROJECT, RunFolder
from shop.local_stack.plan import (
    Doors,
    Part,
    application,
    catches_mail,
    command,
    migrations,
    simulators,
    site_variables,
)
from shop.local_stack.postgres import Cluster, place_cluster
from shop.local_stack.postgres_programs import find_postgres, wheel_folder
from shop.local_stack.valkey import find_valkey, valkey_answers, valkey_recipe, valkey_url

USUAL_PORT = 8000
MAIL_PORT = 8025
_MIGRATIONS_S = 300.0
_DEMO_S = 600.0
_WATCH_S = 0.3


@dataclass
class Stack:
    """Everything that runs; parts are stopped last started first."""

    asked: Mapping[str, str]
    """The environment of the user: what is set there is respected."""
    run: RunFolder
    doors: Doors
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    parts: dict[str, Part] = field(default_factory=dict)
    """What was started, by name."""

    def start(self, *, demo: bool = True) -> dict[str, str]:
        """Start every part; gives the variables they all read.

        With ``demo``, an empty database is filled with the demonstration's data.

        Raises:
            StackError: when a part does not come up.
        """
        environment = {**self.asked, "PYTHONUNBUFFERED": "1"}
        environment |= site_variables(self.asked, self.run, self.doors)
        outside = self._fork(simulators(self.asked, environment, self.run, self.doors))
        environment["DATABASE_URL"] = self.asked.get("DATABASE_URL") or self._postgres()
        environment["REDIS_URL"] = self.asked.get("REDIS_URL") or self._valkey()
        run_step(migrations(environment, self.run), _MIGRATIONS_S)
        self._wait(outside)
        if demo:
            self._fill(environment)
        self.say("Worker and web…")
        self._wait(self._fork(application(environment, self.run, self.doors)))
        return environment

    def demo_accounts(self) -> str:
        """Who can sign in to the demonstration, one a line; empty when nobody can."""
        return self._accounts.read_text(encoding="utf-8") if self._accounts.exists() else ""

    def watch(self) -> None:
        """Stay until a child ends.

        Raises:
            StackError: naming the child, with the end of its log.
        """
        while True:
            for child in self.children:
                status = child.exit_status()
                if status is not None:
                    raise StackError(f"{child.name} has ended ({status}).\n{child.last_words()}")
            pause(_WATCH_S)

    def stop(self) -> None:
        """Stop every child, the last started first."""
        while self.children:
            self.children.pop().stop()

    def _postgres(self) -> str:
        self.say("PostgreSQL…")
        programs = find_postgres(self.asked, wheel_folder())
        cluster = Cluster(
            programs=programs,
            data=self.run.child("postgres") / "data",
            password=self.run.secret("postgres"),
            log=self.run.log_of("postgres"),
        )
        cluster = place_cluster(cluster, self.run.path, self.say)
        cluster.create()
        server = cluster.start(self.asked)
        self.children.append(server.child)
        self.parts["postgres"] = Part(server.child.recipe, lambda _: server.answers())
        server.create_database()
        return server.url()

    def _valkey(self) -> str:
        port, password = any_free_port(), self.run.secret("valkey")
        url = valkey_url(port, password)
        recipe = valkey_recipe(
            find_valkey(),
            self.run.child("valkey"),
            port,
            password,
            self.asked,
            self.run.log_of("valkey"),
        )
        self._wait(self._fork([Part(recipe, lambda _: valkey_answers(url))]))
        return url

    @property
    def _accounts(self) -> Path:
        return self.run.path / "demo-accounts.txt"

    def _fill(self, environment: Mapping[str, str]) -> None:
        """Fill an empty database; asked only once of the database that we keep."""
        if self._accounts.exists() and not self.asked.get("DATABASE_URL"):
            return
        self.say("Demo data (made once, up to a minute)…")
        run_step(command("demo", ["seed-demo", "--if-empty"], environment, self.run), _DEMO_S)
        accounts = run_step(command("accounts", ["demo-accounts"], environment, self.run), _DEMO_S)
        self._accounts.write_text(accounts, encoding="utf-8")

    def _fork(self, parts: Sequence[Part]) -> list[tuple[Part, Child]]:
        started = []
        for part in parts:
            child = Child(part.recipe)
            self.children.append(child)
            self.parts[child.name] = part
            started.append((part, child))
        return started

    def _wait(self, started: Sequence[tuple[Part, Child]]) -> None:
        for part, child in started:
            if not child.answers_within(part.within_s, partial(part.ready, child)):
                raise StackError(f"{child.name} did not start.\n{child.last_words()}")


def choose_doors(host: str, port: int | None) -> Doors:
    """Free ports, the usual ones where possible; ``port`` when the user wants that one.

    Raises:
        StackError: when the wanted port is taken.
    """
    if port is not None and not is_free(port, host):
        raise StackError(f"Port {port} is taken: choose another one with `make run PORT=…`.")
    web = port if port is not None else free_port_from(USUAL_PORT, host=host)
    mail_pages = free_port_from(MAIL_PORT, taken={web})
    stripe = free_port_from(mail_pages + 1, taken={web})
    return Doors(host=host, web=web, mail_pages=mail_pages, smtp=any_free_port(), stripe=stripe)


def run_stack(host: str, port: int | None, say: Callable[[str], None]) -> int:
    """Start the stack, stay until it is asked to stop; the exit status for the shell."""
    asked = dict(os.environ)
    run = RunFolder(PROJECT / ".run")
    began = time.monotonic()
    try:
        run.prepare()
        with run.lock() as lock:
            stack = Stack(asked, run, choose_doors(host, port), say)
            try:
                environment = stack.start()
                lock.write(environment["BASE_URL"])
                lock.flush()
                say(_welcome(stack, environment, time.monotonic() - began))
                stack.watch()
            finally:
                say("Stopping…")
                stack.stop()
    except StackError as error:
        say(str(error))
        return 1
    except Stopped:
        pass
    say("Stopped. Data is kept in .run; `make reset` deletes it.")
    return 0


def _welcome(stack: Stack, environment: Mapping[str, str], seconds: float) -> str:
    lines = ["", f"Carriole is open: {environment['BASE_URL']}  (ready in {seconds:.1f} s)"]
    if catches_mail(stack.asked):
        lines.append(f"Mail it sends is caught here: {stack.doors.mailbox_url}")
    if accounts := stack.demo_accounts().rstrip():
        lines += ["", accounts]
    return "\n".join([*lines, "", "Ctrl-C stops it."])
