"""Goods by temperature class: weight, crates and volume, always as integers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from shop.catalog.domain.terms import TemperatureClass as TemperatureClass


class Measure(StrEnum):
    """What a compartment can run out of."""

    WEIGHT = "weight_g"
    CRATES = "crate_tenths"
    VOLUME = "volume_l"


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of one temperature class: grams, tenths of a crate, liters."""

    weight_g: int = 0
    crate_tenths: int = 0
    volume_l: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.weight_g + other.weight_g,
            self.crate_tenths + other.crate_tenths,
            self.volume_l + other.volume_l,
        )

    def __sub__(self, other: Amount) -> Amount:
        return Amount(
            self.weight_g - other.weight_g,
            self.crate_tenths - other.crate_tenths,
            self.volume_l - other.volume_l,
        )

    def __bool__(self) -> bool:
        return bool(self.weight_g or self.crate_tenths or self.volume_l)

    def of(self, measure: Measure) -> int:
        """How much in one measure."""
        match measure:
            case Measure.WEIGHT:
                return self.weight_g
            case Measure.CRATES:
                return self.crate_tenths
            case Measure.VOLUME:
                return self.volume_l


@dataclass(frozen=True, slots=True)
class Goods:
    """What is handed over, taken aboard or carried, per temperature class."""

    chilled: Amount = field(default_factory=Amount)
    frozen: Amount = field(default_factory=Amount)
    ambient: Amount = field(default_factory=Amount)

    def __add__(self, other: Goods) -> Goods:
        return Goods(
            self.chilled + other.chilled,
            self.frozen + other.frozen,
            self.ambient + other.ambient,
        )

    def __sub__(self, other: Goods) -> Goods:
        return Goods(
            self.chilled - other.chilled,
            self.frozen - other.frozen,
            self.ambient - other.ambient,
        )

    def __bool__(self) -> bool:
        return bool(self.chilled or self.frozen or self.ambient)

    def of(self, temperature: TemperatureClass) -> Amount:
        """How much of one temperature class."""
        match temperature:
            case TemperatureClass.CHILLED:
                return self.chilled
            case TemperatureClass.FROZEN:
                return self.frozen
            case TemperatureClass.AMBIENT:
                return self.ambient

    def classes(self) -> Iterator[TemperatureClass]:
        """The temperature classes of which there is anything."""
        return (each for each in TemperatureClass if self.of(each))

    @property
    def weight_g(self) -> int:
        """Weight of all classes together."""
        return self.chilled.weight_g + self.frozen.weight_g + self.ambient.weight_g


NOTHING = Goods()


@dataclass(frozen=True, slots=True)
class Capacity:
    """What one compartment can hold; ``None`` is no limit, 0 is no compartment."""

    weight_g: int | None = 0
    crate_tenths: int | None = 0
    volume_l: int | None = None

    def of(self, measure: Measure) -> int | None:
        """The limit in one measure."""
        match measure:
            case Measure.WEIGHT:
                return self.weight_g
            case Measure.CRATES:
                return self.crate_tenths
            case Measure.VOLUME:
                return self.volume_l


@dataclass(frozen=True, slots=True)
class Layout:
    """One way the compartments of a vehicle can be arranged for a whole round.

    A vehicle with a movable wall has several. ``payload_g`` limits all classes together.
    """

    chilled: Capacity = field(default_factory=Capacity)
    frozen: Capacity = field(default_factory=Capacity)
    ambient: Capacity = field(default_factory=Capacity)
    payload_g: int | None = None

    def of(self, temperature: TemperatureClass) -> Capacity:
        """The compartment of one temperature class."""
        match temperature:
            case TemperatureClass.CHILLED:
                return self.chilled
            case TemperatureClass.FROZEN:
                return self.frozen
            case TemperatureClass.AMBIENT:
                return self.ambient
