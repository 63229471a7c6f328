"""What a preparer types at the scale, and which weights are worth a question."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

STRANGE_BP = 5_000
"""Where the producer announced no range: further than that from the usual weight is strange."""

_WHOLE_BP = 10_000
_TYPED = re.compile(
    r"(?P<number>\d{1,6}(?:[.,]\d{1,3})?)\s*(?P<unit>kg|g)?", re.ASCII | re.IGNORECASE
)


def read_grams(typed: str) -> int:
    """Grams from what was typed: « 1234 » are grams, « 1,234 » and « 1.2 kg » kilograms.

    Raises:
        ValueError: it is no weight.
    """
    found = _TYPED.fullmatch(typed.replace("\u00a0", " ").replace("\u202f", " ").strip())
    if found is None:
        raise ValueError(typed)
    number = Decimal(found["number"].replace(",", "."))
    unit = (found["unit"] or "").lower()
    in_kilograms = unit == "kg" or (not unit and not found["number"].isdigit())
    grams = number.scaleb(3) if in_kilograms else number
    if grams != grams.to_integral_value():
        raise ValueError(typed)
    return int(grams)


@dataclass(frozen=True, slots=True)
class WeightRange:
    """From what to what a weight surprises nobody, in grams."""

    least_g: int
    most_g: int

    def __contains__(self, weight_g: int) -> bool:
        return self.least_g <= weight_g <= self.most_g


def usual_range(
    *, amount: int, by_piece: bool, nominal_g: int | None, min_g: int | None, max_g: int | None
) -> WeightRange:
    """What ``amount`` may weigh: as the producer announced, else half more or less than usual.

    ``amount`` counts pieces, or is the expected weight of what is sold loose. A bound that is the
    usual weight itself was not announced: no two chickens weigh the same.
    """
    usual_g = expected_g(amount=amount, by_piece=by_piece, nominal_g=nominal_g)
    margin = usual_g * STRANGE_BP // _WHOLE_BP
    pieces = amount if by_piece else 0
    return WeightRange(
        least_g=min_g * pieces if min_g and pieces and min_g != nominal_g else usual_g - margin,
        most_g=max_g * pieces if max_g and pieces and max_g != nominal_g else usual_g + margin,
    )


def expected_g(*, amount: int, by_piece: bool, nominal_g: int | None) -> int:
    """What ``amount`` usually weighs, in grams."""
    return amount * (nominal_g or 0) if by_piece else amount
