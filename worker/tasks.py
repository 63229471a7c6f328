"""Every handler and every job of the clock, declared by importing this module."""

from worker import (
    amending,
    billing,
    billing_till,
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
    "billing_till",
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
