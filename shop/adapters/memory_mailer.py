"""Letters that stay here: for tests."""

from __future__ import annotations

from shop.orders.ports import OutgoingMail


class MemoryMailer:
    """Keeps every letter; one with the same id replaces the first, as a mailbox would show it."""

    def __init__(self) -> None:
        self.letters: dict[str, OutgoingMail] = {}

    def send(self, message: OutgoingMail) -> None:
        """Keep the letter."""
        self.letters[message.message_id] = message
