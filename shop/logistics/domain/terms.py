"""Fixed vocabularies of the logistics."""

from __future__ import annotations

from enum import StrEnum


class StopKind(StrEnum):
    """Why a truck stops."""

    COLLECT = "collect"
    RELAY = "relay"
    DRIVE = "drive"
    HOME = "home"
    HUB = "hub"
    """Unloading or loading in the middle of a round."""
    EXTRA = "extra"
    """Added by hand at the desk: an errand, empty crates, a forgotten bag."""


class PickingKind(StrEnum):
    """What a preparer says about a line."""

    PICKED = "picked"
    SHORT = "short"
    UNDONE = "undone"


class HandoverKind(StrEnum):
    """How a hand-over ended."""

    SERVED = "served"
    REFUSED = "refused"
    ABSENT = "absent"


class ReceiptPlace(StrEnum):
    """Where the goods of a producer were counted."""

    FARM = "farm"
    HUB = "hub"
