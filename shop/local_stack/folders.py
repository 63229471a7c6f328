"""Where the stack keeps its data between two runs: the ``.run`` folder."""

from __future__ import annotations

import fcntl
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from shop.local_stack.errors import StackError

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class RunFolder:
    """``.run`` and what is where in it."""

    path: Path

    def prepare(self) -> None:
        """Create it.

        Raises:
            StackError: when it belongs to somebody else.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.logs.mkdir(exist_ok=True)
            self.secrets.mkdir(exist_ok=True, mode=0o700)
            (self.path / "lock").touch()
        except PermissionError as error:
            raise StackError(
                f"{self.path} belongs to another user ({error.strerror}): start as that user, "
                "or delete it with `make reset` as that user."
            ) from error

    @property
    def logs(self) -> Path:
        """One log per child."""
        return self.path / "logs"

    @property
    def secrets(self) -> Path:
        """Secrets made once for this machine."""
        return self.path / "secrets"

    def child(self, name: str) -> Path:
        """A folder of its own for one child, created when missing."""
        folder = self.path / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def log_of(self, name: str) -> Path:
        """The log of one child; a log beyond 10 MB starts afresh."""
        log = self.logs / f"{name}.log"
        if log.exists() and log.stat().st_size > 10_000_000:
            log.replace(self.logs / f"{name}.log.1")
        return log

    def secret(self, name: str) -> str:
        """A random secret, made the first time it is asked for, readable by its owner only."""
        place = self.secrets / name
        if not place.exists():
            fresh = place.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
            fresh.replace(place)
        return place.read_text(encoding="ascii")

    def lock(self) -> IO[str]:
        """Hold the folder for one stack; released when the process ends, however it ends.

        Raises:
            StackError: when another stack runs from it.
        """
        held = (self.path / "lock").open("r+", encoding="utf-8")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            says = held.read().strip() or "it is still starting"
            held.close()
            raise StackError(
                f"Already running from {self.path} ({says}). Stop it first (Ctrl-C)."
            ) from error
        held.truncate(0)
        return held
