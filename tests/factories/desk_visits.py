"""Somebody at the desk or at their farm, signed in, who fills forms as a browser does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.catalog import PASSWORD

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Visitor:
    """A browser with a session."""

    client: FlaskClient

    def sign_in(self, email: str) -> Visitor:
        answer = self.post("/account/sign-in", email=email, password=PASSWORD)
        assert answer.status_code == 302 or answer.status_code == 303, answer.status_code
        return self

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers={"Accept-Language": "en"})

    def post(self, path: str, **fields: Any) -> TestResponse:
        found = _TOKEN.search(self.client.get("/account/sign-in").text)
        assert found is not None
        data = {name.replace("__", "-"): value for name, value in fields.items()}
        return self.client.post(
            path,
            data={**data, "csrf_token": found[1]},
            headers={"Accept-Language": "en"},
            content_type="multipart/form-data",
        )
