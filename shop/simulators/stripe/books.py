"""The simulator's books during one request: things, timers, events and switches."""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from shop.simulators.stripe.refusal import no_such

Thing = dict[str, Any]
ALPHABET = string.ascii_letters + string.digits
API_VERSION = "2026-10-28.endive"
FAR = 1 << 60
BESIDE = {
    "starting_after": "seq < (SELECT seq FROM things WHERE id = ?)",
    "ending_before": "seq > (SELECT seq FROM things WHERE id = ?)",
}
REVERSE_WAIT_S = 3
"""How long letters are held back so that there is an order to reverse."""

SWITCHES: dict[str, Any] = {
    "outage": False,
    "outage_of": "",
    "decline_next": "",
    "answer_after_s": 0,
    "lose_answers": 0,
    "webhooks_late_s": 0,
    "webhooks_lose": 0,
    "webhooks_double": False,
    "webhooks_reverse": False,
    "holds_grow": True,
    "hold_days": 7,
    "sepa_days": 5,
    "payout_days": 3,
}
"""What can be made to go wrong, or otherwise, with the values of a calm day.

``outage_of`` names the part that is out: « refunds », « payment_intents/capture » …
``webhooks_lose`` and ``lose_answers`` count down; −1 loses all of them.
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the request's id and idempotency key, both ``None`` from a page or a timer."""

    request_id: str | None = None
    key: str | None = None


