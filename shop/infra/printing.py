"""Paper: a named document and its data become a PDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Printer(Protocol):
    """Whoever turns a document into pages."""

    def print(self, document: str, data: Mapping[str, Any]) -> bytes:
        """The PDF of ``document`` filled with ``data``, plain JSON values only.

        ``document`` is « room/name », as in « logistics/round_sheet ».

        Raises:
            UnknownDocument: when there is no such document.
        """


class UnknownDocument(LookupError):
    """No template has that name."""
