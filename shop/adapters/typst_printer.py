"""Paper by typst: one template per document, the data as JSON, fonts that came with pip.

The template of « room/name » is ``<room>/templates/<room>/print/<name>.typ`` under the root;
all of them draw with ``adapters/print/paper.typ``.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

import segno
import structlog
import typst

import shop
from shop.infra.printing import UnknownDocument

_ROOT = Path(shop.__file__).parent
_BLANK = Path(__file__).parent / "print" / "blank.typ"
_FONTS = Path(str(files("font_source_sans_pro"))) / "files"
_NAME = re.compile(r"(?P<room>[a-z_]+)/(?P<name>[a-z_]+)")

_TAGGED_BELOW = 200_000
"""Bytes of data under which a PDF is tagged for screen readers; tags make a thick pile of paper
fifteen times bigger."""

_GENERATIONS = 11
"""The compiler forgets what it remembers of a document after ten others."""

_log = structlog.get_logger(__name__)


class TypstPrinter:
    """The ``Printer`` of the application; may be shared by threads."""

    def __init__(self, root: Path = _ROOT) -> None:
        self._root = root
        self._fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FONTS]
        )
        self._blank = typst.Compiler(_BLANK, font_paths=self._fonts, ignore_system_fonts=True)
        self._one_at_a_time = Lock()

    def print(self, document: str, data: Mapping[str, Any]) -> bytes:
        """The PDF of ``document``; the same data give the same bytes.

        Raises:
            UnknownDocument: when there is no such template.
        """
        template = self._template(document)
        text = json.dumps(draw_codes(data), ensure_ascii=False)
        with self._one_at_a_time:
            compiler = typst.Compiler(
                template,
                root=self._root,
                font_paths=self._fonts,
                ignore_system_fonts=True,
                sys_inputs={"data": text},
            )
            pdf, warnings = compiler.compile_with_warnings(
                format="pdf", pdf_tags=len(text) < _TAGGED_BELOW
            )
            self._forget()
        for warning in warnings:
            _log.warning("print.warning", document=document, warning=str(warning))
        if not isinstance(pdf, bytes):
            raise TypeError(f"the compiler gave {type(pdf).__name__} for {document}")
        return pdf

    def _template(self, document: str) -> Path:
        match = _NAME.fullmatch(document)
        if match is None:
            raise UnknownDocument(document)
        room = match["room"]
        path = self._root / room / "templates" / room / "print" / f"{match['name']}.typ"
        if not path.is_file():
            raise UnknownDocument(document)
        return path

    def _forget(self) -> None:
        """Age what the compiler remembers until it lets go; otherwise memory only grows."""
        for _ in range(_GENERATIONS):
            self._blank.compile(format="svg")


def draw_codes(value: Any) -> Any:
    """``value`` with each text under a key « qr » drawn as a code: the bytes of a PNG.

    An empty text stays an empty list: no code.
    """
    if isinstance(value, Mapping):
        return {
            key: _code(item) if key == "qr" else draw_codes(item) for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [draw_codes(item) for item in value]
    return value


def _code(text: str) -> list[int]:
    """A QR code of ``text`` without its quiet zone, which the template leaves.

    The mask is fixed: any of the eight can be read, and trying all costs five times as much.
    Never Micro QR, which phones cannot read.
    """
    if not text:
        return []
    picture = io.BytesIO()
    segno.make_qr(text, error="m", mask=4).save(picture, kind="png", border=0, scale=6)
    return list(picture.getvalue())
