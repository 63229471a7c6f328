"""An order's number, how long it may stay unpaid, and who it belongs to in a list."""

from __future__ import annotations

from datetime import datetime, timedelta

from shop.kernel.folding import fold

PAY_WITHIN = timedelta(minutes=20)
"""An order that is not paid by then gives its goods back; a closing waits for it."""

_LETTERS = "ABCDEFGHJKLMNPRSTUVX"
"""Twenty letters that are not taken for a digit or for one another on the telephone."""

_SPAN = len(_LETTERS) * 100_000
_STRIDE = 1_238_197
"""Prime to the span: consecutive baskets get numbers that do not look alike."""


def number_for(basket_id: int) -> str:
    """Number of the order that a basket becomes, short enough to be spoken: « K47-298 ».

    Two baskets never share one; the numbers grow longer after two million.
    """
    generation, place = divmod(basket_id, _SPAN)
    letter, digits = divmod(place * _STRIDE % _SPAN, 100_000)
    front = f"{generation}" if generation else ""
    return f"{front}{_LETTERS[letter]}{digits // 1000:02d}-{digits % 1000:03d}"


def pay_by(now: datetime) -> datetime:
    """Until when an order placed ``now`` may be paid."""
    return now + PAY_WITHIN


def surname_first(name: str) -> str:
    """A name as lists sort it: « Jeanne de la Tour » is « tour jeanne de la »."""
    words = fold(name).split()
    return " ".join([*words[-1:], *words[:-1]])
