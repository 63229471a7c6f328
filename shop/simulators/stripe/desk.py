"""The simulator at work: one request, one transaction, one answer."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from shop.simulators.stripe.attempts import DUE_CAPTURE, DUE_DEBIT, end_debit
from shop.simulators.stripe.books import Books, Caller, Thing, token
from shop.simulators.stripe.intents import EXPIRED, close_intent
from shop.simulators.stripe.refunds import DUE_REFUND, end_refund
from shop.simulators.stripe.refusal import Refusal
from shop.simulators.stripe.routes import ROUTES, Route
from shop.simulators.stripe.store import Store
from shop.simulators.stripe.wire import Params, check, nest

KEY_LIFE_S = 24 * 3600
PAGE = 10
LONGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came over the wire."""

    method: str
    path: str
    fields: Sequence[tuple[str, str]]
    api_key: str = ""
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status, a JSON text, headers."""

    status: int
    body: str
    headers: Mapping[str, str]


class Desk:
    """Serves requests from the store; ``clock`` gives aware instants."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], api_key: str | None, page_base: str = ""
    ) -> None:
        self.store = store
        self.clock = clock
        self.api_key = api_key
        self.page_base = page_base
        self._busy: set[str] = set()
        self._busy_lock = threading.Lock()

    @contextmanager
    def books(self, caller: Caller | None = None) -> Iterator[Books]:
        """The books for one transaction; what is due by the clock happens first."""
        with self.store.transaction() as connection:
            now = int(self.clock().timestamp())
            book = Books(connection, now, caller or Caller(), self.page_base)
            run_timers(book)
            yield book

    def answer(self, asked: Asked) -> Answer:
        """Serve one request of the programming interface."""
        request_id = f"req_{token(14)}"
        headers = {"Request-Id": request_id}
        if asked.idempotency_key is not None:
            headers["Idempotency-Key"] = asked.idempotency_key
        try:
            self.check_key(asked.api_key)
            route, ids = find_route(asked)
            params = check(nest(asked.fields), route.rules)
            with self.alone(asked):
                status, body, replayed = self.serve(asked, route, ids, params, request_id)
        except Refusal as refusal:
            return Answer(refusal.status, json.dumps(refusal.body), headers)
        if replayed:
            headers["Idempotent-Replayed"] = "true"
        return Answer(status, body, headers)

    def check_key(self, api_key: str) -> None:
        """Refuse strangers."""
        if not api_key:
            raise Refusal(
                "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                "YOUR_SECRET_KEY').",
                status=401,
            )
        names_simulator = api_key.startswith("sk_") and "sim" in api_key.split("_")
        if not (names_simulator if self.api_key is None else api_key == self.api_key):
            raise Refusal(
                f"Invalid API Key provided: {api_key[:7]}{'*' * 8}{api_key[-4:]}", status=401
            )

    @contextmanager
    def alone(self, asked: Asked) -> Iterator[None]:
        """Refuse a key that another request uses at this moment."""
        key = asked.idempotency_key if asked.method == "POST" else None
        if key is None:
            yield
            return
        with self._busy_lock:
            if key in self._busy:
                raise Refusal(
                    "There is currently another in-progress request using this Idempotent Key "
                    "(that probably means you submitted twice, and the other request is still "
                    f"going through): {key}.",
                    status=409,
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                )
            self._busy.add(key)
        try:
            yield
        finally:
            with self._busy_lock:
                self._busy.discard(key)

    def serve(
        self, asked: Asked, route: Route, ids: list[str], params: Params, request_id: str
    ) -> tuple[int, str, bool]:
        """Do it once: the deed, its events and the kept answer are one transaction."""
        key = asked.idempotency_key if asked.method == "POST" else None
        digest = hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
        with self.books(Caller(request_id, asked.idempotency_key)) as books:
            if books.switches()["outage"] or is_out(books, asked.path):
                raise Refusal("The simulator plays an outage.", status=503, kind="api_error")
            if key is not None:
                kept = kept_answer(books, key, f"{asked.method} {asked.path}", digest)
                if kept is not None:
                    return (*kept, True)
            try:
                body = json.dumps(render(books, route, ids, params, asked.path))
                status = 200
            except Refusal as refusal:
                if not refusal.keep:
                    raise
                body, status = json.dumps(refusal.body), refusal.status
            if key is not None:
                books.connection.execute(
                    "INSERT INTO keys (key, made_at, route, digest, status, body) "
                    "VALUES (?,?,?,?,?,?)",
                    (key, books.now, f"{asked.method} {asked.path}", digest, status, body),
                )
        return status, body, False


