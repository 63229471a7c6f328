"""Carrying events to the shop: signed, repeated until received, or badly on demand."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shop.simulators.stripe.desk import Desk

BACK_OFF_S = (1, 5, 15, 60, 300, 1800, 7200, 21600, 43200, 86400)
"""Waiting time after each failed attempt; after the last one the letter is given up."""
TIMEOUT_S = 10
REST_S = 0.2
STRAIGHT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""The shop is near: no proxy is asked."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One sending of one event."""

    seq: int
    event_id: str
    payload: bytes
    signature: str


def sign(payload: bytes, secret: str, at: datetime) -> str:
    """The signature header: time of sending, and a code that only the two of us can make."""
    moment = int(at.timestamp())
    code = hmac.new(secret.encode(), f"{moment}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={moment},v1={code}"


class Post:
    """The letters that wait in the store."""

    def __init__(self, desk: Desk, secret: str) -> None:
        self.desk = desk
        self.secret = secret

    def next_letter(self) -> Letter | None:
        """The next letter that is due, signed for this moment."""
        with self.desk.books() as books:
            row = books.connection.execute(
                "SELECT letters.seq, letters.event_id, things.body FROM letters "
                "JOIN things ON things.id = letters.event_id "
                "WHERE letters.state = 'waiting' AND letters.due_at <= ? "
                "ORDER BY CASE backwards WHEN 1 THEN -letters.seq ELSE letters.seq END LIMIT 1",
                (books.now,),
            ).fetchone()
        if row is None:
            return None
        payload = json.dumps(json.loads(row["body"]), indent=2).encode()
        return Letter(
            row["seq"],
            row["event_id"],
            payload,
            sign(payload, self.secret, self.desk.clock()),
        )

    def received(self, letter: Letter, answer: str) -> None:
        """The shop has it."""
        with self.desk.books() as books:
            books.connection.execute(
                "UPDATE letters SET state = 'received', attempts = attempts + 1, answer = ? "
                "WHERE seq = ?",
                (answer, letter.seq),
            )
            event = books.find(letter.event_id)
            if event is not None:
                event["pending_webhooks"] = 0
                books.save(event)

    def failed(self, letter: Letter, answer: str) -> None:
        """The shop did not take it: try again later, or give up."""
        with self.desk.books() as books:
            row = books.connection.execute(
                "SELECT attempts FROM letters WHERE seq = ?", (letter.seq,)
            ).fetchone()
            attempts = row["attempts"] + 1
            given_up = attempts > len(BACK_OFF_S)
            wait = 0 if given_up else BACK_OFF_S[attempts - 1]
            books.connection.execute(
                "UPDATE letters SET state = ?, attempts = ?, due_at = ?, answer = ? WHERE seq = ?",
                (
                    "given up" if given_up else "waiting",
                    attempts,
                    books.now + wait,
                    answer,
                    letter.seq,
                ),
            )

    def take_all(self) -> list[Letter]:
        """Every letter that is due, counted as received: for use without a network."""
        letters = []
        while (letter := self.next_letter()) is not None:
            self.received(letter, "taken")
            letters.append(letter)
        return letters


class Postman(threading.Thread):
    """Walks to the shop with each letter that is due, until told to stop."""

    def __init__(self, post: Post, url: str, note: Callable[[str], None]) -> None:
        super().__init__(name="postman", daemon=True)
        self.post = post
        self.url = url
        self.note = note
        self.stopping = threading.Event()

    def run(self) -> None:
        """Carry letters one after the other."""
        while not self.stopping.is_set():
            letter = self.post.next_letter()
            if letter is None:
                self.stopping.wait(REST_S)
                continue
            problem = self.carry(letter)
            if problem is None:
                self.post.received(letter, "200")
            else:
                self.note(f"webhook {letter.event_id} not received: {problem}")
                self.post.failed(letter, problem)

    def carry(self, letter: Letter) -> str | None:
        """Post one letter; answers the problem, ``None`` when it was received."""
        request = urllib.request.Request(
            self.url,
            data=letter.payload,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": letter.signature,
                "User-Agent": "Stripe/1.0 (simulator)",
            },
            method="POST",
        )
        try:
            with STRAIGHT.open(request, timeout=TIMEOUT_S) as answer:
                return None if 200 <= answer.status < 300 else str(answer.status)
        except urllib.error.HTTPError as problem:
            return str(problem.code)
        except OSError as problem:
            return type(problem).__name__
