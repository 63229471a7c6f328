"""Searches in processes of their own: several at once, and none that can hang the planner.

PyVRP holds the interpreter while it works, and in rare cases (seen where vehicles may reload)
its local search never ends. A child that has been silent too long is
ended; the best it had told is kept. A child ends by itself when its parent is gone.
"""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pyvrp import ProblemData, Solution

from shop.logistics.domain.planning.search.clock import ProcessorClock, WallClock
from shop.logistics.domain.planning.search.engine import (
    BEST,
    Aim,
    Budget,
    Found,
    Penalties,
    Watch,
    improve,
)

SILENCE_S = 4.0
"""A child that says nothing for this long, and a little more per stop, is ended."""
SILENCE_PER_STOP_S = 0.02
POLL_S = 0.1
LONGEST_S = 900
"""Processor seconds after which the system ends a child whose search has no time limit."""
GRACE_S = 0.1
GRACE_SHARE = 0.04
"""How much longer than it was given a search may take before the system ends it."""
HEADER = 8


@dataclass(slots=True)
class Job:
    """One search to be done in a child, and what has come of it."""

    data: ProblemData
    seed: int
    seconds: float | None
    iterations: int | None
    initial: Solution | None
    penalties: Penalties | None
    aim: Aim = BEST
    best: Solution | None = None
    found: Found | None = None
    done: int = 0


@dataclass(slots=True)
class _Child:
    job: Job
    pid: int
    listen: int
    tell: int
    heard: float
    buffer: bytearray = field(default_factory=bytearray)


def improve_apart(
    jobs: Sequence[Job], cores: int, budget: Budget, watch: Watch | None = None
) -> list[Found | None]:
    """Do all jobs, at most ``cores`` at a time; ``None`` for one that told nothing at all."""
    waiting = list(jobs)
    before = _lived_s()
    children: list[_Child] = []
    try:
        while waiting or children:
            while waiting and len(children) < max(1, cores):
                children.append(_start(waiting.pop(0), budget.clock))
            ready, _, _ = select.select([child.listen for child in children], [], [], POLL_S)
            for child in [each for each in children if each.listen in ready]:
                if not _hear(child, budget, watch):
                    _end(child)
                    children.remove(child)
            _look_after(children, budget)
    finally:
        for child in children:
            _end(child)
    budget.clock.lived_apart((_lived_s() - before) / max(1, min(cores, len(jobs))))
    return [_result(job) for job in jobs]


def _lived_s() -> float:
    """Processor seconds of all children that have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _look_after(children: list[_Child], budget: Budget) -> None:
    """Ask children to stop when we are asked, and end the silent ones."""
    asked = budget.asked is not None and budget.asked()
    for child in list(children):
        if asked:
            # One that has just ended needs no asking.
            with suppress(BrokenPipeError):
                os.write(child.tell, b"s")
        stops = child.job.data.num_clients + child.job.data.num_shipments
        if time.monotonic() - child.heard > SILENCE_S + SILENCE_PER_STOP_S * stops:
            _end(child)
            children.remove(child)


def _result(job: Job) -> Found | None:
    if job.found is not None:
        return job.found
    return None if job.best is None else Found(job.best, None)


def _start(job: Job, clock: WallClock) -> _Child:
    told, tell = os.pipe()
    listen, say = os.pipe()
    with warnings.catch_warnings():
        # The child only computes and leaves without running anything of its parent.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        _live(job, clock, (told, say), (tell, listen))
    os.close(told)
    os.close(say)
    return _Child(job, pid, listen, tell, time.monotonic())


def _live(job: Job, clock: WallClock, ours: tuple[int, int], parents: tuple[int, int]) -> None:
    """The child's whole life; it never returns."""
    status, (told, say) = 1, ours
    try:
        for each in parents:
            os.close(each)
        _limit(job.seconds, clock)
        parent = os.getppid()

        def asked() -> bool:
            return os.getppid() != parent or bool(select.select([told], [], [], 0)[0])

        ends = None if job.seconds is None else clock.now() + job.seconds
        budget = Budget(ends, job.iterations, asked, clock=clock)

        def beat(solution: Solution, iterations: int) -> None:
            _send(say, ("beat", solution, iterations))

        part = budget.part(1.0).aiming_at(job.aim)
        found = improve(job.data, job.seed, part, job.initial, beat, job.penalties)
        _send(say, ("end", found, budget.done))
        status = 0
    finally:
        os._exit(status)


def _limit(seconds: float | None, clock: WallClock) -> None:
    """Let the system end this process when its time is up: PyVRP may not look at the clock."""
    if seconds is not None:
        works = isinstance(clock, ProcessorClock)
        timer, alarm = (
            (signal.ITIMER_PROF, signal.SIGPROF) if works else (signal.ITIMER_REAL, signal.SIGALRM)
        )
        signal.signal(alarm, signal.SIG_DFL)
        signal.setitimer(timer, seconds + GRACE_S + GRACE_SHARE * seconds)
    spent = resource.getrusage(resource.RUSAGE_SELF)
    more = LONGEST_S if seconds is None else seconds + 30
    limit = int(spent.ru_utime + spent.ru_stime + more) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))


def _send(target: int, message: tuple[str, Any, int]) -> None:
    body = pickle.dumps(message)
    data = memoryview(len(body).to_bytes(HEADER, "big") + body)
    while data:
        data = data[os.write(target, data) :]


def _hear(child: _Child, budget: Budget, watch: Watch | None) -> bool:
    """Take in what a child says; false when it has ended."""
    data = os.read(child.listen, 1 << 20)
    if not data:
        return False
    child.heard = time.monotonic()
    child.buffer += data
    while len(child.buffer) >= HEADER:
        size = int.from_bytes(child.buffer[:HEADER], "big")
        if len(child.buffer) < HEADER + size:
            break
        kind, content, iterations = pickle.loads(child.buffer[HEADER : HEADER + size])
        del child.buffer[: HEADER + size]
        budget.done += iterations - child.job.done
        child.job.done = iterations
        if kind == "end":
            child.job.found = content
        else:
            child.job.best = content
            if watch is not None:
                watch(content, budget.done)
    return True


def _end(child: _Child) -> None:
    if child.job.found is None:
        os.kill(child.pid, signal.SIGKILL)
    os.waitpid(child.pid, 0)
    os.close(child.listen)
    os.close(child.tell)
