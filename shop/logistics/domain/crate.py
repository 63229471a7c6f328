"""How many crates an order needs, and what each is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shop.catalog.domain.terms import TemperatureClass

FULL = 1_000
"""A crate is full at a thousand thousandths."""

ORDER_OF_WORK = (TemperatureClass.AMBIENT, TemperatureClass.CHILLED, TemperatureClass.FROZEN)
"""Ambient goods are prepared first, frozen last."""


@dataclass(frozen=True, slots=True)
class PlannedCrate:
    """One crate of an order, before it exists."""

    code: str
    position: int
    total: int
    temperature_class: TemperatureClass
    fill: int
    """Thousandths of a crate expected in it."""


def crates_for(order_number: str, fill: Mapping[TemperatureClass, int]) -> list[PlannedCrate]:
    """Crates of an order: temperature classes never share one, and none is overfull."""
    parts: list[tuple[TemperatureClass, int]] = []
    for kind in ORDER_OF_WORK:
        left = fill.get(kind, 0)
        while left > 0:
            parts.append((kind, min(left, FULL)))
            left -= FULL
    return [
        PlannedCrate(f"{order_number}-{position}", position, len(parts), kind, amount)
        for position, (kind, amount) in enumerate(parts, start=1)
    ]
