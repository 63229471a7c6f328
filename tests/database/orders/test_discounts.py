"""Codes that the solidarity fund pays for, and the cents to the next euro that fill it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.domain.ledger import Account
from shop.orders.domain.tenders import PaidBy
from shop.orders.domain.terms import AccountKind
from shop.orders.errors import VoucherRefused
from shop.orders.models import Order
from shop.orders.queries import accounts as books
from shop.orders.queries import credit, tender_parts
from shop.orders.services import discounts, place_order, purses
from shop.orders.services.discounts import Terms
from shop.orders.services.tenders import Wish
from tests.factories.orders import NOW, Scene, make_order, make_person, make_scene
from tests.factories.tills import deliver, give_credit

TODAY = NOW.date()


@pytest.fixture
def scene(session: Session) -> Scene:
    made = make_scene(session)
    fill(session, made, 3000)
    return made


def fill(session: Session, scene: Scene, cents: int) -> None:
    purses.put(
        session,
        purses.fund_of(scene.market.id),
        Money(cents),
        market_id=scene.market.id,
        source=Account(AccountKind.PROVIDER),
        key=f"gift:{scene.market.id}:{cents}",
        kind="fund_gift",
    )


def make(session: Session, scene: Scene, **more: object) -> str:
    values = {
        "code": "Etudiant-26", "reason": "students", "amount": Money(500), "percent_bp": None,
        "uses": 2, "valid_from": TODAY, "valid_until": TODAY + timedelta(days=10),
    }  # fmt: skip
    terms = Terms(**{**values, **more})  # type: ignore[arg-type]
    discounts.make(session, scene.market.id, terms, by=make_person(session))
    return terms.code


def buy(session: Session, scene: Scene, code: str, **more: object) -> int:
    person_id = make_person(session)
    wish = Wish(codes=(code,), **more)  # type: ignore[arg-type]
    order_id = make_order(session, scene, {"honey": 2}, person_id=person_id, wish=wish).order_id
    rename(session, order_id)
    return order_id


def rename(session: Session, order_id: int) -> None:
    """Another address, as another person has."""
    session.expire_all()
    session.get_one(Order, order_id).contact_email = f"buyer-{order_id}@exemple.fr"
    session.flush()


def fund(session: Session, scene: Scene) -> Money:
    return credit.fund(session, scene.market.id)


def test_the_fund_pays_what_the_code_takes_off_and_the_card_the_rest(
    session: Session, scene: Scene
) -> None:
    order_id = buy(session, scene, make(session, scene))
    assert fund(session, scene) == Money(2500)
    assert tender_parts.of_order(session, order_id)[0].by is PaidBy.SOLIDARITY
    (card,) = discounts.of_market(session, scene.market.id)
    assert (card.used, card.uses) == (1, 2)
    assert [proof.name for proof in books.prove(session) if not proof.holds] == []


def test_a_part_of_the_goods_may_be_taken_off(session: Session, scene: Scene) -> None:
    buy(session, scene, make(session, scene, amount=None, percent_bp=2500))
    assert fund(session, scene) == Money(3000 - 475)


def test_an_order_taken_back_gives_its_part_back_to_the_fund_and_the_use_to_others(
    session: Session, scene: Scene
) -> None:
    code = make(session, scene, uses=1)
    order_id = buy(session, scene, code)
    with pytest.raises(VoucherRefused) as refused, session.begin_nested():
        buy(session, scene, code)
    assert refused.value.facts["reason"] == "used_up"
    place_order.cancel(session, order_id, at=NOW, reason="changed their mind")
    assert fund(session, scene) == Money(3000)
    buy(session, scene, code)
    assert fund(session, scene) == Money(2500)


def test_each_person_uses_a_code_once(session: Session, scene: Scene) -> None:
    code = make(session, scene)
    person_id = make_person(session)
    wish = Wish(codes=(code,))
    make_order(session, scene, {"honey": 2}, person_id=person_id, wish=wish)
    with pytest.raises(VoucherRefused) as refused, session.begin_nested():
        make_order(session, scene, {"honey": 2}, person_id=person_id, wish=wish)
    assert refused.value.facts["reason"] == "once"
    assert fund(session, scene) == Money(2500)


@pytest.mark.parametrize(
    ("more", "cents", "reason"),
    [
        ({}, 3001, "fund"),
        ({"valid_until": TODAY - timedelta(days=1), "valid_from": TODAY - timedelta(days=9)}, 500,
         "expired"),
    ],
)  # fmt: skip
def test_a_code_that_cannot_pay_is_refused_and_nothing_is_ordered(
    session: Session, scene: Scene, more: dict[str, object], cents: int, reason: str
) -> None:
    code = make(session, scene, amount=Money(cents), **more)
    wish = Wish(codes=(code,))
    with pytest.raises(VoucherRefused) as refused, session.begin_nested():
        make_order(session, scene, {"honey": 6}, wish=wish)
    assert refused.value.facts["reason"] == reason
    assert session.scalar(select(Order.id)) is None
    assert fund(session, scene) == Money(3000)


def test_a_code_of_another_market_is_unknown_here(session: Session, scene: Scene) -> None:
    code = make(session, make_scene(session))
    with pytest.raises(VoucherRefused) as refused, session.begin_nested():
        buy(session, scene, code)
    assert refused.value.facts["reason"] == "unknown"


def test_the_same_form_twice_is_one_code_and_another_one_keeps_its_name(
    session: Session, scene: Scene
) -> None:
    by = make_person(session)
    terms = Terms("ETE26", "all", Money(300), None, 5, TODAY, TODAY)
    assert discounts.make(session, scene.market.id, terms, by=by)
    assert not discounts.make(session, scene.market.id, terms, by=by)
    other = Terms("été-26", "all", Money(400), None, 5, TODAY, TODAY)
    assert discounts.make(session, scene.market.id, other, by=by)
    taken = Terms("ete 26", "all", Money(400), None, 5, TODAY, TODAY)
    with pytest.raises(VoucherRefused) as refused:
        discounts.make(session, scene.market.id, taken, by=by)
    assert refused.value.facts["reason"] == "taken"


def test_rounding_up_fills_the_fund_when_the_order_is_paid(session: Session, scene: Scene) -> None:
    person_id = make_person(session)
    give_credit(session, scene, person_id, 10_000)
    wish = Wish(use_credit=True, donation=Money(37))
    made = make_order(session, scene, {"honey": 2}, person_id=person_id, wish=wish)
    assert fund(session, scene) == Money(3000)
    deliver(session, scene, made.order_id)
    assert fund(session, scene) == Money(3037)