def is_out(books: Books, path: str) -> bool:
    """Whether a part of the provider is out: every word of the switch stands in the path."""
    steps = path.split("/")
    words = str(books.switches()["outage_of"]).split("/")
    return words != [""] and all(word in steps for word in words)


def kept_answer(books: Books, key: str, route: str, digest: str) -> tuple[int, str] | None:
    """The answer that was given to this key before; ``None`` for a new key.

    Raises:
        Refusal: the key was used for something else.
    """
    books.connection.execute("DELETE FROM keys WHERE made_at <= ?", (books.now - KEY_LIFE_S,))
    row = books.connection.execute("SELECT * FROM keys WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row["route"] != route:
        raise Refusal(
            f"Keys for idempotent requests can only be used for the same endpoint they were first "
            f"used for ('{row['route'].split()[1]}' vs '{route.split()[1]}'). Try using a key "
            f"other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    if row["digest"] != digest:
        raise Refusal(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request.",
            kind="idempotency_error",
        )
    return int(row["status"]), str(row["body"])


def find_route(asked: Asked) -> tuple[Route, list[str]]:
    """The row of the table for a request, and the ids in its path."""
    steps = asked.path.rstrip("/").split("/")
    for route in ROUTES:
        pattern = route.path.split("/")
        if route.method != asked.method or len(pattern) != len(steps):
            continue
        if all(want in (step, "{id}") for want, step in zip(pattern, steps, strict=True)):
            return route, [
                step for want, step in zip(pattern, steps, strict=True) if want == "{id}"
            ]
    raise Refusal(
        f"Unrecognized request URL ({asked.method}: {asked.path}). The simulator speaks a slice "
        "of the interface only.",
        status=404,
    )


def render(books: Books, route: Route, ids: list[str], params: Params, path: str) -> Thing:
    """Serve a route; a list becomes a page of it, and what is to be expanded is."""
    result = route.serve(books, params, *ids)
    if not route.lists:
        for wish in params.get("expand", []):
            expand(books, result, wish.split("."))
        return dict(result)
    things = paged(result, params)
    for wish in params.get("expand", []):
        head, *rest = wish.split(".")
        for thing in things[0]:
            expand(books, thing, rest if head == "data" else [head, *rest])
    return {"object": "list", "data": things[0], "has_more": things[1], "url": path}


def paged(things: Iterable[Thing], params: Params) -> tuple[list[Thing], bool]:
    """One page of things that come newest first, and whether there are more."""
    limit = params.get("limit", PAGE)
    if not 1 <= limit <= LONGEST_PAGE:
        raise Refusal(
            f"This value must be between 1 and {LONGEST_PAGE}.",
            code="parameter_invalid_integer",
            param="limit",
        )
    if "ending_before" in params:
        newer = list(things)
        return newer[-limit:], len(newer) > limit
    found = list(islice(things, limit + 1))
    return found[:limit], len(found) > limit


def expand(books: Books, thing: Thing, path: list[str]) -> None:
    """Put a whole thing where only its id stands.

    Raises:
        Refusal: there is no such field.
    """
    name, *rest = path
    if name not in thing and name != "refunds":
        raise Refusal(f"This property cannot be expanded ({name}).", param="expand", code=None)
    value = thing.get(name)
    if isinstance(value, str):
        found = books.find(value)
        if found is None:
            raise Refusal(f"This property cannot be expanded ({name}).", param="expand")
        thing[name] = value = found
    if rest and isinstance(value, dict):
        expand(books, value, rest)


def run_timers(books: Books) -> None:
    """Do what has come due: authorizations expire, debits and slow refunds end."""
    deeds: dict[str, Callable[[Books, Thing], Any]] = {
        DUE_CAPTURE: lambda book, intent: close_intent(book, intent, EXPIRED),
        DUE_DEBIT: end_debit,
        DUE_REFUND: end_refund,
    }
    while True:
        row = books.connection.execute(
            "SELECT * FROM timers WHERE due_at <= ? ORDER BY due_at, seq LIMIT 1", (books.now,)
        ).fetchone()
        if row is None:
            return
        books.connection.execute("DELETE FROM timers WHERE seq = ?", (row["seq"],))
        thing = books.find(row["thing_id"])
        if thing is not None:
            deeds[row["what"]](books, thing)
