"""Every handler and every job of the clock, declared by importing this module."""

from worker import cycle_close, inbox, mails, orders, planning, settlement

__all__ = ["cycle_close", "inbox", "mails", "orders", "planning", "settlement"]
