"""Numbers that the state and the banks give: SIRET, VAT number, IBAN."""

from __future__ import annotations

import re
from itertools import cycle

LA_POSTE = "356000000"
"""Its establishments follow a rule of their own: the sum of the digits is a multiple of five."""

_VAT = re.compile(r"FR[0-9A-HJ-NP-Z]{2}\d{9}")
_OTHER_VAT = re.compile(r"[A-Z]{2}[0-9A-Z]{2,12}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[0-9A-Z]{11,30}")
_IBAN_LENGTH = {"FR": 27, "MC": 27, "BE": 16, "DE": 22, "ES": 24, "IT": 27, "LU": 20, "CH": 21}


def compact(text: str) -> str:
    """``text`` without spaces and dots, in capitals, as these numbers are kept."""
    return re.sub(r"[\s.\u00a0\u202f-]", "", text).upper()


def is_siret(siret: str) -> bool:
    """Whether fourteen digits can be an establishment (Luhn; La Poste: the sum of the digits)."""
    if not re.fullmatch(r"\d{14}", siret):
        return False
    if _luhn(siret):
        return True
    return siret.startswith(LA_POSTE) and sum(int(digit) for digit in siret) % 5 == 0


def siren_of(siret: str) -> str:
    """The enterprise of an establishment."""
    return siret[:9]


def vat_number_of(siren: str) -> str:
    """The VAT number that belongs to a French enterprise: 732829320 is FR44732829320.

    A proposal for a form; the one that the tax office wrote counts.
    """
    key = (12 + 3 * (int(siren) % 97)) % 97
    return f"FR{key:02d}{siren}"


def is_vat_number(number: str) -> bool:
    """Whether ``number`` is written as VAT numbers are; a French one with a true key of digits."""
    if not number.startswith("FR"):
        return bool(_OTHER_VAT.fullmatch(number))
    if not _VAT.fullmatch(number):
        return False
    key, siren = number[2:4], number[4:]
    return not key.isdigit() or vat_number_of(siren) == number


def is_iban(iban: str) -> bool:
    """Whether ``iban`` has the length of its country and the right check digits."""
    if not _IBAN.fullmatch(iban):
        return False
    if len(iban) != _IBAN_LENGTH.get(iban[:2], len(iban)):
        return False
    digits = "".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])
    return int(digits) % 97 == 1


def _luhn(digits: str) -> bool:
    weights = cycle((1, 2))
    total = 0
    for digit, weight in zip(reversed(digits), weights, strict=False):
        value = int(digit) * weight
        total += value - 9 if value > 9 else value
    return total % 10 == 0
