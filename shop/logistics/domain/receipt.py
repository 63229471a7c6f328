"""What is worth saying of goods that were just brought."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from shop.catalog.domain.terms import TemperatureClass

HIGHEST_DC: dict[TemperatureClass, int] = {
    TemperatureClass.CHILLED: 40,
    TemperatureClass.FROZEN: -180,
}
"""Highest temperature of what travels cold, in tenths of a degree (rules §6, the strictest)."""

TOLERANCE_DC = 10
"""More than one degree above is told (rules §6)."""

COLDEST_DC, HOTTEST_DC = -400, 600


def is_too_warm(kind: TemperatureClass, temperature_dc: int | None) -> bool:
    """Whether somebody must be told: more than one degree above the highest."""
    highest = HIGHEST_DC.get(kind)
    return (
        highest is not None
        and temperature_dc is not None
        and temperature_dc > highest + TOLERANCE_DC
    )


def read_temperature(typed: str) -> int | None:
    """Tenths of a degree from what was typed: « 3,5 », « -18 »; None for nothing.

    Raises:
        ValueError: it is no temperature of food.
    """
    text = typed.replace("\u2212", "-").replace("°C", "").replace("°", "").strip()
    if not text:
        return None
    try:
        tenths = Decimal(text.replace(",", ".")).scaleb(1)
    except InvalidOperation:
        raise ValueError(typed) from None
    if not tenths.is_finite() or not COLDEST_DC <= tenths <= HOTTEST_DC:
        raise ValueError(typed)
    return int(tenths.to_integral_value())
