"""Every handler and every job of the clock, declared by importing this module."""

from worker import (
    amending,
    billing,
    catalog,
    cycle_close,
    disputes,
    inbox,
    logistics,
    mails,
    orders,
    payouts,
    planning,
    purchasing,
    receipts,
    refunds,
    settlement,
)

__all__ = [
    "amending",
    "billing",
    "catalog",
    "cycle_close",
    "disputes",
    "inbox",
    "logistics",
    "mails",
    "orders",
    "payouts",
    "planning",
    "purchasing",
    "receipts",
    "refunds",
    "settlement",
]
