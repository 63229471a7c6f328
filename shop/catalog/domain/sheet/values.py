"""Single values as people write them in a cell: numbers, amounts, rates, yes and no."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from shop.catalog.domain.sheet.table import Cell
from shop.kernel.folding import fold
from shop.kernel.money import divide_half_up

_BLANKS = re.compile(r"[^\S\n]+")
_NUMBER = re.compile(r"^[+-]?(?:\d[\d ]*(?:[.,][\d ]*\d)*|[.,]\d+)$")
_GROUPED = re.compile(r"^\d{1,3}(?: \d{3})+$")
_LAST_MARK = re.compile(r"[.,](?=\d*$)")
_CURRENCY = re.compile(r"€|\beuros?\b|\beur\b", re.IGNORECASE)

_YES = "oui o yes y ja j true vrai waar x 1 disponible available dispo beschikbaar v"
_NO = "non n no nee false faux onwaar 0 indisponible epuise rupture unavailable uitverkocht"
YES = frozenset(_YES.split())
NO = frozenset(_NO.split())
_TICKS = frozenset("✓✔☑")
_CROSSES = frozenset("✗✘☐-–")
UNLIMITED = frozenset(
    fold(word)
    for word in ("illimité", "illimitée", "sans limite", "unlimited", "onbeperkt", "infini")
)


def cell_text(cell: Cell) -> str:
    """The cell as one text: plain spaces, no blanks around; numbers without needless zeros."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return plain(cell)
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    lines = _BLANKS.sub(" ", cell.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    return "\n".join(line.strip() for line in lines).strip()


def plain(number: Decimal) -> str:
    """``number`` without exponent and without zeros at the end."""
    if number == number.to_integral_value():
        return str(int(number))
    return format(number.normalize(), "f")


def read_number(text: str) -> Decimal | None:
    """The number that ``text`` is, French or English style; None when it is none.

    With one mark alone it is the decimal one (« 1,234 » is a bit more than one); with two
    kinds, the last one is. Spaces may group thousands.
    """
    bare = text.strip().replace("\u2212", "-").replace("'", "").replace("\u2019", "")
    if not _NUMBER.match(bare):
        return None
    sign, digits = ("-", bare[1:]) if bare[0] == "-" else ("", bare.lstrip("+"))
    whole, mark, decimals = digits, "", ""
    if {".", ","} <= set(digits) or len(re.findall(r"[.,]", digits)) == 1:
        found = _LAST_MARK.search(digits)
        if found is None:
            return None
        whole, mark, decimals = digits[: found.start()], ".", digits[found.end() :]
        if digits[found.start()] in whole:
            return None
    if re.search(r"[.,]", whole):
        groups = re.split(r"[.,]", whole)
        if any(len(group) != 3 for group in groups[1:]) or not 1 <= len(groups[0]) <= 3:
            return None
        whole = "".join(groups)
    if " " in whole:
        if not _GROUPED.match(whole):
            return None
        whole = whole.replace(" ", "")
    if " " in decimals:
        return None
    try:
        return Decimal(f"{sign}{whole or '0'}{mark}{decimals}")
    except InvalidOperation:
        return None


def number_in(cell: Cell) -> Decimal | None:
    """The number in a cell, be it typed as a number or as text."""
    return cell if isinstance(cell, Decimal) else read_number(cell_text(cell))


def read_amount(text: str) -> tuple[Decimal, str] | None:
    """The amount at the start of ``text`` and what follows it (« 3,50 €/kg » → 3.50, « /kg »).

    None when there is no amount. The euro sign may stand before, after or between.
    """
    bare = _CURRENCY.sub("€", text.strip())
    split = re.match(r"^(-?)\s*€?\s*(-?[\d., ]*\d)\s*(?:€\s*(\d\d)?)?(.*)$", bare, re.DOTALL)
    if split is None:
        return None
    minus, digits, cents, rest = split.groups()
    number = read_number(f"{minus}{digits.strip()}")
    if number is None:
        return None
    if cents is not None:
        if number != number.to_integral_value():
            return None
        number += Decimal(int(cents)).scaleb(-2).copy_sign(number)
    return number, rest.strip()


def cents_of(amount: Decimal, numerator: int = 1, denominator: int = 1) -> int:
    """Cents of ``amount`` times a fraction, rounded half up once."""
    over, under = amount.as_integer_ratio()
    return divide_half_up(over * 100 * numerator, under * denominator)


def read_rate_bp(cell: Cell) -> int | None:
    """A rate in hundredths of a percent; « 5,5 », « 5.5 % » and a cell of 0.055 are 550.

    None when it is no rate, lies outside 0 to 100 % or is finer than a basis point.
    """
    text = cell_text(cell)
    bare = re.sub(r"(?i)^(tva|btw|vat)\s*(à|a|:)?\s*", "", text).replace("%", "").strip()
    number = read_number(bare)
    if number is None or not 0 <= number <= 100:
        return None
    if isinstance(cell, Decimal) and 0 < number < Decimal("0.35"):
        number *= 100
    scaled = number * 100
    return int(scaled) if scaled == scaled.to_integral_value() else None


def read_yes_no(cell: Cell) -> bool | None:
    """Yes or no in French, English, Dutch or as a tick; None when it is neither."""
    text = cell_text(cell)
    if text in _TICKS:
        return True
    if text in _CROSSES:
        return False
    folded = fold(text)
    if folded in YES:
        return True
    return False if folded in NO else None


def read_count(cell: Cell) -> int | None:
    """A whole number, zero or more; words may follow it (« 12 bottes »); None otherwise."""
    number = number_in(cell)
    if number is None:
        found = re.match(r"^(\d+)\s*[^\W\d].*$", cell_text(cell))
        number = Decimal(found.group(1)) if found else None
    if number is None or number < 0 or number != number.to_integral_value():
        return None
    return int(number)
