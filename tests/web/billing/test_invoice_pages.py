"""Invoices at three doors: each sees its own, and nobody else's."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass

import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.billing.domain.invoice_terms import InvoiceKind, PartyKind
from shop.billing.models import (
    InvoiceRun,
    InvoiceSubmission,
    IssuedInvoice,
    Mandate,
    SellerIdentity,
)
from shop.billing.services import invoice_files, invoicing
from shop.catalog.domain.terms import TaxRegime
from shop.catalog.models import Producer, SellingTerms
from shop.orders.models import Order
from shop.orders.services.fulfilment import Picked
from tests.factories.billing import ISSUED_AT, finish, know_sellers, plain, settled
from tests.factories.catalog import make_worker
from tests.factories.desk_visits import Visitor
from tests.factories.fulfilment import close, place_paid
from tests.factories.orders import Scene, make_scene

SCHOOL = {
    "name": "Commune de Brignoles",
    "siret": "356 000 000 00048",
    "address": "9 place Caramy",
    "postcode": "83170",
    "commune": "Brignoles",
    "is_public": "1",
    "service_required": "1",
}


@dataclass
class Sold:
    """A settled order that was invoiced by three sellers."""

    scene: Scene
    order: Order
    invoices: dict[int, IssuedInvoice]
    """By seller; the market's under zero."""


@pytest.fixture
def scene(session: Session) -> Scene:
    made = make_scene(session)
    know_sellers(session, made)
    return made


@pytest.fixture
def sold(session: Session, scene: Scene) -> Sold:
    wanted = {"chicken": 1, "honey": 2, "yogurt": 1}
    order_id = settled(session, scene, wanted, {"chicken": Picked(1, weight_g=1234)})
    ids = invoicing.issue_for_orders(session, [order_id], at=ISSUED_AT, translate=plain).issued
    rows = session.scalars(select(IssuedInvoice).where(IssuedInvoice.id.in_(ids))).all()
    session.commit()
    found = {row.seller_id if row.seller_kind is PartyKind.PRODUCER else 0: row for row in rows}
    return Sold(scene, session.get_one(Order, order_id), found)


@pytest.fixture
def clerk(client: FlaskClient, session: Session, scene: Scene) -> Visitor:
    email = make_worker(session, Role.DESK, market_id=scene.market.id)
    session.commit()
    return Visitor(client).sign_in(email)


def farmer(app: Flask, session: Session, producer_id: int) -> Visitor:
    email = make_worker(session, Role.PRODUCER, producer_id=producer_id)
    session.commit()
    return Visitor(app.test_client()).sign_in(email)


def base(scene: Scene) -> str:
    return f"/desk/{scene.market.slug}"


