"""Who the children run as: PostgreSQL refuses root, everything else runs as you do."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

_NOBODY = 65534


@dataclass(frozen=True)
class Account:
    """A user and group of this machine, by number."""

    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """The account that stands in for root, ``None`` when we are not root."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(_NOBODY, _NOBODY)
    return Account(nobody.pw_uid, nobody.pw_gid)


def can_enter(folder: Path, account: Account) -> bool:
    """Whether ``account`` may walk into ``folder`` through all its parents."""
    return _succeeds(["/bin/sh", "-c", 'cd "$0"', str(folder)], account)


def can_run(program: Path, account: Account | None) -> bool:
    """Whether ``program --version`` works for ``account`` (``None``: for us)."""
    return _succeeds([str(program), "--version"], account)


def _succeeds(command: list[str], account: Account | None) -> bool:
    try:
        finished = subprocess.run(
            command,
            cwd="/",
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except OSError:
        return False
    return finished.returncode == 0
