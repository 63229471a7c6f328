"""Questions to a server that answers in JSON: time limits, patience, errors as the shop's."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

from shop.kernel.errors import GatewayRefused, GatewayUnavailable

CONNECT_S = 3.05
BUSY = frozenset({429, 500, 502, 503, 504})
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 10.0


class JsonServer:
    """One server, asked up to ``tries`` times when it is silent or busy.

    Between two tries it waits as long as the server says (``Retry-After``), else twice as long
    as before.
    """

    def __init__(
        self,
        base_url: str,
        *,
        read_s: float = 30.0,
        tries: int = 3,
        longest_pause_s: float = LONGEST_PAUSE_S,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.read_s = read_s
        self.tries = tries
        self.longest_pause_s = longest_pause_s
        self.pause = pause

    def ask(
        self,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        refused: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
    ) -> dict[str, Any]:
        """The object that answers a question: a GET, or a POST when there is a ``body``.

        ``refused`` turns the server's words of a refusal into facts of the error.

        Raises:
            GatewayUnavailable: silent, busy or broken, after every try.
            GatewayRefused: it answers no, or nothing that can be read.
        """
        said = self._answer(path, query, body, refused)
        if not isinstance(said, dict):
            raise GatewayRefused(server=self.base_url, why="not_an_object")
        return said

    def ask_list(
        self,
        path: str,
        *,
        body: object,
        refused: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
    ) -> list[dict[str, Any]]:
        """The same for a question that is answered by a list of objects.

        Raises:
            GatewayUnavailable: silent, busy or broken, after every try.
            GatewayRefused: it answers no, or nothing that can be read.
        """
        said = self._answer(path, None, body, refused)
        if not isinstance(said, list) or not all(isinstance(each, dict) for each in said):
            raise GatewayRefused(server=self.base_url, why="not_a_list")
        return said

    def _answer(
        self,
        path: str,
        query: Mapping[str, str] | None,
        body: object,
        refused: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    ) -> Any:
        wait = FIRST_PAUSE_S
        why: dict[str, Any] = {}
        for tried in range(self.tries):
            if tried:
                self.pause(min(wait, self.longest_pause_s))
                wait *= 2
            try:
                answer = requests.request(
                    "GET" if body is None else "POST",
                    self.base_url + path,
                    params=query,
                    json=body,
                    timeout=(CONNECT_S, self.read_s),
                    headers={"Accept": "application/json"},
                )
            except requests.RequestException as error:
                why = {"why": type(error).__name__}
                continue
            if answer.status_code not in BUSY:
                return self._read(answer, refused)
            why = {"status": answer.status_code}
            wait = max(wait, _retry_after(answer))
        raise GatewayUnavailable(server=self.base_url, **why)

    def _read(
        self,
        answer: requests.Response,
        refused: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    ) -> Any:
        try:
            said = answer.json()
        except requests.JSONDecodeError as error:
            raise GatewayRefused(
                server=self.base_url, status=answer.status_code, why="not_json"
            ) from error
        if not answer.ok:
            facts = refused(said) if isinstance(said, dict) else {}
            raise GatewayRefused(server=self.base_url, status=answer.status_code, **facts)
        return said


def _retry_after(answer: requests.Response) -> float:
    """Seconds that the server asks to wait; dates are not read."""
    said = answer.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else 0.0
