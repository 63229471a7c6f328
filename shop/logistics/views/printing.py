"""The answer that carries a PDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from shop.infra.ports import port
from shop.infra.printing import Printer


def pdf(document: str, data: Mapping[str, Any], filename: str) -> Response:
    """A document as a PDF that the browser shows."""
    return Response(
        port(Printer).print(document, data),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{filename}.pdf"'},
    )
