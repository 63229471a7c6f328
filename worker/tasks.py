"""Every handler and every job of the clock, declared by importing this module."""

from worker import inbox, mails, orders, settlement

__all__ = ["inbox", "mails", "orders", "settlement"]
