"""Words that several sheets share."""

from __future__ import annotations

from enum import StrEnum

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.sheet import Translate


class StopKind(StrEnum):
    """What the truck comes to do."""

    FARM = "farm"
    HUB = "hub"
    RELAY = "relay"
    DRIVE = "drive"
    HOME = "home"
    BREAK = "break"
    EXTRA = "extra"


def temperature_words(_: Translate) -> dict[str, str]:
    """What each temperature class is called, by its code."""
    return {
        TemperatureClass.AMBIENT.value: _("Ambient"),
        TemperatureClass.CHILLED.value: _("Chilled"),
        TemperatureClass.FROZEN.value: _("Frozen"),
    }


def stop_words(_: Translate) -> dict[str, str]:
    """What each kind of stop is called, by its code."""
    return {
        StopKind.FARM.value: _("Collection"),
        StopKind.HUB.value: _("Preparation site"),
        StopKind.RELAY.value: _("Relay point"),
        StopKind.DRIVE.value: _("Drive"),
        StopKind.HOME.value: _("Home delivery"),
        StopKind.BREAK.value: _("Break"),
        StopKind.EXTRA.value: _("Errand"),
    }
