"""Money in whole cents, and sharing it without losing one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount in whole cents of the one currency of the installation; may be negative."""

    cents: int

    def __post_init__(self) -> None:
        if not isinstance(self.cents, int) or isinstance(self.cents, bool):
            raise TypeError(f"cents must be a whole number, not {self.cents!r}")

    @classmethod
    def zero(cls) -> Money:
        """Nothing."""
        return cls(0)

    @classmethod
    def total(cls, amounts: Iterable[Money]) -> Money:
        """Sum of ``amounts``; zero when there is none."""
        return cls(sum(amount.cents for amount in amounts))

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - other.cents)

    def __neg__(self) -> Money:
        return Money(-self.cents)

    def __mul__(self, times: int) -> Money:
        return Money(self.cents * times)

    def __bool__(self) -> bool:
        return self.cents != 0

    def __str__(self) -> str:
        return f"{self.as_decimal():.2f}"

    def as_decimal(self) -> Decimal:
        """The amount in the currency's unit, exact to two places."""
        return Decimal(self.cents).scaleb(-2)

    def share_of(self, basis_points: int) -> Money:
        """``basis_points`` hundredths of a percent of the amount, rounded half up."""
        return Money(divide_half_up(self.cents * basis_points, 10_000))

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Shares in proportion to ``weights``; the last share that weighs takes the remainder.

        The shares always add up to the amount (rule: delivery fee shared over VAT rates).

        Raises:
            ValueError: when no weight is above zero, or one is below.
        """
        whole = sum(weights)
        if whole <= 0 or any(weight < 0 for weight in weights):
            raise ValueError("weights must be zero or more, and one above zero")
        last = max(index for index, weight in enumerate(weights) if weight > 0)
        shares = [Money(divide_half_up(self.cents * weight, whole)) for weight in weights]
        others = sum(share.cents for index, share in enumerate(shares) if index != last)
        shares[last] = Money(self.cents - others)
        return shares

    def apportion(self, weights: Sequence[int]) -> list[Money]:
        """Shares in proportion to ``weights`` by largest remainder, none a cent off its due.

        Shares that are due the same fraction of a cent get it in their order. They always add up
        to the amount.

        Raises:
            ValueError: when no weight is above zero, or one is below.
        """
        whole = sum(weights)
        if whole <= 0 or any(weight < 0 for weight in weights):
            raise ValueError("weights must be zero or more, and one above zero")
        sign = -1 if self.cents < 0 else 1
        parts = [divmod(abs(self.cents) * weight, whole) for weight in weights]
        shares = [share for share, _ in parts]
        by_rest = sorted(range(len(parts)), key=lambda index: (-parts[index][1], index))
        for index in by_rest[: abs(self.cents) - sum(shares)]:
            shares[index] += 1
        return [Money(sign * share) for share in shares]


def divide_half_up(numerator: int, denominator: int) -> int:
    """Whole quotient, halves away from zero; ``denominator`` above zero.

    The one place where an amount is rounded.
    """
    if denominator <= 0:
        raise ValueError("denominator must be above zero")
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))
