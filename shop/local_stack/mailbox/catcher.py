"""The SMTP side of the mail catcher: takes every mail, refuses none, delivers none."""

from __future__ import annotations

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from shop.local_stack.mailbox.store import MailStore


class Catcher:
    """What aiosmtpd asks when a mail comes in."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail and say so."""
        content = envelope.original_content or b""
        self._store.keep(content, list(envelope.rcpt_tos))
        return "250 Caught, and not delivered"


def catch_mail(store: MailStore, host: str, port: int) -> Controller:
    """Start to listen, in a thread of its own; ``stop()`` of the result ends it."""
    listening = Controller(
        Catcher(store),
        hostname=host,
        port=port,
        enable_SMTPUTF8=True,
        ident="Carriole mail catcher",
    )
    listening.start()
    return listening
