"""The embedded PostgreSQL: made once, started as a child, never as root."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
from psycopg import sql

from shop.local_stack.accounts import Account, can_enter, can_run, unprivileged_account
from shop.local_stack.addresses import LOOPBACK, any_free_port
from shop.local_stack.children import Child, Recipe, pause
from shop.local_stack.errors import StackError
from shop.local_stack.postgres_programs import PostgresPrograms

ADMIN = "postgres"
OWNER = "carriole"
DATABASE = "carriole"

_BUILTIN_LOCALE_SINCE = 17
_START_S = 60.0
_RETRY_S = 10.0

FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Settings of a server whose data is thrown away: tests only."""


@dataclass(frozen=True)
class Cluster:
    """One data folder, and the programs and account that open it."""

    programs: PostgresPrograms
    data: Path
    password: str
    log: Path
    account: Account | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    """Server settings beyond the usual ones."""

    def create(self) -> None:
        """Make the data folder when there is none yet.

        Raises:
            StackError: when it cannot be made, or was made by another version.
        """
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            self._own()
            return
        unfinished = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True, mode=0o700)
        password_file = unfinished.with_suffix(".password")
        password_file.touch(mode=0o600)
        password_file.write_text(self.password, encoding="ascii")
        if self.account:
            for place in (unfinished, password_file):
                os.chown(place, self.account.uid, self.account.gid)
        try:
            self._initdb(unfinished, password_file)
        finally:
            password_file.unlink()
        # An interrupted initdb leaves only the ``.new`` folder, which the next start throws away.
        unfinished.rename(self.data)

    def start(self, environment: Mapping[str, str], retry_s: float = _RETRY_S) -> Server:
        """Start the server and wait until it answers.

        After a hard kill the previous server may still be going down, so a failed
        start is tried again for ``retry_s`` seconds.

        Raises:
            StackError: when it does not come up.
        """
        give_up_at = time.monotonic() + retry_s
        while True:
            port = any_free_port()
            server = Server(Child(self._recipe(port, environment)), port, self.password)
            try:
                if server.child.answers_within(_START_S, server.answers):
                    return server
            except BaseException:
                server.child.stop()
                raise
            if time.monotonic() > give_up_at:
                raise StackError(f"PostgreSQL does not start.\n{server.child.last_words()}")
            pause(0.5)

    def _initdb(self, folder: Path, password_file: Path) -> None:
        command = [
            str(self.programs.initdb),
            f"--pgdata={folder}",
            f"--username={ADMIN}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
        ]
        if self.programs.major >= _BUILTIN_LOCALE_SINCE:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self.settings.get("fsync") == "off":
            command.append("--no-sync")
        finished = subprocess.run(
            command,
            cwd="/",
            env={"TZ": "UTC", "LC_ALL": "C", "PATH": os.defpath},
            capture_output=True,
            text=True,
            check=False,
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )
        if finished.returncode != 0:
            raise StackError(f"PostgreSQL could not make {folder}:\n{finished.stderr.strip()}")

    def _recipe(self, port: int, environment: Mapping[str, str]) -> Recipe:
        settings = {
            "port": str(port),
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "max_connections": "120",
            **self.settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Recipe(
            name="postgres",
            command=[str(self.programs.postgres), "-D", str(self.data), *options],
            environment={**environment, "TZ": "UTC", "LC_ALL": "C"},
            folder=Path("/"),
            log=self.log,
            account=self.account,
            stop_signal=signal.SIGINT,
            patience_s=30.0,
        )

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if made_by != str(self.programs.major):
            raise StackError(
                f"{self.data} was made by PostgreSQL {made_by} and {self.programs.folder} holds "
                f"{self.programs.major}: set PG_BIN to a PostgreSQL {made_by}, or `make reset`."
            )

    def _own(self) -> None:
        """Hand the data folder, and only that, to the account that opens it."""
        owner = self.data.stat().st_uid
        if self.account is None:
            if owner != os.geteuid():
                raise StackError(
                    f"{self.data} belongs to user {owner}: start as that user or as root, "
                    "or delete it with `make reset` as that user."
                )
            return
        if owner != self.account.uid:
            for folder, _, files in os.walk(self.data):
                for place in (folder, *(os.path.join(folder, name) for name in files)):
                    os.chown(place, self.account.uid, self.account.gid, follow_symlinks=False)


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL."""

    child: Child
    port: int
    password: str

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            self.admin().close()
        except psycopg.OperationalError:
            return False
        return True

    def admin(self, database: str = ADMIN) -> psycopg.Connection:
        """A connection of the server's administrator; each statement commits by itself."""
        return psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=ADMIN,
            password=self.password,
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def url(self, database: str = DATABASE, user: str = OWNER) -> str:
        """The address of a database for the application."""
        return f"postgresql+psycopg://{user}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def create_database(self, database: str = DATABASE, owner: str = OWNER) -> None:
        """Make the application's role and its empty database when they are missing."""
        with self.admin() as admin:
            roles = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [owner])
            if roles.fetchone() is None:
                admin.execute(
                    sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(
                        sql.Identifier(owner), sql.Literal(self.password)
                    )
                )
            databases = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if databases.fetchone() is None:
                admin.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(database), sql.Identifier(owner)
                    )
                )


