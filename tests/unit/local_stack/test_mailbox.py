from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from shop.local_stack.addresses import LOOPBACK, any_free_port
from shop.local_stack.mailbox.catcher import catch_mail
from shop.local_stack.mailbox.pages import make_pages
from shop.local_stack.mailbox.store import MailStore, attachments_of, body_of


def message(subject: str = "Votre commande n° 12", to: str = "zoe@exemple.fr") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Carriole <bonjour@exemple.fr>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = "Mon, 23 Nov 2026 20:00:00 +0000"
    mail.set_content("Bonjour Zoé,\n")
    mail.add_alternative("<p>Bonjour <b>Zoé</b></p>", subtype="html")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="été.pdf")
    return mail


@pytest.fixture
def store(tmp_path: Path) -> MailStore:
    return MailStore(tmp_path)


@pytest.fixture
def visitor(store: MailStore) -> FlaskClient:
    return make_pages(store).test_client()


@pytest.fixture
def smtp_port(store: MailStore) -> Iterator[int]:
    port = any_free_port()
    listening = catch_mail(store, LOOPBACK, port)
    yield port
    listening.stop()


def test_a_mail_sent_over_smtp_is_caught_with_everything_in_it(
    store: MailStore, smtp_port: int
) -> None:
    with smtplib.SMTP(LOOPBACK, smtp_port) as server:
        server.send_message(message(), to_addrs=["zoe@exemple.fr", "copie@exemple.fr"])
    (line,) = store.newest()
    assert line.subject == "Votre commande n° 12"
    assert line.recipients == "zoe@exemple.fr, copie@exemple.fr"
    assert line.attachments == 1
    mail = store.mail(line.key)
    assert mail is not None
    assert body_of(mail, "plain") == "Bonjour Zoé,\n"
    assert body_of(mail, "html") == "<p>Bonjour <b>Zoé</b></p>\n"
    (file,) = attachments_of(mail)
    assert (file.name, file.kind, file.content) == ("été.pdf", "application/pdf", b"%PDF-1.7")


def test_the_newest_mail_comes_first(store: MailStore) -> None:
    for subject in ("first", "second", "third"):
        store.keep(message(subject).as_bytes(), ["zoe@exemple.fr"])
    assert [line.subject for line in store.newest()] == ["third", "second", "first"]


def test_mails_are_found_by_their_recipient(store: MailStore) -> None:
    store.keep(message("for Zoé").as_bytes(), ["zoe@exemple.fr"])
    store.keep(message("for Ali").as_bytes(), ["ali@exemple.fr"])
    assert [line.subject for line in store.newest(to="ALI@")] == ["for Ali"]


def test_mails_of_an_earlier_run_are_still_there(store: MailStore, tmp_path: Path) -> None:
    key = store.keep(message().as_bytes(), ["zoe@exemple.fr"])
    assert [line.key for line in MailStore(tmp_path).newest()] == [key]


@pytest.mark.parametrize("key", ["../../etc/passwd", "1-1", "", "1795466473275683473-1.part"])
def test_a_key_that_is_none_finds_nothing(store: MailStore, key: str) -> None:
    assert store.mail(key) is None


def test_the_pages_show_list_mail_and_file(store: MailStore, visitor: FlaskClient) -> None:
    key = store.keep(message().as_bytes(), ["zoe@exemple.fr"])
    assert "Votre commande n° 12" in visitor.get("/").text
    page = visitor.get(f"/{key}").text
    assert "Bonjour Zoé," in page
    assert f"/{key}/html" in page
    assert "été.pdf" in page
    assert visitor.get(f"/{key}/files/0").data == b"%PDF-1.7"
    assert visitor.get(f"/{key}/files/1").status_code == 404
    assert visitor.get("/1795466473275683473-9").status_code == 404


def test_a_mail_cannot_run_or_load_anything(store: MailStore, visitor: FlaskClient) -> None:
    key = store.keep(message().as_bytes(), ["zoe@exemple.fr"])
    policy = visitor.get(f"/{key}/html").headers["Content-Security-Policy"]
    assert "script" not in policy
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy


def test_the_mailbox_can_be_emptied(store: MailStore, visitor: FlaskClient) -> None:
    store.keep(message().as_bytes(), ["zoe@exemple.fr"])
    assert visitor.post("/clear").status_code == 302
    assert list(store.newest()) == []
