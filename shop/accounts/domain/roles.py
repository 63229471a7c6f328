"""What people do here, and for whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """A door that a person may go through; a consumer needs none."""

    DESK = "desk"
    PRODUCER = "producer"
    PREPARER = "preparer"
    DRIVER = "driver"
    RELAY_HOST = "relay_host"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the person and the places where they hold each role."""

    person_id: int
    name: str
    email: str
    locale: str
    phone: str | None = None
    desk_markets: frozenset[int] = field(default_factory=frozenset)
    preparer_markets: frozenset[int] = field(default_factory=frozenset)
    driver_markets: frozenset[int] = field(default_factory=frozenset)
    producers: frozenset[int] = field(default_factory=frozenset)
    pickup_points: frozenset[int] = field(default_factory=frozenset)

    def has(self, role: Role) -> bool:
        """Whether the person holds ``role`` anywhere."""
        return bool(self.places(role))

    def places(self, role: Role) -> frozenset[int]:
        """Where the person holds ``role``: markets, producers or pick-up points."""
        return {
            Role.DESK: self.desk_markets,
            Role.PREPARER: self.preparer_markets,
            Role.DRIVER: self.driver_markets,
            Role.PRODUCER: self.producers,
            Role.RELAY_HOST: self.pickup_points,
        }[role]
