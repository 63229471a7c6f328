"""Paper by typst: one template per document, the data as JSON, fonts that came with pip.

The template of « room/name » is ``<room>/templates/<room>/print/<name>.typ`` under the root;
all of them draw with ``adapters/print/paper.typ``.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

import pikepdf
import segno
import structlog
import typst
from PIL import Image

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

_DOT = 6
"""Pixels of a code's module: readers that smooth pictures then blur none of its edges."""

_DARK_IS_BLACK = bytes.maketrans(b"\x00\x01", b"\xff\x00")

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

        Several sheets in one file: ``{"sheets": [...]}``, each with its own page numbers.

        Raises:
            UnknownDocument: when there is no such template.
        """
        text = json.dumps(draw_codes(data), ensure_ascii=False)
        tagged = len(text) < _TAGGED_BELOW
        (pdf,) = self._compile(document, text, format="pdf", pdf_tags=tagged)
        return pdf

    def bind(self, document: str, sheets: Iterable[Mapping[str, Any]]) -> bytes:
        """One PDF of many sheets, each with its own page numbers.

        Raises:
            UnknownDocument: when there is no such template.
            ValueError: when there is no sheet.
        """
        printed = [self.print(document, sheet) for sheet in sheets]
        if not printed:
            raise ValueError("no sheet to print")
        if len(printed) == 1:
            return printed[0]
        bound = io.BytesIO()
        with pikepdf.new() as pile:
            for each in printed:
                with pikepdf.open(io.BytesIO(each)) as sheet_of_pile:
                    pile.pages.extend(sheet_of_pile.pages)
            # Without a date or a random number: the same data give the same bytes.
            pile.save(bound, deterministic_id=True)
        return bound.getvalue()

    def archive(self, document: str, data: Mapping[str, Any]) -> bytes:
        """The PDF/A-3b of ``document``, to be kept for years; its template attaches the files.

        Raises:
            UnknownDocument: when there is no such template.
        """
        text = json.dumps(data, ensure_ascii=False)
        (pdf,) = self._compile(document, text, format="pdf", pdf_standards=["a-3b"], pdf_tags=False)
        return pdf

    def pictures(self, document: str, data: Mapping[str, Any], ppi: int = 144) -> list[bytes]:
        """The pages of ``document`` as PNG at ``ppi`` pixels per inch, to be looked at.

        Raises:
            UnknownDocument: when there is no such template.
        """
        text = json.dumps(draw_codes(data), ensure_ascii=False)
        return self._compile(document, text, format="png", ppi=float(ppi))

    def _compile(self, document: str, text: str, **options: Any) -> list[bytes]:
        """The file of ``document``, or one for each page."""
        template = self._template(document)
        with self._one_at_a_time:
            compiler = typst.Compiler(
                template,
                root=self._root,
                font_paths=self._fonts,
                ignore_system_fonts=True,
                sys_inputs={"data": text},
            )
            made, warnings = compiler.compile_with_warnings(**options)
            self._forget()
        for warning in warnings:
            _log.warning("print.warning", document=document, warning=str(warning))
        if made is None:
            raise TypeError(f"the compiler kept {document} for itself")
        return made if isinstance(made, list) else [made]

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
    rows = segno.make_qr(text, error="m", mask=4).matrix
    width = len(rows)
    dots = b"".join(rows).translate(_DARK_IS_BLACK)
    picture = Image.frombytes("L", (width, width), dots)
    picture = picture.resize((width * _DOT, width * _DOT), Image.Resampling.NEAREST)
    png = io.BytesIO()
    picture.convert("1").save(png, "PNG")
    return list(png.getvalue())
