"""Paper: a named document and its data become a PDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol


class Printer(Protocol):
    """Whoever turns a document into pages."""

    def print(self, document: str, data: Mapping[str, Any]) -> bytes:
        """The PDF of ``document`` filled with ``data``, plain JSON values only.

        ``document`` is « room/name », as in « logistics/round_sheet ».

        Raises:
            UnknownDocument: when there is no such document.
        """

    def bind(self, document: str, sheets: Iterable[Mapping[str, Any]]) -> bytes:
        """One PDF of many sheets, each with its own page numbers, made one after the other.

        A pile takes no more memory than its thickest sheet and the paper itself.

        Raises:
            UnknownDocument: when there is no such document.
            ValueError: when there is no sheet.
        """


class UnknownDocument(LookupError):
    """No template has that name."""
