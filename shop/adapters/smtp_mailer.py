"""Letters by SMTP: one connection per letter, with a time limit."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from shop.kernel.errors import GatewayRefused, GatewayUnavailable
from shop.orders.ports import OutgoingMail

TIMEOUT_S = 15


class SmtpMailer:
    """Carries letters to the server of ``smtp://user:password@host:port`` (``smtps``: TLS)."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._secure else 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._sender = sender

    def send(self, message: OutgoingMail) -> None:
        """Hand the letter over.

        Raises:
            GatewayRefused: the server will never take it.
            GatewayUnavailable: not now.
        """
        letter = self.letter(message)
        try:
            with self._connection() as server:
                if self._user:
                    server.login(self._user, self._password)
                server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise self._refusal(max(codes, default=550), str(error)) from error
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error.smtp_code, str(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise GatewayUnavailable(message=str(error)) from error

    def letter(self, message: OutgoingMail) -> EmailMessage:
        """The letter as it travels: text and HTML of the same words, then the files."""
        letter = EmailMessage(policy=SMTP)
        letter["From"] = self._sender
        letter["To"] = message.to
        letter["Subject"] = message.subject
        letter["Message-ID"] = message.message_id
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text)
        letter.add_alternative(message.html, subtype="html")
        for file in message.attachments:
            kind, _, subtype = file.media_type.partition("/")
            letter.add_attachment(
                file.content, maintype=kind, subtype=subtype, filename=file.filename
            )
        return letter

    def _connection(self) -> smtplib.SMTP:
        if self._secure:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=context)
        server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
        if self._user:
            # A password never travels in clear.
            server.starttls(context=ssl.create_default_context())
        return server

    def _refusal(self, code: int, text: str) -> GatewayRefused | GatewayUnavailable:
        return GatewayRefused(message=text) if code >= 500 else GatewayUnavailable(message=text)
