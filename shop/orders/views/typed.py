"""Amounts of money as people type them."""

from __future__ import annotations

import re

from shop.kernel.money import Money

_TYPED = re.compile(r"(\d{1,7})(?:[.,](\d{1,2}))?")


def money_of(text: str) -> Money | None:
    """« 12,5 » or « 12.50 € » as money; an empty text is nothing; None when it makes no sense."""
    plain = re.sub(r"[\s\u00a0\u202f€]", "", text)
    if not plain:
        return Money.zero()
    found = _TYPED.fullmatch(plain)
    if found is None:
        return None
    return Money(int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")))


def typed_money(amount: Money) -> str:
    """The amount as one would type it: « 12,50 »."""
    return str(amount).replace(".", ",")
