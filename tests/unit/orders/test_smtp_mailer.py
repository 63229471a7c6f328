"""A letter as it travels."""

from __future__ import annotations

import pytest

from shop.adapters.smtp_mailer import SmtpMailer
from shop.kernel.errors import GatewayUnavailable
from shop.orders.ports import Attachment, OutgoingMail

LETTER = OutgoingMail(
    to="jeanne@exemple.fr",
    subject="Commande confirmée – Marché du Var",
    text="Bonjour Jeanne,\n12,50\u00a0€\n",
    html="<p>Bonjour Jeanne</p>",
    message_id="<order-confirmation.N99-709@marche.test>",
    attachments=(Attachment("bon.pdf", "application/pdf", b"%PDF-1.7"),),
)


def test_a_letter_carries_text_html_files_and_our_id() -> None:
    letter = SmtpMailer("smtp://127.0.0.1:1", "Carriole <bonjour@exemple.fr>").letter(LETTER)
    assert letter["Message-ID"] == LETTER.message_id
    assert letter["Subject"] == LETTER.subject
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["Bonjour Jeanne,", "12,50\u00a0€"]
    assert "<p>Bonjour Jeanne</p>" in html.get_content()
    (file,) = letter.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("bon.pdf", b"%PDF-1.7")


def test_a_server_that_is_away_is_asked_again_later() -> None:
    with pytest.raises(GatewayUnavailable):
        SmtpMailer("smtp://127.0.0.1:1", "Carriole <bonjour@exemple.fr>").send(LETTER)
