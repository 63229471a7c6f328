"""What one piece holds, as people write it: « 500 g », « 4x250ml », « botte », « kg »."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from shop.catalog.domain.sheet.values import plain, read_number
from shop.kernel.folding import fold
from shop.kernel.quantity import Quantity, Unit

_MEASURES: dict[str, tuple[Unit, Decimal]] = {
    word: (unit, Decimal(factor))
    for unit, factor, words in (
        (Unit.GRAM, "0.001", "mg milligrammes"),
        (Unit.GRAM, "1", "g gr grs gram grams gramme grammes"),
        (Unit.GRAM, "1000", "kg kgs kilo kilos kilogramme kilogrammes kilogram kilograms"),
        (Unit.GRAM, "1000000", "t tonne tonnes ton"),
        (Unit.GRAM, "500", "livre livres"),
        (Unit.GRAM, "453.59237", "lb lbs pound pounds"),
        (Unit.GRAM, "28.349523125", "oz ounce ounces"),
        (Unit.MILLILITER, "1", "ml millilitre millilitres milliliter"),
        (Unit.MILLILITER, "10", "cl centilitre centilitres centiliter"),
        (Unit.MILLILITER, "100", "dl decilitre decilitres deciliter"),
        (Unit.MILLILITER, "1000", "l lt ltr litre litres liter liters"),
        (Unit.MILLILITER, "100000", "hl hectolitre hectolitres"),
        (Unit.MILLILITER, "1000000", "kl"),
        (
            Unit.PIECE,
            "1",
            "piece pieces pce pces pc pcs p u un unite unites unit units stuk stuks st saint"
            " each ea oeuf oeufs item items exemplaire exemplaires",
        ),
        (Unit.PIECE, "12", "douzaine douzaines dz dozen dozijn"),
        (Unit.PIECE, "6", "demi-douzaine"),
    )
    for word in words.split()
}

_PACK_WORDS = """
    botte bottes bouquet bouquets bunch bos barquette barquettes bakje sachet sachets sac
    sacs bag zak zakje pot pots bocal bocaux jar bouteille bouteilles bottle fles brique
    briques boite boites box doos colis caisse caisses cagette cagettes plateau plateaux
    tray filet filets lot lots paquet paquets pack packet bidon bidons cubi bib tete tetes
    head krop tresse tresses grappe grappes tranche tranches part parts portion portions
    roti rotis panier paniers basket plant plants godet godets motte mottes pain pains miche
    miches tablette tablettes tube tubes terrine terrines verrine verrines conserve
    conserves faisselle faisselles fromage fromages poignee poignees seau seaux carton
    cartons coffret coffrets bourriche"""
_PACKS = frozenset(_PACK_WORDS.split())

_ABOUT = re.compile(r"^(?:environ|env\.?|~|≈|±|\+/-|ca\.?|about|approx\.?|ongeveer)\s*", re.I)
_ABOUT_END = re.compile(r"\s*(?:environ|env\.?|approx\.?|\+/-)$", re.I)
_AMOUNT = r"\d[\d ]*(?:[.,]\d+)?|[.,]\d+|½|¼|¾|\d+/\d+"
_ONE = re.compile(rf"^({_AMOUNT})\s*([^\W\d_]+(?:-[^\W\d_]+)?)\.?$")
_TIMES = re.compile(rf"^(\d+)\s*(?:[x×*]|de\b)\s*({_AMOUNT})\s*([^\W\d_]+)\.?$", re.I)
_TIMES_AFTER = re.compile(rf"^({_AMOUNT})\s*([^\W\d_]+)\.?\s*\(?[x×*]\s*(\d+)\)?$", re.I)
_RANGE = re.compile(
    rf"^(?:de |entre )?({_AMOUNT})\s*([^\W\d_]*)\s*(?:-|–|à|a|et|tot|to)"
    rf"\s*({_AMOUNT})\s*([^\W\d_]+)$",
    re.I,
)
_WORD_FIRST = re.compile(r"^([^\W\d_]+)\s*(?:de|d'|d’|of|van|:|-|x|,)?\s*(\d.*|[.,]\d.*|[½¼¾].*)$")
_LOOSE = re.compile(
    r"^(?:le|la|au|a la|à la|per|par|par le|vrac au|en|/|€/|prix au|prix/)\s*", re.I
)
_FRACTIONS = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}


class ContentFault(StrEnum):
    """Why a content cannot be used."""

    UNREADABLE = "content_unreadable"
    UNIT_UNKNOWN = "content_unit_unknown"
    NOT_ABOVE_ZERO = "content_not_above_zero"


@dataclass(frozen=True, slots=True)
class Content:
    """What a cell says of one piece.

    ``loose`` is the unit of goods without pack (« kg », « au litre »): there is no piece.
    ``min_g`` and ``max_g`` come from a range, whose middle is the quantity.
    """

    quantity: Quantity | None = None
    pack_count: int = 1
    piece_word: str = ""
    loose: Unit | None = None
    about: bool = False
    min_g: int | None = None
    max_g: int | None = None


def measure_named(word: str) -> tuple[Unit, Decimal] | None:
    """Unit and factor to its smallest one for a word (« cl » → milliliters, 10)."""
    return _MEASURES.get(fold(word))


def read_content(text: str) -> Content | ContentFault:
    """What ``text`` says one piece holds, or why nobody can tell.

    « kg » alone means loose goods, « botte » a piece of that name; « 500 » alone has no unit.
    """
    bare = text.strip().replace("\u2019", "'")
    about = bool(_ABOUT.match(bare) or _ABOUT_END.search(bare))
    bare = _ABOUT_END.sub("", _ABOUT.sub("", bare)).strip()
    if not fold(bare) and bare not in _FRACTIONS:
        return ContentFault.UNREADABLE
    worded = _read_word(bare)
    if worded is not None:
        return worded
    counted = _read_counted(bare, about=about)
    if counted is not None:
        return counted
    first = _WORD_FIRST.match(bare)
    if first and fold(first.group(1)) in _PACKS:
        rest = read_content(first.group(2))
        if isinstance(rest, Content) and rest.loose is None:
            return Content(
                rest.quantity,
                rest.pack_count,
                first.group(1).lower(),
                about=about or rest.about,
                min_g=rest.min_g,
                max_g=rest.max_g,
            )
        if read_number(first.group(2)) is not None:
            count = read_content(f"{first.group(2)} pièces")
            if isinstance(count, Content):
                return Content(count.quantity, piece_word=first.group(1).lower())
    if read_number(bare) is not None or _ONE.match(bare):
        return ContentFault.UNIT_UNKNOWN
    return ContentFault.UNREADABLE


def _read_word(bare: str) -> Content | None:
    """A word without a number: loose goods, a piece, a dozen or a kind of pack."""
    word = fold(_LOOSE.sub("", bare))
    if word in {"vrac", "poids", "au poids", "en vrac", "bulk", "loose", "los"}:
        return Content(loose=Unit.GRAM)
    measure = _MEASURES.get(word)
    if measure is None:
        return Content(piece_word=_LOOSE.sub("", bare).lower()) if word in _PACKS else None
    unit, factor = measure
    if unit is not Unit.PIECE:
        return Content(loose=unit) if factor == 1000 else None
    return Content(Quantity.pieces(int(factor))) if factor > 1 else Content()


def _read_counted(bare: str, *, about: bool) -> Content | ContentFault | None:
    """A number with a unit, once, several times or as a range."""
    times = _TIMES.match(bare)
    if times:
        return _packed(int(times.group(1)), times.group(2), times.group(3), about=about)
    after = _TIMES_AFTER.match(bare)
    if after:
        return _packed(int(after.group(3)), after.group(1), after.group(2), about=about)
    between = _RANGE.match(bare)
    if between:
        return _ranged(*between.groups())
    one = _ONE.match(bare)
    if one is None:
        return None
    if fold(one.group(2)) in _PACKS:
        count = _amount(one.group(1))
        if count == 1:
            return Content(piece_word=one.group(2).lower())
        return ContentFault.UNIT_UNKNOWN
    return _packed(1, one.group(1), one.group(2), about=about)


def _packed(count: int, amount: str, word: str, *, about: bool) -> Content | ContentFault:
    measure = measure_named(word)
    number = _amount(amount)
    if measure is None:
        return ContentFault.UNIT_UNKNOWN
    if number is None:
        return ContentFault.UNREADABLE
    unit, factor = measure
    each = whole(number * factor, exact=unit is Unit.PIECE)
    if each is None:
        return ContentFault.UNREADABLE
    if each <= 0 or count <= 0:
        return ContentFault.NOT_ABOVE_ZERO
    is_weighed = about and unit is Unit.GRAM
    return Content(Quantity(each * count, unit), count, about=is_weighed)


def _ranged(low: str, low_word: str, high: str, high_word: str) -> Content | ContentFault:
    last = measure_named(high_word)
    first = measure_named(low_word) if low_word else last
    least, most = _amount(low), _amount(high)
    if last is None or first is None:
        return ContentFault.UNIT_UNKNOWN
    if least is None or most is None or last[0] is not Unit.GRAM or first[0] is not Unit.GRAM:
        return ContentFault.UNREADABLE
    min_g, max_g = whole(least * first[1]), whole(most * last[1])
    if min_g is None or max_g is None or not 0 < min_g <= max_g:
        return ContentFault.UNREADABLE
    return Content(Quantity.grams((min_g + max_g) // 2), about=True, min_g=min_g, max_g=max_g)


def _amount(text: str) -> Decimal | None:
    if text in _FRACTIONS:
        return _FRACTIONS[text]
    if "/" in text:
        over, under = text.split("/")
        return Decimal(int(over)) / int(under) if int(under) else None
    return read_number(text.strip())


LARGEST_AMOUNT = 1_000_000_000
"""Smallest units beyond which a quantity is a slip of the pen: a thousand tons."""


def whole(number: Decimal, *, exact: bool = False) -> int | None:
    """``number`` as a whole one, rounded half up.

    None when ``exact`` and it is not whole, or when it is beyond ``LARGEST_AMOUNT``.
    """
    if abs(number) > LARGEST_AMOUNT:
        return None
    if number == number.to_integral_value():
        return int(number)
    return None if exact else int((number + Decimal("0.5")).to_integral_value("ROUND_FLOOR"))


def read_quantity(text: str, unit: Unit, bare_factor: int | None = None) -> Quantity | None:
    """A quantity of ``unit``; a number alone is in pieces, kilograms or liters.

    ``bare_factor`` says how many smallest units a number alone counts instead. None when it
    cannot be told, is below zero or is of another kind.
    """
    number = read_number(text)
    if number is not None:
        factor = bare_factor or (1 if unit is Unit.PIECE else 1000)
        amount = whole(number * factor, exact=unit is Unit.PIECE)
        return None if amount is None or amount < 0 else Quantity(amount, unit)
    found = re.match(rf"^({_AMOUNT})\s*([^\W\d_]+)\.?$", text.strip())
    if found is None:
        return None
    measure = measure_named(found.group(2))
    if measure is None and unit is Unit.PIECE:
        measure = (Unit.PIECE, Decimal(1))
    number = _amount(found.group(1))
    if measure is None or number is None or measure[0] is not unit:
        return None
    amount = whole(number * measure[1], exact=unit is Unit.PIECE)
    return None if amount is None else Quantity(amount, unit)


def quantity_text(quantity: Quantity, language: str = "fr") -> str:
    """``quantity`` as written in a list: « 500 g », « 1,5 kg », « 75 cl », « 6 pièces »."""
    amount = Decimal(quantity.amount)
    if quantity.unit is Unit.PIECE:
        word = "pièce" if language == "fr" else "piece"
        return f"{quantity.amount} {word}{'s' if quantity.amount > 1 else ''}"
    small, middle, large = ("g", None, "kg") if quantity.unit is Unit.GRAM else ("ml", "cl", "l")
    if quantity.amount >= 1000 and quantity.amount % 10 == 0:
        text = f"{plain(amount / 1000)} {large}"
    elif middle is not None and quantity.amount % 10 == 0 and quantity.amount >= 10:
        text = f"{plain(amount / 10)} {middle}"
    else:
        text = f"{quantity.amount} {small}"
    return text.replace(".", ",") if language == "fr" else text


def content_text(quantity: Quantity, pack_count: int = 1, language: str = "fr") -> str:
    """The content of one piece as written in a list: « 500 g », « 4 x 250 ml »."""
    if pack_count == 1:
        return quantity_text(quantity, language)
    part = Quantity(quantity.amount // pack_count, quantity.unit)
    return f"{pack_count} x {quantity_text(part, language)}"
