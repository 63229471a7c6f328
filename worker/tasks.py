"""Every handler and every job of the clock, declared by importing this module."""

from worker import (
    billing,
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
    "billing",
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
