"""What was sold of whose goods, under which model."""

from __future__ import annotations

from dataclasses import dataclass

from shop.catalog.domain.selling import SalesModel
from shop.kernel.money import Money


@dataclass(frozen=True, slots=True)
class SoldBy:
    """What was sold of a producer's goods under a model in a year, with tax."""

    model: SalesModel
    producer_id: int
    goods: Money
    """Less what was given back."""