def token(length: int) -> str:
    """Letters and digits that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


class Books:
    """Reads and writes of one transaction; ``now`` is in seconds since 1970."""

    def __init__(
        self, connection: sqlite3.Connection, now: int, caller: Caller, page_base: str = ""
    ) -> None:
        self.connection = connection
        self.now = now
        self.caller = caller
        self.page_base = page_base
        self._fresh_switches: dict[str, Any] | None = None

    # things

    def add(self, prefix: str, body: Thing, *, parent: str | None = None, **hidden: Any) -> Thing:
        """Write a new thing; ``hidden`` is what only the simulator knows of it."""
        thing = {"id": f"{prefix}_{token(24)}", **body}
        created = int(thing.get("created") or self.now)
        self.connection.execute(
            "INSERT INTO things (id, kind, parent, created, body, hidden) VALUES (?,?,?,?,?,?)",
            (
                thing["id"],
                thing["object"],
                parent,
                created,
                json.dumps(thing),
                json.dumps(hidden),
            ),
        )
        return thing

    def find(self, thing_id: str) -> Thing | None:
        """The thing with that id, of whatever kind."""
        row = self.connection.execute(
            "SELECT body FROM things WHERE id = ?", (thing_id,)
        ).fetchone()
        return None if row is None else json.loads(row["body"])

    def need(self, kind: str, thing_id: str, param: str, status: int = 400) -> Thing:
        """The thing, or the provider's « No such … »."""
        thing = self.find(thing_id)
        if thing is None or thing["object"] != kind or thing.get("deleted"):
            raise no_such(kind, thing_id, param, status)
        return thing

    def save(self, thing: Thing) -> None:
        """Write a changed thing back."""
        self.connection.execute(
            "UPDATE things SET body = ? WHERE id = ?", (json.dumps(thing), thing["id"])
        )

    def hidden(self, thing_id: str) -> dict[str, Any]:
        """What only the simulator knows of a thing."""
        row = self.connection.execute(
            "SELECT hidden FROM things WHERE id = ?", (thing_id,)
        ).fetchone()
        return {} if row is None else dict(json.loads(row["hidden"]))

    def hide(self, thing_id: str, **facts: Any) -> None:
        """Add to what only the simulator knows."""
        self.connection.execute(
            "UPDATE things SET hidden = ? WHERE id = ?",
            (json.dumps(self.hidden(thing_id) | facts), thing_id),
        )

    def all_of(self, kind: str, parent: str | None = None) -> list[Thing]:
        """Every thing of a kind (under ``parent``), newest first."""
        where, values = ("kind = ?", [kind])
        if parent is not None:
            where, values = (where + " AND parent = ?", [*values, parent])
        rows = self.connection.execute(
            f"SELECT body FROM things WHERE {where} ORDER BY seq DESC",  # noqa: S608
            values,
        )
        return [json.loads(row["body"]) for row in rows]

    def stream(
        self, kind: str, params: Mapping[str, Any], parent: str | None = None
    ) -> Iterator[Thing]:
        """Things of a kind, newest first, read as they are asked for.

        ``params`` may hold a span of ``created`` and the ids to start after or end before.
        """
        span = params.get("created", {})
        where = ["kind = ?", "created >= ?", "created <= ?"]
        values: list[Any] = [kind]
        values.append(max(span.get("gte", 0), span.get("gt", -1) + 1))
        values.append(min(span.get("lte", FAR), span.get("lt", FAR + 1) - 1))
        if parent is not None:
            where.append("parent = ?")
            values.append(parent)
        for name, condition in BESIDE.items():
            if name in params:
                where.append(condition)
                values.append(self.need(kind, params[name], name)["id"])
        rows = self.connection.execute(
            f"SELECT body FROM things WHERE {' AND '.join(where)} ORDER BY seq DESC",  # noqa: S608
            values,
        )
        for row in rows:
            yield json.loads(row["body"])

    def balance(self) -> tuple[int, int]:
        """Sum of the movements available now, and of those still on their way, in cents."""
        row = self.connection.execute(
            "SELECT coalesce(sum(CASE WHEN json_extract(body, '$.available_on') <= ?1 "
            "THEN json_extract(body, '$.net') END), 0), "
            "coalesce(sum(CASE WHEN json_extract(body, '$.available_on') > ?1 "
            "THEN json_extract(body, '$.net') END), 0) "
            "FROM things WHERE kind = 'balance_transaction'",
            (self.now,),
        ).fetchone()
        return int(row[0]), int(row[1])

    def latest(self, kind: str, limit: int) -> list[Thing]:
        """The newest things of a kind."""
        rows = self.connection.execute(
            "SELECT body FROM things WHERE kind = ? ORDER BY seq DESC LIMIT ?", (kind, limit)
        )
        return [json.loads(row["body"]) for row in rows]

    # timers

    def set_timer(self, due_at: int, what: str, thing_id: str) -> None:
        """Have ``what`` happen to a thing at a later time."""
        self.connection.execute(
            "INSERT INTO timers (due_at, what, thing_id) VALUES (?,?,?)", (due_at, what, thing_id)
        )

    def drop_timers(self, thing_id: str) -> None:
        """Nothing more happens to the thing by itself."""
        self.connection.execute("DELETE FROM timers WHERE thing_id = ?", (thing_id,))

    # switches

    def switches(self) -> dict[str, Any]:
        """Every switch with its present value."""
        if self._fresh_switches is None:
            rows = self.connection.execute("SELECT name, value FROM switches")
            self._fresh_switches = SWITCHES | {
                row["name"]: json.loads(row["value"]) for row in rows
            }
        return self._fresh_switches

    def turn(self, name: str, value: Any) -> None:
        """Set one switch."""
        self.connection.execute(
            "INSERT INTO switches (name, value) VALUES (?,?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )
        self._fresh_switches = None

    def use_up(self, name: str) -> bool:
        """Whether a counting switch is on; takes one from it."""
        left = int(self.switches()[name])
        if left > 0:
            self.turn(name, left - 1)
        return left != 0

    # events

    def tell(self, kind: str, thing: Thing, before: Thing | None = None) -> Thing:
        """Record an event about ``thing`` and put its letter in the post."""
        data: Thing = {"object": deepcopy(thing)}
        if before is not None:
            changed = {name: value for name, value in before.items() if thing.get(name) != value}
            data["previous_attributes"] = changed
        event = self.add(
            "evt",
            {
                "object": "event",
                "api_version": API_VERSION,
                "created": self.now,
                "data": data,
                "livemode": False,
                "pending_webhooks": 1,
                "request": {"id": self.caller.request_id, "idempotency_key": self.caller.key},
                "type": kind,
            },
        )
        self.post(event["id"])
        return event

    def post(self, event_id: str) -> None:
        """Put the letter of an event in the post, as well or badly as the switches say."""
        switches = self.switches()
        if self.use_up("webhooks_lose"):
            return
        backwards = bool(switches["webhooks_reverse"])
        due_at = self.now + int(switches["webhooks_late_s"])
        due_at += REVERSE_WAIT_S if backwards else 0
        for _ in range(2 if switches["webhooks_double"] else 1):
            self.connection.execute(
                "INSERT INTO letters (event_id, due_at, backwards) VALUES (?,?,?)",
                (event_id, due_at, int(backwards)),
            )


def with_metadata(thing: Thing, params: Iterable[tuple[str, str]]) -> None:
    """Merge metadata into a thing; an empty value takes a name away."""
    merged = dict(thing.get("metadata") or {})
    for name, value in params:
        if value == "":
            merged.pop(name, None)
        else:
            merged[name] = value
    thing["metadata"] = merged
