"""What billing needs from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class InvoicePrinter(Protocol):
    """Whoever makes the paper that carries its own data: PDF/A-3b with ``factur-x.xml``."""

    def print_invoice(self, document: str, data: Mapping[str, Any]) -> bytes:
        """The file of ``document`` filled with ``data``, whose ``xml`` is attached.

        The same data give the same bytes.
        """
