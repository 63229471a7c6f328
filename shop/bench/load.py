"""People who ask for pages: a small client with cookies, many at once, every answer timed."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

TIMEOUT_S = 120.0
_GUARD = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how long it took."""

    status: int
    body: bytes
    location: str
    seconds: float


class Visitor:
    """One browser: a connection that is kept, cookies, the guard of the forms."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.guard = ""
        self.seen: list[Answer] = []
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        """Ask for a page; what guards its forms is remembered."""
        answer = self._ask("GET", path, None, {})
        if found := _GUARD.search(answer.body):
            self.guard = found[1].decode()
        return answer

    def post(self, path: str, fields: Iterable[tuple[str, object]], **headers: str) -> Answer:
        """Send a form."""
        body = urlencode([*fields, ("csrf_token", self.guard)])
        headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self._ask("POST", path, body, headers)

    def close(self) -> None:
        """Leave."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers["Accept-Language"] = "fr"
        began = time.perf_counter()
        for attempt in (1, 2):
            if self._connection is None:
                self._connection = http.client.HTTPConnection(
                    "127.0.0.1", self.port, timeout=TIMEOUT_S
                )
            try:
                self._connection.request(method, path, body, headers)
                response = self._connection.getresponse()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # The server closed a connection that was idle: what every browser meets.
                self.close()
                if attempt == 2:
                    raise
        content = response.read()
        seconds = time.perf_counter() - began
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                pair = value.split(";", 1)[0]
                cookie, _, kept = pair.partition("=")
                self.cookies[cookie] = kept
        answer = Answer(response.status, content, response.getheader("Location") or "", seconds)
        self.seen.append(answer)
        return answer


@dataclass(slots=True)
class Load:
    """What many people met together."""

    seconds: float
    """From the first to the last."""
    done: int
    """Pieces of work that were finished."""
    times: list[float] = field(default_factory=list)
    """Of each answer, in seconds."""
    statuses: dict[int, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0
    """What the servers computed meanwhile."""

    @property
    def cpu_ms(self) -> float:
        """What one piece of work costs the servers: steadier than the rate on a busy machine."""
        return 1000 * self.cpu_seconds / self.done if self.done else 0.0

    @property
    def per_second(self) -> float:
        """Pieces of work finished in a second."""
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def server_errors(self) -> int:
        """Answers that say that the shop broke, and connections that did."""
        return len(self.errors) + sum(n for status, n in self.statuses.items() if status >= 500)

    def percentile_ms(self, percent: int) -> float:
        """The time within which so many percent of the answers came."""
        if not self.times:
            return 0.0
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def keep_asking(clients: int, seconds: float, make: Callable[[int], Callable[[], None]]) -> Load:
    """``clients`` people repeat a piece of work until the time is over.

    ``make`` gives the work of one person; the list of answers it fills is on its visitor.
    """
    works = [make(number) for number in range(clients)]
    ends = time.perf_counter() + seconds
    counts = [0] * clients
    errors: list[str] = []

    def person(number: int) -> None:
        while time.perf_counter() < ends:
            try:
                works[number]()
            except (OSError, http.client.HTTPException) as error:
                errors.append(repr(error))
            counts[number] += 1

    began = time.perf_counter()
    _together(clients, person)
    return Load(time.perf_counter() - began, sum(counts), errors=errors)


def all_once(people: Sequence[Callable[[], bool]], at_once: int) -> Load:
    """Everybody does their work once, ``at_once`` at a time; how many succeeded."""
    waiting = iter(people)
    lock = threading.Lock()
    succeeded = [0] * at_once
    errors: list[str] = []

    def queue(number: int) -> None:
        while True:
            with lock:
                work = next(waiting, None)
            if work is None:
                return
            try:
                succeeded[number] += bool(work())
            except (OSError, http.client.HTTPException) as error:
                errors.append(repr(error))

    began = time.perf_counter()
    _together(at_once, queue)
    return Load(time.perf_counter() - began, sum(succeeded), errors=errors)


def note(load: Load, visitors: Iterable[Visitor]) -> Load:
    """``load`` with the answers that its visitors got; they leave."""
    for visitor in visitors:
        for answer in visitor.seen:
            load.times.append(answer.seconds)
            load.statuses[answer.status] = load.statuses.get(answer.status, 0) + 1
        visitor.close()
    return load


def _together(count: int, person: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=person, args=(number,)) for number in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
