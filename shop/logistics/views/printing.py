"""The answer that carries a PDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from shop.infra.ports import port
from shop.infra.printing import Printer
from shop.web.files import own_file


def pdf(document: str, data: Mapping[str, Any], filename: str) -> Response:
    """A document as a PDF that the browser shows."""
    content = port(Printer).print(document, data)
    return own_file(content, "application/pdf", f"{filename}.pdf", shown=True)
