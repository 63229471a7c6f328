"""Which adapter stands behind which port, as the settings say."""

from __future__ import annotations

from typing import Any

from shop.infra.clock import Clock, SystemClock
from shop.settings import Settings


def adapters_for(settings: Settings) -> dict[type[Any], object]:
    """One adapter per port."""
    return {Clock: SystemClock()}
