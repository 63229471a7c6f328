"""The search runs in a child process: it keeps a core busy and would hold up the other tasks.

The child ends by itself when its parent is gone: it watches the pipe it was given.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import IO

from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.steady import replan
from shop.logistics.domain.planning.search.stop import Progress, StopRule

STOP = b"stop\n"


class SearchProcess:
    """One search under way; ``with`` sees to it that nothing is left behind."""

    def __init__(
        self,
        problem: Problem,
        seconds: float,
        seed: int,
        start: Plan | None = None,
        *,
        steady: bool = False,
    ) -> None:
        """With ``steady``, only what is near a change since ``start`` is planned anew."""
        self.task = pickle.dumps((problem, seconds, seed, start, steady))
        self.child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> SearchProcess:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "worker.search_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._write(len(self.task).to_bytes(8, "big") + self.task)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.communicate()

    def messages(self) -> Iterator[Progress | Plan]:
        """What the child says: progress about once a second, the plan at the end."""
        if self.child is None or self.child.stdout is None:
            return
        while True:
            try:
                yield pickle.load(self.child.stdout)
            except EOFError:
                return

    def ask_to_stop(self) -> None:
        """End the search and let it keep its best."""
        self._write(STOP)

    def _write(self, data: bytes) -> None:
        if self.child is not None and self.child.stdin is not None:
            self.child.stdin.write(data)
            self.child.stdin.flush()


def main(source: IO[bytes], sink: IO[bytes]) -> None:
    """Read a problem, search, write progress and then the plan."""
    size = int.from_bytes(source.read(8), "big")
    problem, seconds, seed, start, steady = pickle.loads(source.read(size))
    asked = threading.Event()
    lock = threading.Lock()

    def watch() -> None:
        if source.readline() == STOP:
            asked.set()
            source.readline()
        os._exit(1)

    def say(message: Progress | Plan) -> None:
        with lock:
            pickle.dump(message, sink)
            sink.flush()

    threading.Thread(target=watch, name="watch", daemon=True).start()
    rule = StopRule(seconds=float(seconds), asked=asked.is_set)
    if steady and start is not None:
        say(replan(problem, rule, seed, start, progress=say))
    else:
        say(solve(problem, rule, seed, progress=say, start=start))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
