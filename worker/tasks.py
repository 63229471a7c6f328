"""Every handler and every job of the clock, declared by importing this module."""

from worker import (
    catalog,
    cycle_close,
    inbox,
    logistics,
    mails,
    orders,
    planning,
    purchasing,
    receipts,
    refunds,
    settlement,
)

__all__ = [
    "catalog",
    "cycle_close",
    "inbox",
    "logistics",
    "mails",
    "orders",
    "planning",
    "purchasing",
    "receipts",
    "refunds",
    "settlement",
]