def place_cluster(
    cluster: Cluster, run_folder: Path, say: Callable[[str], None] = lambda _: None
) -> Cluster:
    """Choose account and folders so that the server can reach its programs and data.

    As root the server runs as nobody. When a parent folder is closed to nobody, it
    works from copies in a temporary folder, and ``say`` tells where.
    """
    account = unprivileged_account()
    if account is None:
        return cluster
    programs, data = cluster.programs, cluster.data
    data.parent.mkdir(parents=True, exist_ok=True)
    programs_open = can_run(programs.postgres, account)
    data_open = can_enter(data.parent, account)
    if not (programs_open and data_open):
        refuge = refuge_of(run_folder)
        _open_refuge(refuge)
        (run_folder / "elsewhere").write_text(str(refuge), encoding="utf-8")
        if not programs_open:
            programs = _copy_programs(programs, refuge)
        if not data_open:
            if (data / "PG_VERSION").exists() and not (refuge / "data").exists():
                shutil.copytree(data, refuge / "data", symlinks=True)
            data = refuge / "data"
        say(
            f"PostgreSQL runs as nobody and may not enter {run_folder}: "
            f"it keeps its {'data' if not data_open else 'programs'} in {refuge}."
        )
    return replace(cluster, account=account, programs=programs, data=data)


def refuge_of(run_folder: Path) -> Path:
    """The temporary folder that stands in for a closed one, always the same for one checkout."""
    lasting = Path("/var/tmp")
    parent = lasting if lasting.is_dir() else Path(tempfile.gettempdir())
    mark = hashlib.sha256(str(run_folder.resolve()).encode()).hexdigest()[:12]
    return parent / f"carriole-{mark}"


def _open_refuge(refuge: Path) -> None:
    refuge.mkdir(mode=0o755, exist_ok=True)
    found = refuge.lstat()
    if found.st_uid != os.geteuid() or refuge.is_symlink():
        raise StackError(f"{refuge} was made by somebody else: delete it and start again.")
    refuge.chmod(0o755)


def _copy_programs(programs: PostgresPrograms, refuge: Path) -> PostgresPrograms:
    """Copy the programs with what they load, keeping how they lie to each other."""
    installed = programs.folder.resolve().parent
    package = installed.parent
    libraries = package.with_name(f"{package.name}.libs")
    size = programs.postgres.stat().st_size
    home = refuge / f"programs-{programs.major}-{size}"
    if not (home / "complete").exists():
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(installed, home / package.name / installed.name, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, home / libraries.name, symlinks=True)
        _open_to_all(home)
        (home / "complete").touch()
    return replace(programs, folder=home / package.name / installed.name / programs.folder.name)


def _open_to_all(home: Path) -> None:
    for folder, _, files in os.walk(home):
        os.chmod(folder, 0o755)
        for name in files:
            place = os.path.join(folder, name)
            if not os.path.islink(place):
                os.chmod(place, 0o755)
