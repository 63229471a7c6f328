"""Every handler and every job of the clock, declared by importing this module."""

from worker import settlement

__all__ = ["settlement"]