def test_a_customer_opens_the_invoices_of_their_own_order_only(
    client: FlaskClient, session: Session, sold: Sold
) -> None:
    here = f"/{sold.scene.market.slug}/orders/{sold.order.token}"
    page = client.get(f"{here}/invoices").text
    assert all(invoice.number in page for invoice in sold.invoices.values())
    assert f"{here}/invoices" in client.get(here).text
    own = sold.invoices[sold.scene.producers[0]]
    answer = client.get(f"{here}/invoices/{own.id}.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    reader = pypdf.PdfReader(io.BytesIO(answer.data))
    assert reader.attachments["factur-x.xml"] == [own.xml.encode()]
    again = client.get(f"{here}/invoices/{own.id}.pdf")
    assert again.data == answer.data
    other_scene = make_scene(session)
    know_sellers(session, other_scene)
    other = session.get_one(Order, settled(session, other_scene, {"honey": 2}))
    session.commit()
    foreign = f"/{other_scene.market.slug}/orders/{other.token}/invoices"
    assert client.get(f"{foreign}/{own.id}.pdf").status_code == 404
    assert (
        client.get(f"/{other_scene.market.slug}/orders/{sold.order.token}/invoices").status_code
        == 404
    )
    assert client.get(f"/{sold.scene.market.slug}/orders/nothing/invoices").status_code == 404


def test_a_producer_sees_what_was_written_in_their_name_only(
    app: Flask, client: FlaskClient, session: Session, sold: Sold
) -> None:
    farm, hive = sold.scene.producers
    visitor = farmer(app, session, farm)
    page = visitor.get(f"/producer/{farm}/invoices").text
    assert sold.invoices[farm].number in page
    assert sold.invoices[hive].number not in page
    mine = f"/producer/{farm}/invoices"
    assert visitor.get(f"{mine}/{sold.invoices[farm].id}.pdf").status_code == 200
    assert visitor.get(f"{mine}/{sold.invoices[farm].id}.xml").mimetype == "application/xml"
    assert visitor.get(f"{mine}/{sold.invoices[hive].id}.pdf").status_code == 404
    for path in (
        f"/producer/{hive}/invoices",
        f"/producer/{hive}/identity",
        base(sold.scene) + "/invoices",
    ):
        assert visitor.get(path).status_code == 403
    assert client.get(mine).status_code == 302
    assert visitor.get(f"{mine}/list.xlsx").data[:2] == b"PK"


def test_the_desk_finds_invoices_and_only_its_markets(
    clerk: Visitor, session: Session, sold: Sold
) -> None:
    here = f"{base(sold.scene)}/invoices"
    page = clerk.get(here).text
    assert all(invoice.number in page for invoice in sold.invoices.values())
    hive = sold.invoices[sold.scene.producers[1]]
    found = clerk.get(f"{here}?q=rucher").text
    assert hive.number in found
    assert sold.invoices[0].number not in found
    assert "No invoice found" in clerk.get(f"{here}?kind=credit").text
    assert clerk.get(f"{here}/list.xlsx").data[:2] == b"PK"
    assert "Miel de lavande" in clerk.get(f"{here}/{hive.id}").text
    other = make_scene(session)
    know_sellers(session, other)
    foreign_id = settled(session, other, {"honey": 2})
    ids = invoicing.issue_for_orders(session, [foreign_id], at=ISSUED_AT, translate=plain).issued
    session.commit()
    for tail in ("", ".pdf", ".xml"):
        assert clerk.get(f"{here}/{ids[0]}{tail}").status_code == 404
    assert clerk.post(f"{here}/{ids[0]}/credit", reason="abc", amount__0="1").status_code == 404
    assert clerk.get(f"{base(other)}/invoices").status_code == 403


def test_the_desk_asks_for_a_cycle_and_takes_its_files_away(
    clerk: Visitor, session: Session, sold: Sold
) -> None:
    here = f"{base(sold.scene)}/invoices"
    answer = clerk.post(f"{here}/issue", cycle=sold.scene.cycle.code)
    assert answer.status_code == 303
    session.expire_all()
    run = session.scalars(select(InvoiceRun)).one()
    state = clerk.get(f"{here}/runs/{run.id}.json").json
    assert state is not None
    assert (state["state"], state["done"]) == ("running", 0)
    assert "data-poll" in clerk.get(here).text
    for invoice in sold.invoices.values():
        invoice_files.keep(session, invoice.id, f"file {invoice.number}".encode())
    session.commit()
    answer = clerk.get(f"{here}/cycle.zip?cycle={sold.scene.cycle.code}")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    hive = sold.invoices[sold.scene.producers[1]]
    assert archive.read(f"le-rucher-de-nans/{hive.number}.pdf") == f"file {hive.number}".encode()
    assert len(archive.namelist()) == 3


def test_a_credit_note_is_written_line_by_line_and_errors_stand_at_their_field(
    clerk: Visitor, session: Session, sold: Sold
) -> None:
    hive = sold.invoices[sold.scene.producers[1]]
    here = f"{base(sold.scene)}/invoices/{hive.id}"
    refused = clerk.post(f"{here}/credit", reason="", amount__0="99", key="k")
    assert refused.status_code == 422
    assert 'value="99"' in refused.text
    assert "it stands on the credit note" in refused.text
    refused = clerk.post(f"{here}/credit", reason="Pot cassé", amount__0="99", key="k")
    assert "No more than what is left of it." in refused.text
    answer = clerk.post(f"{here}/credit", reason="Pot cassé", amount__0="9,50", key="k")
    assert answer.status_code == 303
    clerk.post(f"{here}/credit", reason="Pot cassé", amount__0="9,50", key="k")
    notes = session.scalars(
        select(IssuedInvoice).where(IssuedInvoice.kind == InvoiceKind.CREDIT_NOTE)
    ).all()
    assert [(note.gross_cents, note.corrects_id) for note in notes] == [(950, hive.id)]
    assert notes[0].number in clerk.get(here).text


def test_a_seller_says_who_they_are_and_errors_keep_what_was_typed(
    app: Flask, session: Session, scene: Scene
) -> None:
    farm = scene.producers[0]
    visitor = farmer(app, session, farm)
    page = visitor.get(f"/producer/{farm}/identity").text
    assert "73282932000074" in page
    typed = {
        "name": "EARL Neuve", "siret": "12345678901234", "regime": "rsa", "vat_number": "",
        "vat_return": "simplified", "address": "1 rue", "postcode": "83000",
        "commune": "Toulon", "iban": "FR00",
    }  # fmt: skip
    refused = visitor.post(f"/producer/{farm}/identity", **typed)
    assert refused.status_code == 422
    for words in (
        "Fourteen digits",
        "has a number such as",
        "EARL Neuve",
    ):
        assert words in refused.text
    good = typed | {
        "siret": "356 000 000 00048", "regime": "franchise", "vat_number": "",
        "iban": "FR76 3000 6000 0112 3456 7890 189",
    }  # fmt: skip
    assert visitor.post(f"/producer/{farm}/identity", **good).status_code == 303
    session.expire_all()
    kept = session.scalars(
        select(SellerIdentity).where(
            SellerIdentity.kind == PartyKind.PRODUCER, SellerIdentity.owner_id == farm
        )
    ).one()
    assert (kept.legal_name, kept.iban) == ("EARL Neuve", "")
    own = session.get_one(Producer, farm)
    assert (own.siret, own.tax_regime) == ("35600000000048", TaxRegime.FRANCHISE)


def test_the_desk_files_a_mandate_and_ends_it(
    clerk: Visitor, session: Session, scene: Scene
) -> None:
    farm = scene.producers[0]
    here = f"{base(scene)}/invoices/sellers/producer/{farm}"
    refused = clerk.post(f"{here}/mandate", signed_on="2199-01-01", signed_by="", contest_days="x")
    assert refused.status_code == 422
    answer = clerk.post(
        f"{here}/mandate", signed_on="2026-02-01", signed_by="Camille Roux", contest_days="10"
    )
    assert answer.status_code == 303
    session.expire_all()
    cards = session.scalars(
        select(Mandate).where(Mandate.producer_id == farm).order_by(Mandate.id)
    ).all()
    assert [(card.contest_days, card.revoked_on is None) for card in cards] == [
        (15, False),
        (10, True),
    ]
    assert "mandat" in cards[1].wording
    assert clerk.post(f"{here}/mandate/{cards[1].id}/revoke").status_code == 303
    session.expire_all()
    assert session.get_one(Mandate, cards[1].id).revoked_on is not None
    assert clerk.get(f"{base(scene)}/invoices/sellers").status_code == 200
    other = make_scene(session)
    session.commit()
    foreign = f"{base(scene)}/invoices/sellers/producer/{other.producers[0]}"
    assert clerk.get(foreign).status_code == 404
    assert clerk.post(f"{foreign}/mandate", signed_on="2026-02-01").status_code == 404


def test_the_desk_says_by_which_model_the_market_sells(
    clerk: Visitor, session: Session, scene: Scene
) -> None:
    here = f"{base(scene)}/invoices/model"
    clerk.post(here, model="farm_resale", regime="normal", lead="")
    assert session.scalars(select(SellingTerms)).all() == []
    clerk.post(here, model="farm_resale", regime="normal", lead=str(scene.producers[1]))
    session.expire_all()
    assert session.scalars(select(SellingTerms.lead_producer_id)).one() == scene.producers[1]


def test_a_school_is_named_invoiced_and_followed_to_its_payment(
    clerk: Visitor, session: Session, scene: Scene
) -> None:
    order_id = place_paid(session, scene, {"honey": 3}, slot="drive")
    close(session, scene)
    finish(session, scene, order_id)
    number = session.get_one(Order, order_id).number
    session.commit()
    here = f"{base(scene)}/orders/{number}/buyer"
    refused = clerk.post(here, **(SCHOOL | {"siret": "1"}))
    assert refused.status_code == 422
    assert "has no valid SIRET" in refused.text
    assert clerk.post(here, **SCHOOL).status_code == 303
    assert "asks for a service code" in clerk.get(f"{base(scene)}/invoices").text
    assert clerk.post(here, **(SCHOOL | {"service_code": "CANTINE"})).status_code == 303
    issued = invoicing.issue_for_orders(session, [order_id], at=ISSUED_AT, translate=plain).issued
    session.commit()
    assert clerk.post(here, **SCHOOL).status_code == 422
    page = clerk.get(f"{base(scene)}/invoices/exports").text
    assert "Commune de Brignoles" in page
    archive = zipfile.ZipFile(
        io.BytesIO(clerk.get(f"{base(scene)}/invoices/exports/portal.zip?to=public").data)
    )
    assert len(archive.namelist()) == len(issued) == 2
    note = f"{base(scene)}/invoices/{issued[0]}/submission"
    for event in ("submit", "approve", "pay"):
        assert clerk.post(note, event=event, reference="CPP-1").status_code == 303
    clerk.post(note, event="reject")
    session.expire_all()
    row = session.scalars(
        select(InvoiceSubmission).where(InvoiceSubmission.invoice_id == issued[0])
    ).one()
    assert (row.state, row.reference) == ("paid", "CPP-1")
    answer = clerk.get(f"{base(scene)}/invoices/exports/egalim.csv?siret=35600000000048&year=2026")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode())))
    assert [(row["description"], row["prix_ht"], row["est_local"]) for row in rows] == [
        ("Miel de lavande", "27.01", "true")
    ]


def test_exports_leave_as_files_for_the_desk_only(
    app: Flask, clerk: Visitor, session: Session, sold: Sold
) -> None:
    here = f"{base(sold.scene)}/invoices/exports"
    visitor = farmer(app, session, sold.scene.producers[0])
    for name in ("", "/day-totals.xlsx", "/sellers.xlsx", "/egalim.csv", "/portal.zip"):
        assert clerk.get(here + name).status_code == 200
        assert visitor.get(here + name).status_code == 403
