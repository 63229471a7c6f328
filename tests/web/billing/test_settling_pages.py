"""The desk settles, pays, watches and compares; producers read their own statements only."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.billing.models import BankColumns, MoneyMovement, Payee, Payout, Settlement
from shop.billing.services import settling
from shop.orders.domain.terms import Bearer
from shop.orders.models import FeeRule, Order
from shop.orders.services import settlement
from shop.orders.services.fulfilment import Picked
from tests.factories.catalog import make_worker
from tests.factories.desk_visits import Visitor
from tests.factories.fulfilment import CLOSED_AT, close, hand_over, place_paid, set_fees
from tests.factories.orders import NOW, Scene, make_scene
from tests.harness.application import clock_at

AT = CLOSED_AT + timedelta(days=4)
IBAN = "FR14 2004 1010 0505 0001 3M02 606"
OWN = {
    "settle_after_days": "1",
    "warn_days": "40",
    "account_holder": "Marché du Var",
    "iban": "FR76 3000 6000 0112 3456 7890 189",
    "sepa_schema": "pain.001.001.09",
}


@pytest.fixture
def now(app: Flask) -> Iterator[None]:
    with clock_at(app, AT):
        yield


@pytest.fixture
def scene(session: Session, now: None) -> Scene:
    """One order, delivered and booked."""
    made = make_scene(session)
    set_fees(session, made)
    order_id = place_paid(session, made, {"chicken": 1, "honey": 2})
    close(session, made)
    hand_over(session, made, order_id, {"chicken": Picked(1, weight_g=1234), "honey": Picked(2)})
    settlement.prepare(session, order_id, at=AT)
    session.commit()
    return made


@pytest.fixture
def clerk(client: FlaskClient, session: Session, scene: Scene) -> Visitor:
    email = make_worker(session, Role.DESK, market_id=scene.market.id)
    session.commit()
    return Visitor(client).sign_in(email)


def base(scene: Scene) -> str:
    return f"/desk/{scene.market.slug}"


def settled(session: Session, scene: Scene) -> dict[int, Settlement]:
    settling.settle(session, scene.cycle.id, at=AT)
    session.commit()
    rows = session.scalars(select(Settlement).where(Settlement.cycle_id == scene.cycle.id))
    return {row.producer_id: row for row in rows}


def test_the_desk_sees_every_page_and_nobody_else_does(
    app: Flask, client: FlaskClient, session: Session, scene: Scene, clerk: Visitor
) -> None:
    pages = ("fees", "settlements", "payouts", "delays", "reconciliation")
    for page in pages:
        assert clerk.get(f"{base(scene)}/{page}").status_code == 200
    other = make_worker(session, Role.PRODUCER, producer_id=scene.producers[0])
    session.commit()
    stranger = Visitor(app.test_client()).sign_in(other)
    for page in pages:
        assert stranger.get(f"{base(scene)}/{page}").status_code == 403


def test_a_producer_reads_their_own_statement_only(
    app: Flask, session: Session, scene: Scene, clerk: Visitor
) -> None:
    mine, theirs = scene.producers
    told = settled(session, scene)
    farmer = Visitor(app.test_client()).sign_in(
        make_worker(session, Role.PRODUCER, producer_id=mine)
    )
    page = farmer.get(f"/producer/{mine}/settlements")
    assert told[mine].number in page.text
    assert "19.35" in page.text
    paper = farmer.get(f"/producer/{mine}/settlements/{told[mine].id}.pdf")
    assert paper.data.startswith(b"%PDF")
    assert farmer.get(f"/producer/{mine}/settlements/{told[mine].id}.xlsx").data[:2] == b"PK"
    assert farmer.get(f"/producer/{mine}/settlements/{told[theirs].id}.pdf").status_code == 404
    assert farmer.get(f"/producer/{theirs}/settlements").status_code == 403


def test_rules_and_accounts_are_kept_only_when_they_can_be(
    session: Session, scene: Scene, clerk: Visitor
) -> None:
    wrong = clerk.post(f"{base(scene)}/settlements/rules", **{**OWN, "iban": "FR76 1234"})
    assert wrong.status_code == 422
    assert "FR76 1234" in wrong.text
    farm = scene.producers[0]
    refused = clerk.post(
        f"{base(scene)}/payouts/payees/{farm}", method="sepa", holder="Ferme", iban="FR00"
    )
    assert refused.status_code == 422
    assert session.scalars(select(Payee)).all() == []
    kept = clerk.post(
        f"{base(scene)}/payouts/payees/{farm}", method="sepa", holder="Ferme", iban=IBAN
    )
    assert kept.status_code == 303
    assert session.scalars(select(Payee.iban)).all() == [IBAN.replace(" ", "")]


def test_the_bank_file_is_made_taken_and_confirmed(
    session: Session, scene: Scene, clerk: Visitor
) -> None:
    settled(session, scene)
    clerk.post(f"{base(scene)}/settlements/rules", **OWN)
    for farm in scene.producers:
        clerk.post(f"{base(scene)}/payouts/payees/{farm}", method="sepa", holder="Ferme", iban=IBAN)
    assert clerk.post(f"{base(scene)}/payouts", method="sepa").status_code == 303
    made = session.scalars(select(Payout).order_by(Payout.id)).all()
    assert [row.state for row in made] == ["noted", "noted"]
    file = clerk.post(f"{base(scene)}/payouts/batches/{made[0].batch_id}/file")
    assert b"pain.001.001.09" in file.data
    clerk.post(f"{base(scene)}/payouts/confirm", payout=str(made[0].id))
    clerk.post(f"{base(scene)}/payouts/{made[1].id}/refuse", why="AC04")
    session.expire_all()
    assert [row.state for row in made] == ["paid", "refused"]
    assert "AC04" in clerk.get(f"{base(scene)}/payouts").text


def test_legal_dates_are_shown_with_what_is_left(scene: Scene, clerk: Visitor) -> None:
    page = clerk.get(f"{base(scene)}/delays").text
    assert "Perishable goods" in page
    assert "L441-11" in page


def test_a_list_of_the_bank_is_shown_before_it_is_kept_and_its_columns_remembered(
    session: Session, scene: Scene, clerk: Visitor
) -> None:
    content = b"Jour;Mots;Somme\n27/11/2026;FRAIS;-4,50\n28/11/2026;VIREMENT;100,00\n"
    brought = clerk.post(
        f"{base(scene)}/reconciliation/files", file=(io.BytesIO(content), "banque.csv")
    )
    assert brought.status_code == 303
    where = brought.headers["Location"]
    assert "Which column is what" in clerk.get(where).text
    assert session.scalars(select(MoneyMovement)).all() == []
    columns = {"column__date": "0", "column__text": "1", "column__amount": "2"}
    assert "VIREMENT" in clerk.post(where, **columns).text
    assert clerk.post(where, keep="1", **columns).status_code == 303
    kept = session.scalars(select(MoneyMovement).order_by(MoneyMovement.id)).all()
    assert [(row.amount_cents, row.text) for row in kept] == [(-450, "FRAIS"), (10000, "VIREMENT")]
    assert session.scalars(select(BankColumns.columns)).one() == {"date": 0, "text": 1, "amount": 2}
    clerk.post(f"{base(scene)}/reconciliation/{kept[0].id}", note="frais de tenue")
    session.expire_all()
    assert [row.state for row in kept] == ["explained", "open"]


def test_a_fee_begins_after_today_and_never_changes_the_past(
    session: Session, scene: Scene, clerk: Visitor
) -> None:
    today = AT.date()
    rule = {"kind": "market", "bearer": "producer", "percent": "12,5", "tax": "20"}
    late = clerk.post(f"{base(scene)}/fees", valid_from=today.isoformat(), **rule)
    assert (late.status_code, "12,5" in late.text) == (409, True)
    tomorrow = today + timedelta(days=1)
    assert (
        clerk.post(f"{base(scene)}/fees", valid_from=tomorrow.isoformat(), **rule).status_code
        == 303
    )
    rows = session.scalars(
        select(FeeRule).where(FeeRule.kind == "market").order_by(FeeRule.valid_from)
    ).all()
    assert [(row.percent_bp, row.valid_to) for row in rows] == [(1500, tomorrow), (1250, None)]
    clerk.post(f"{base(scene)}/fees/{rows[1].id}/withdraw")
    session.expire_all()
    left = session.scalars(select(FeeRule).where(FeeRule.kind == "market")).all()
    assert [(row.percent_bp, row.valid_to) for row in left] == [(1500, None)]
    assert clerk.post(f"{base(scene)}/fees", valid_from="x", percent="mille").status_code == 422


def test_a_fee_that_the_customer_bears_is_in_the_total_and_the_ceiling(session: Session) -> None:
    made = make_scene(session)
    session.add(
        FeeRule(
            market_id=made.market.id,
            kind="preparer",
            bearer=Bearer.CUSTOMER,
            percent_bp=200,
            per_order_cents=50,
            tax_rate_bp=2000,
            valid_from=NOW.date() - timedelta(days=1),
        )
    )
    session.flush()
    order_id = place_paid(session, made, {"chicken": 1, "honey": 2})
    order = session.get_one(Order, order_id)
    goods = 2268 + 1900
    fee = 50 + 83
    assert (order.fee_cents, order.estimate_cents) == (fee, goods + fee)
    assert order.ceiling_cents == 2608 + 1900 + fee
    close(session, made)
    session.expire_all()
    picked = {"chicken": Picked(1, weight_g=1400), "honey": Picked(2)}
    final = hand_over(session, made, order_id, picked).final_cents
    assert final == 2608 + 1900 + fee
