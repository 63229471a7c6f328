"""When a market sells: the life of a sales cycle, and its clock."""

from __future__ import annotations

from datetime import datetime

from shop.kernel.lifecycle import Lifecycle

SALES_CYCLE = Lifecycle(
    name="sales_cycle",
    initial="draft",
    moves={
        ("draft", "open"): "open",
        ("open", "close"): "closed",
        ("closed", "archive"): "archived",
    },
)


def is_open_at(state: str, opens_at: datetime, closes_at: datetime, now: datetime) -> bool:
    """Whether customers can order: opened, and within its hours even if the clock task is late."""
    return state == "open" and opens_at <= now < closes_at
