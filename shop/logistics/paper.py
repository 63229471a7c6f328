"""Sheets in the reader's words: for the pages that show them and the commands that print them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _

from shop.infra.formats import LocaleFormats
from shop.kernel.quantity import Quantity, Unit
from shop.orders.queries.lines import PickLine
from shop.web import formats as web_formats
from shop.web.locale import chosen_language


def formats_of(timezone: str) -> LocaleFormats:
    """Values as the reader's language writes them, in the market's zone."""
    return LocaleFormats(chosen_language(), ZoneInfo(timezone))


def words(message: str) -> str:
    """A message in the reader's language."""
    translated: str = _(message)
    return translated


def packaging(line: PickLine) -> str:
    """How one piece is packed: « 250 g », « about 1.4 kg », or loose."""
    if line.unit is not Unit.PIECE:
        return words("loose")
    if line.nominal_g is not None:
        about: str = _("about %(weight)s", weight=web_formats.kilograms(line.nominal_g))
        return about
    if line.content is not None and line.content != Quantity(1, Unit.PIECE):
        return web_formats.quantity(line.content)
    return words("piece")


def amount(line: PickLine, value: int) -> str:
    """An amount of a line in words."""
    return web_formats.quantity(Quantity(value, line.unit))


def crate_url(code: str) -> str:
    """What the QR code of a crate opens."""
    return url_for("crates.show", code=code, _external=True)
