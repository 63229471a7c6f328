"""The answer that carries a PDF."""

from __future__ import annotations

from flask import Response

from shop.infra.ports import port
from shop.infra.printing import Printer
from shop.logistics.papers import Paper
from shop.web.files import own_file


def pdf(paper: Paper, of: str) -> Response:
    """A sheet as a PDF that the browser shows, named by what it is and what it is ``of``."""
    content = port(Printer).bind(paper.document, paper.sheets)
    return own_file(content, "application/pdf", f"{paper.name}-{of}.pdf", shown=True)
