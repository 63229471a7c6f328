"""Caught mails, one file each, and what a page needs to know of them."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path

RECIPIENTS = "X-Caught-For"
"""Header that keeps the envelope's recipients: those in copy are not in the mail itself."""

_KEY = re.compile(r"[0-9]{10,20}-[0-9]+")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Caught:
    """One line of the list of mails."""

    key: str
    sent_at: datetime | None
    sender: str
    recipients: str
    subject: str
    attachments: int


@dataclass(frozen=True)
class Attachment:
    """A file that came with a mail."""

    name: str
    kind: str
    content: bytes


class MailStore:
    """A folder of mails; two processes may look into it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Caught] = {}

    def keep(self, content: bytes, recipients: list[str]) -> str:
        """Write a mail down; gives the key under which it is found."""
        key = f"{time.time_ns()}-{next(_numbers)}"
        header = f"{RECIPIENTS}: {', '.join(recipients)}\r\n".encode("utf-8", "surrogateescape")
        unfinished = self._folder / f"{key}.part"
        unfinished.write_bytes(header + content)
        unfinished.rename(self._folder / f"{key}.eml")
        return key

    def newest(self, to: str = "") -> Iterator[Caught]:
        """Mails, the newest first; only those to an address with ``to`` in it."""
        wanted = to.strip().casefold()
        for file in sorted(self._folder.glob("*.eml"), reverse=True):
            known = self._known.get(file.stem)
            if known is None:
                known = self._known[file.stem] = line_of(file.stem, _read(file))
            if wanted in known.recipients.casefold():
                yield known

    def mail(self, key: str) -> EmailMessage | None:
        """The mail called ``key``, ``None`` when there is none."""
        file = self._folder / f"{key}.eml"
        return _read(file) if _KEY.fullmatch(key) and file.is_file() else None

    def clear(self) -> None:
        """Throw every mail away."""
        for file in self._folder.glob("*.eml"):
            file.unlink(missing_ok=True)
        self._known.clear()


def line_of(key: str, mail: EmailMessage) -> Caught:
    """What the list says of ``mail``."""
    date = mail["Date"]
    return Caught(
        key=key,
        sent_at=date.datetime if date is not None else None,
        sender=str(mail.get("From", "")),
        recipients=str(mail.get(RECIPIENTS, "")),
        subject=str(mail.get("Subject", "")),
        attachments=len(attachments_of(mail)),
    )


def body_of(mail: EmailMessage, kind: str) -> str | None:
    """The ``plain`` or ``html`` body, ``None`` when the mail has none of that kind."""
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else None


def attachments_of(mail: EmailMessage) -> list[Attachment]:
    """Every file that came with the mail, in its order."""
    return [
        Attachment(
            name=part.get_filename() or part.get_content_type().replace("/", "."),
            kind=part.get_content_type(),
            content=_bytes_of(part),
        )
        for part in mail.iter_attachments()
        if not part.is_multipart()
    ]


def _bytes_of(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _read(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), policy=policy.default)
