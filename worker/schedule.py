"""Everything that happens by the clock, in one table.

Each job reads what is due from the database and is safe to run twice or late.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from worker import (
    amending,
    billing_till,
    cycle_close,
    disputes,
    inbox,
    logistics,
    orders,
    payouts,
    settlement,
    upkeep,
    vouchers,
)


@dataclass(frozen=True, slots=True)
class Job:
    """A function without arguments, and how often it runs."""

    name: str
    every: timedelta
    run: Callable[[], None]


SCHEDULE: tuple[Job, ...] = (
    Job("open_and_close_cycles", timedelta(seconds=30), cycle_close.open_and_close_due_cycles),
    Job("expire_baskets", timedelta(seconds=30), orders.expire_baskets),
    Job("refresh_pending_payments", timedelta(seconds=30), orders.refresh_pending_payments),
    Job("cancel_unpaid_orders", timedelta(seconds=30), orders.cancel_unpaid_orders),
    Job("refresh_owed_payments", timedelta(minutes=5), settlement.refresh_owed_payments),
    Job("lapse_amendments", timedelta(seconds=30), amending.lapse_amendments),
    Job("renew_reservations", timedelta(minutes=15), amending.renew_reservations),
    Job("hear_lost_messages", timedelta(hours=1), inbox.hear_lost_messages),
    Job("refresh_debits", timedelta(hours=1), disputes.refresh_debits),
    Job("refresh_open_disputes", timedelta(hours=6), disputes.refresh_open_disputes),
    Job("warn_of_disputes", timedelta(hours=6), disputes.warn_of_disputes),
    Job("settle_due_cycles", timedelta(hours=1), payouts.settle_due_cycles),
    Job("read_provider", timedelta(minutes=5), payouts.read_provider),
    Job("warn_of_delays", timedelta(hours=24), payouts.warn_of_delays),
    Job("close_tills", timedelta(minutes=30), billing_till.close_tills),
    Job("remind_accounts", timedelta(hours=6), billing_till.remind_accounts),
    Job("give_up_unpaid_vouchers", timedelta(hours=1), vouchers.give_up_unpaid_vouchers),
    Job("refresh_promises", timedelta(minutes=1), logistics.refresh_promises),
    Job("refresh_arrivals", timedelta(minutes=2), logistics.refresh_arrivals),
    Job("forget_door_codes", timedelta(hours=1), upkeep.forget_door_codes),
    Job("prove_books", timedelta(hours=24), upkeep.prove_books),
)
"""Every job of the clock."""
