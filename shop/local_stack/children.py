"""Children of the supervisor: started, waited for, stopped, and never left behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from shop.local_stack.accounts import Account
from shop.local_stack.errors import StackError

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_POLL_S = 0.05


@dataclass(frozen=True)
class Recipe:
    """How one child is started and stopped."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    account: Account | None = None
    """Whom it runs as; ``None`` means as we do."""
    stop_signal: signal.Signals = signal.SIGTERM
    patience_s: float = 10.0
    """How long it may take to stop before it is killed."""


class Child:
    """A running process with its log; its whole process group ends with it."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        recipe.log.parent.mkdir(parents=True, exist_ok=True)
        with recipe.log.open("ab") as log:
            self._log_starts_at = log.tell()
            self._process = subprocess.Popen(
                list(recipe.command),
                cwd=recipe.folder,
                env=dict(recipe.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent(recipe.stop_signal),
                user=recipe.account.uid if recipe.account else None,
                group=recipe.account.gid if recipe.account else None,
                extra_groups=[] if recipe.account else None,
            )

    @property
    def name(self) -> str:
        """What the child is called in messages and in its log's name."""
        return self.recipe.name

    @property
    def pid(self) -> int:
        """Process number, also that of its group."""
        return self._process.pid

    def exit_status(self) -> int | None:
        """Exit status, negative for a signal; ``None`` while it runs."""
        return self._process.poll()

    def written(self) -> str:
        """What it has written to its log since it was started."""
        with self.recipe.log.open("rb") as log:
            log.seek(self._log_starts_at)
            return log.read().decode("utf-8", "replace")

    def answers_within(self, seconds: float, answers: Callable[[], bool]) -> bool:
        """Wait until ``answers()``; ``False`` when the child ended before.

        Raises:
            StackError: when it still runs but has not answered in time.
        """
        deadline = time.monotonic() + seconds
        while self.exit_status() is None:
            if answers():
                return True
            if time.monotonic() > deadline:
                raise StackError(
                    f"{self.name} does not answer after {seconds:.0f} s.\n{self.last_words()}"
                )
            pause(_POLL_S)
        return False

    def last_words(self, lines: int = 15) -> str:
        """The end of its log, for a message on screen."""
        tail = self.written().splitlines()[-lines:]
        body = "\n".join(f"    {line}" for line in tail) or "    (nothing written)"
        return f"Last lines of {self.recipe.log}:\n{body}"

    def stop(self) -> None:
        """Ask it to stop, wait, then kill whatever is left of its group."""
        if self.exit_status() is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(self.recipe.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(self.recipe.patience_s)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def run_step(recipe: Recipe, within_s: float) -> str:
    """Run a command that ends by itself, such as the migrations; gives what it wrote.

    Raises:
        StackError: when it fails or lasts longer than ``within_s``.
    """
    child = Child(recipe)
    try:
        deadline = time.monotonic() + within_s
        while (status := child.exit_status()) is None:
            if time.monotonic() > deadline:
                raise StackError(
                    f"{recipe.name} is not done after {within_s:.0f} s.\n{child.last_words()}"
                )
            pause(_POLL_S)
        if status != 0:
            raise StackError(f"{recipe.name} failed (status {status}).\n{child.last_words()}")
        return child.written()
    finally:
        child.stop()


class Stopped(BaseException):
    """Somebody asked the stack to stop (Ctrl-C, a signal)."""


def stop_on_signals() -> None:
    """From now on, Ctrl-C or a termination signal makes the next ``pause`` raise ``Stopped``.

    Raising from the handler itself could leave a lock of the standard library held.
    """
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _ask_to_stop)


def pause(seconds: float) -> None:
    """Wait a moment.

    Raises:
        Stopped: once, when somebody has asked to stop.
    """
    time.sleep(seconds)
    if _asked_to_stop:
        _asked_to_stop.clear()
        raise Stopped


_asked_to_stop: list[int] = []


def _ask_to_stop(signum: int, _frame: FrameType | None) -> None:
    # Whoever is impatient and asks again does not interrupt the stopping.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    _asked_to_stop.append(signum)


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None]:
    """What the child does before its program starts: signals as usual, end when we end."""
    parent = os.getpid()

    def before_exec() -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_DFL)
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return before_exec
