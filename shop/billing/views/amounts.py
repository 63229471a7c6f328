"""Amounts as people type them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

MOST = Decimal(1_000_000)


def cents_of(typed: str) -> int | None:
    """Whole cents of « 12,50 » or « 12.5 »; None when it is no amount."""
    plain = typed.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("€", "")
    try:
        amount = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        return None
    if not amount.is_finite() or abs(amount) > MOST or amount != amount.quantize(Decimal("0.01")):
        return None
    return int(amount * 100)
