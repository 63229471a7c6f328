"""Season contracts: written at the desk, signed on a page, passed on, ended by the clock."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.accounts.models import Grant
from shop.infra.outbox import OutboxMessage
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind
from shop.orders.models import SeasonContract
from shop.orders.queries import accounts as books
from shop.orders.queries import contracts as read
from shop.orders.services import contracts
from tests.factories.desk_visits import Visitor
from tests.factories.field_visits import Hand, hand_of, words_of
from tests.factories.orders import NOW, Scene, make_person, make_scene
from tests.harness.application import clock_at

KEY = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


@pytest.fixture
def desk(app: Flask, session: Session, client: object, scene: Scene) -> Hand:
    person_id = make_person(session, "Delphine Bureau")
    session.add(Grant(person_id=person_id, role=Role.DESK, market_id=scene.market.id))
    session.flush()
    return hand_of(app, person_id)


def said(scene: Scene, **more: str) -> dict[str, str]:
    return {
        "producer_id": str(scene.producers[0]), "member_name": "Anne Petit",
        "member_email": "anne@exemple.fr", "label": "Panier de légumes", "basket": "15,33",
        "baskets": "1", "first_on": "2026-12-03", "every": "1", "count": "10", "cheques": "3",
        "first_due": "2026-12-03", "clauses": "Une visite par an.", "how": "page", "key": KEY,
        **more,
    }  # fmt: skip


def written(desk: Hand, scene: Scene, **more: str) -> None:
    answer = desk.post(f"/desk/{scene.market.slug}/contracts/new", **said(scene, **more))
    assert answer.status_code == 303, answer.text


def only(session: Session) -> SeasonContract:
    session.expire_all()
    return session.scalars(select(SeasonContract)).one()


def due(session: Session, key: int) -> Money:
    return books.balance(session, AccountKind.DIRECT_DUE, key)


def test_a_member_signs_the_text_that_was_kept_word_by_word(
    app: Flask, session: Session, desk: Hand, scene: Scene
) -> None:
    with clock_at(app, NOW):
        for _ in range(2):
            written(desk, scene)
        made = only(session)
        assert (made.state, due(session, made.id)) == ("offered", Money.zero())
        assert made.terms_hash == contracts.seal_of(made.terms)
        assert "Une visite par an." in made.terms
        path = f"/{scene.market.slug}/contract/{made.token}"
        member = hand_of(app, make_person(session, "Anne Petit"))
        page = words_of(member.get(path))
        assert "€153.30" in page
        wrong = member.post(path, name="Anne Petit", terms="0" * 64)
        assert (wrong.status_code, only(session).state) == (422, "offered")
        assert member.post(path, name=" ", terms=made.terms_hash).status_code == 422
        for _ in range(2):
            assert member.post(path, name="Anne Petit", terms=made.terms_hash).status_code == 303
    signed = only(session)
    assert (signed.state, signed.signed_by, signed.signed_on) == (
        "signed",
        "Anne Petit",
        NOW.date(),
    )
    assert due(session, made.id) == Money(15_330)
    assert books.balance(session, AccountKind.PROVIDER) == Money.zero()
    letters = session.scalars(select(OutboxMessage.key).where(OutboxMessage.topic.like("mail.%")))
    assert letters.all() == [f"contract:{made.id}:offered", f"contract:{made.id}:signed"]


def test_one_signed_on_paper_counts_at_once_and_once(
    app: Flask, session: Session, desk: Hand, scene: Scene
) -> None:
    with clock_at(app, NOW):
        for _ in range(2):
            written(desk, scene, how="paper", member_email="")
    made = only(session)
    assert (made.state, due(session, made.id)) == ("signed", Money(15_330))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"count": "0"}, "From 1 to 60 dates, with the first one."),
        ({"cheques": "13"}, "From 1 to 12 cheques, with the day of the first one."),
        ({"basket": "free"}, "Please type an amount, as 5 or 5.50."),
        ({"producer_id": "0"}, "Please choose a farm."),
        ({"member_email": ""}, "Without an e-mail it can only be signed on paper."),
        ({"member_name": " "}, "Please say what the basket is and who the member is."),
    ],
)
def test_what_makes_no_sense_is_told_and_nothing_is_kept(
    app: Flask, session: Session, desk: Hand, scene: Scene, more: dict[str, str], words: str
) -> None:
    with clock_at(app, NOW):
        answer = desk.post(f"/desk/{scene.market.slug}/contracts/new", **said(scene, **more))
    assert answer.status_code == 422
    assert words in words_of(answer)
    assert 'value="2026-12-03"' in answer.text
    assert session.scalar(select(SeasonContract.id)) is None


def test_nobody_else_writes_reads_or_moves_a_contract(
    app: Flask, session: Session, desk: Hand, scene: Scene
) -> None:
    other = make_scene(session)
    stranger = hand_of(app, make_person(session))
    root = f"/desk/{scene.market.slug}/contracts"
    with clock_at(app, NOW):
        written(desk, scene)
        made = only(session)
        assert stranger.get(f"{root}/new").status_code == 403
        assert stranger.post(f"{root}/new", **said(scene)).status_code == 403
        assert stranger.post(f"{root}/{made.id}/drop").status_code == 403
        assert stranger.get(f"/{other.market.slug}/contract/{made.token}").status_code == 404
        assert stranger.get(f"/{scene.market.slug}/contract/nothing").status_code == 404
    assert only(session).state == "offered"


def test_a_share_is_passed_on_and_what_nobody_signed_is_taken_back(
    app: Flask, session: Session, desk: Hand, scene: Scene
) -> None:
    root = f"/desk/{scene.market.slug}/contracts"
    with clock_at(app, NOW):
        written(desk, scene, how="paper")
        made = only(session)
        nobody = desk.post(f"{root}/{made.id}/transfer", to_name=" ", from_day="2026-12-17")
        assert nobody.status_code == 303
        desk.post(f"{root}/{made.id}/transfer", to_name="Luc Grand", from_day="2026-12-17")
        assert desk.post(f"{root}/{made.id}/drop").status_code == 303
        page = desk.read(root)
        assert "taken over from Anne Petit on" in page
        written(desk, scene, key=KEY.replace("1", "3"), member_name="Noa Vite")
        offered = session.scalars(
            select(SeasonContract).where(SeasonContract.state == "offered")
        ).one()
        desk.post(f"{root}/{offered.id}/drop")
        assert "Noa Vite" not in desk.read(root)
    session.expire_all()
    (found,) = read.contracts(session, market_id=scene.market.id)
    assert (found.member_name, found.state) == ("Luc Grand", "signed")
    assert due(session, made.id) == Money(15_330)


def test_a_season_ends_by_the_clock_when_all_was_fetched_and_paid(
    app: Flask, session: Session, desk: Hand, scene: Scene
) -> None:
    farmer = make_person(session, "Camille Roux")
    farm = scene.producers[0]
    session.add(Grant(person_id=farmer, role=Role.PRODUCER, producer_id=farm))
    market_id = scene.market.id
    with clock_at(app, NOW):
        written(desk, scene, how="paper", count="1", cheques="1")
    made = only(session)
    with clock_at(app, NOW + timedelta(days=10)):
        hand = hand_of(app, farmer)
        assert "The basket of today was fetched" in hand.read(f"/producer/{farm}/contracts")
        path = f"/producer/{farm}/contracts/{made.id}"
        assert hand.post(f"{path}/fetched", on="2026-12-03").status_code == 303
        over = NOW + timedelta(days=11)
        assert contracts.end_finished(session, over.date(), over, market_id=market_id) == []
        hand.post(f"{path}/instalments/1")
    assert contracts.end_finished(session, over.date(), over, market_id=market_id) == [made.id]
    assert contracts.end_finished(session, over.date(), over, market_id=market_id) == []
    assert (only(session).state, due(session, made.id)) == ("ended", Money.zero())


def test_the_page_says_its_fingerprint(
    app: Flask, session: Session, desk: Hand, scene: Scene
) -> None:
    with clock_at(app, NOW):
        written(desk, scene)
        made = only(session)
        page = Visitor(app.test_client()).get(f"/{scene.market.slug}/contract/{made.token}")
    assert re.search(rf"\b{made.terms_hash}\b", page.text)
    assert page.headers["Cache-Control"] == "private, no-store"
