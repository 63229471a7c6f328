"""Somebody in the field in front of the pages: presses what the page shows."""

from __future__ import annotations

import html
import re
import uuid
from dataclasses import dataclass
from typing import Any

from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.fulfilment import come_in

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_TAGS = re.compile(r"<[^>]+>")


@dataclass
class Hand:
    """One person with one device."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        forget_the_last_visitor()
        return self.client.get(path)

    def post(self, path: str, **fields: Any) -> TestResponse:
        found = _TOKEN.search(self.get("/account/sign-in").text)
        assert found is not None
        fields.setdefault("key", str(uuid.uuid4()))
        forget_the_last_visitor()
        return self.client.post(path, data={**fields, "csrf_token": found[1]})

    def read(self, path: str) -> str:
        """The words of a page, without its tags."""
        forget_the_last_visitor()
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, answer.status
        return words_of(answer)


def forget_the_last_visitor() -> None:
    """A test that keeps an application context open shares it with its requests."""
    if has_app_context():
        for name in list(g):
            g.pop(name)


def words_of(answer: TestResponse) -> str:
    """The words of an answer, without tags and with plain spaces."""
    text = html.unescape(_TAGS.sub(" ", answer.text))
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def hand_of(app: Flask, person_id: int) -> Hand:
    """That person, signed in, reading English."""
    client = app.test_client()
    come_in(client, person_id)
    client.set_cookie("language", "en")
    return Hand(client)
