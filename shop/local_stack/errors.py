"""Why the local stack could not start, in words for the person at the keyboard."""

from __future__ import annotations


class StackError(Exception):
    """The stack cannot go on; the message says why and what to do."""
