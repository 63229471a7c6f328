from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from shop.local_stack.errors import StackError
from shop.local_stack.postgres import FORGETFUL, Cluster, Server, place_cluster, refuge_of
from shop.local_stack.postgres_programs import PostgresPrograms, find_postgres, wheel_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that nobody, whom PostgreSQL runs as under root, may walk into."""
    with tempfile.TemporaryDirectory(prefix="carriole one ", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o711)
        yield Path(made)


@pytest.fixture
def cluster(folder: Path) -> Cluster:
    programs = find_postgres({}, wheel_folder())
    made = Cluster(programs, folder / "data", "a-password", folder / "log", settings=FORGETFUL)
    return place_cluster(made, folder)


@pytest.fixture
def start() -> Iterator[Callable[[Cluster], Server]]:
    """Starts servers, and stops them whatever happens."""
    with ExitStack() as stack:

        def started(cluster: Cluster) -> Server:
            server = cluster.start(os.environ)
            stack.callback(server.child.stop)
            return server

        yield started


def test_data_survives_a_hard_kill(cluster: Cluster, start: Callable[[Cluster], Server]) -> None:
    cluster = replace(cluster, settings={})
    cluster.create()
    server = start(cluster)
    server.create_database()
    with psycopg.connect(server.url().replace("+psycopg", "")) as owner:
        owner.execute("CREATE TABLE farm (name text)")
        owner.execute("INSERT INTO farm VALUES ('Les Oliviers')")
    os.kill(server.child.pid, signal.SIGKILL)
    while server.child.exit_status() is None:
        pass
    # Its own children are still going down: the start has to wait for them.
    again = start(cluster)
    again.create_database()
    with psycopg.connect(again.url().replace("+psycopg", "")) as owner:
        assert owner.execute("SELECT name FROM farm").fetchall() == [("Les Oliviers",)]
        assert owner.execute("SHOW timezone").fetchone() == ("UTC",)
    again.child.stop()
    assert again.child.exit_status() == 0


def test_the_application_is_no_administrator(
    cluster: Cluster, start: Callable[[Cluster], Server]
) -> None:
    cluster.create()
    server = start(cluster)
    server.create_database()
    with psycopg.connect(server.url().replace("+psycopg", "")) as owner:
        assert owner.execute(
            "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone() == (False, True)


def test_an_interrupted_creation_is_begun_again(cluster: Cluster) -> None:
    unfinished = cluster.data.with_name("data.new")
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18")
    cluster.create()
    assert (cluster.data / "PG_VERSION").read_text().strip() == "18"
    assert not unfinished.exists()


def test_data_of_another_version_is_left_alone(cluster: Cluster) -> None:
    cluster.data.mkdir()
    (cluster.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(StackError, match=r"made by PostgreSQL 15 .* holds 18"):
        cluster.create()


def test_a_server_that_cannot_start_shows_its_log(folder: Path) -> None:
    programs = folder / "bin"
    programs.mkdir()
    (programs / "postgres").write_text("#!/bin/sh\necho 'FATAL: no room' >&2\nexit 1\n")
    (programs / "postgres").chmod(0o755)
    broken = Cluster(PostgresPrograms(programs, 18), folder / "data", "secret", folder / "log")
    with pytest.raises(StackError, match=r"does not start[\s\S]*FATAL: no room"):
        broken.start(os.environ, retry_s=0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands PostgreSQL to another account")
def test_behind_a_closed_folder_root_works_from_copies_and_says_so(
    folder: Path, start: Callable[[Cluster], Server]
) -> None:
    found = wheel_folder()
    assert found is not None
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    package = found.parents[1]
    shutil.copytree(package, closed / package.name)
    shutil.copytree(f"{package}.libs", closed / f"{package.name}.libs")
    programs = find_postgres({"PG_BIN": str(closed / package.name / "pginstall/bin")}, None)
    said: list[str] = []
    made = Cluster(programs, closed / "data", "secret", folder / "log", settings=FORGETFUL)
    placed = place_cluster(made, closed, said.append)
    refuge = refuge_of(closed)
    try:
        assert placed.data == refuge / "data"
        assert (closed / "elsewhere").read_text() == str(refuge)
        assert len(said) == 1
        assert str(refuge) in said[0]
        placed.create()
        assert start(placed).answers()
    finally:
        shutil.rmtree(refuge)


@pytest.mark.skipif(os.geteuid() == 0, reason="root runs it as nobody instead")
def test_an_ordinary_user_runs_it_as_they_are(cluster: Cluster) -> None:
    assert cluster.account is None
