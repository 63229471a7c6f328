"""Whoever carries letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A letter ready to leave; ``message_id`` is ours, so that a second sending is recognized."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    attachments: tuple[Attachment, ...] = ()


class Mailer(Protocol):
    """Whoever carries letters."""

    def send(self, message: OutgoingMail) -> None:
        """Hand the letter over.

        Raises:
            GatewayRefused: the address will never work.
            GatewayUnavailable: not now.
        """
