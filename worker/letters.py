"""Write a letter in the reader's language and send it, so that a second sending is recognized."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, render_template
from flask_babel import force_locale

from shop.infra.ports import port
from shop.orders.ports import Attachment, Mailer, OutgoingMail


def send_letter(
    template: str,
    *,
    to: str,
    language: str,
    key: str,
    attachments: Sequence[Attachment] = (),
    **facts: Any,
) -> None:
    """Render ``<room>/mail/<message>`` (subject.txt, body.txt, body.html) and hand it over.

    ``key`` names the letter once and for all: its Message-ID is made of it.

    Raises:
        GatewayError: the mailer refused, or did not answer.
    """
    with force_locale(language):
        given = {**facts, "language": language}
        subject = " ".join(render_template(f"{template}/subject.txt", **given).split())
        text = render_template(f"{template}/body.txt", **given)
        html = render_template(f"{template}/body.html", subject=subject, **given)
    port(Mailer).send(
        OutgoingMail(
            to=to,
            subject=subject,
            text=text.rstrip() + "\n",
            html=html,
            message_id=f"<{key}@{urlsplit(current_app.config['BASE_URL']).hostname}>",
            attachments=tuple(attachments),
        )
    )


def address_of(endpoint: str, **values: Any) -> str:
    """Where people find a page, from outside any request."""
    parts = urlsplit(current_app.config["BASE_URL"])
    addresses = current_app.url_map.bind(
        parts.netloc, script_name=parts.path or "/", url_scheme=parts.scheme
    )
    return addresses.build(endpoint, values, force_external=True)
