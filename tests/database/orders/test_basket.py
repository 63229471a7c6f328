"""A basket holds what is put in it, for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from shop.catalog.errors import AllotmentExhausted, CycleNotOpen
from shop.catalog.models import Offer
from shop.catalog.services import allotment
from shop.orders.domain.basket import LineChange
from shop.orders.errors import AmountRefused, OfferUnavailable
from shop.orders.models import Basket
from shop.orders.queries import basket as baskets
from shop.orders.queries.basket import Visitor
from shop.orders.services import basket
from tests.factories.orders import NOW, Scene, make_person, make_scene


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


def put(
    session: Session, scene: Scene, visitor: Visitor, minutes: int = 0, **wanted: int
) -> basket.Kept:
    amounts = {scene.offers[name]: amount for name, amount in wanted.items()}
    at = NOW + timedelta(minutes=minutes)
    return basket.set_lines(session, visitor, scene.market, scene.cycle, amounts, at)


def held(session: Session, scene: Scene, name: str) -> int:
    return session.scalars(select(Offer.held).where(Offer.id == scene.offers[name])).one()


def test_several_lines_put_in_one_request_are_all_held(session: Session, scene: Scene) -> None:
    kept = put(session, scene, Visitor(), chicken=2, honey=3, carrots=1500)
    assert held(session, scene, "chicken") == 2
    assert held(session, scene, "carrots") == 1500
    assert baskets.amounts(session, kept.basket_id) == {
        scene.offers["chicken"]: 2,
        scene.offers["honey"]: 3,
        scene.offers["carrots"]: 1500,
    }


def test_putting_the_same_twice_changes_nothing(session: Session, scene: Scene) -> None:
    kept = put(session, scene, Visitor(), honey=3)
    put(session, scene, Visitor(token=kept.token), honey=3)
    assert held(session, scene, "honey") == 3


def test_less_gives_back_and_zero_takes_the_line_out(session: Session, scene: Scene) -> None:
    kept = put(session, scene, Visitor(), honey=3, chicken=2)
    put(session, scene, Visitor(token=kept.token), honey=1, chicken=0)
    assert (held(session, scene, "honey"), held(session, scene, "chicken")) == (1, 0)
    assert baskets.amounts(session, kept.basket_id) == {scene.offers["honey"]: 1}
    assert allotment.check(session) == []


def test_too_much_is_refused_with_what_is_left(session: Session, scene: Scene) -> None:
    with pytest.raises(AllotmentExhausted) as refused:
        put(session, scene, Visitor(), honey=101)
    assert refused.value.facts["left"] == 100


def test_an_amount_between_two_steps_is_refused(session: Session, scene: Scene) -> None:
    with pytest.raises(AmountRefused):
        put(session, scene, Visitor(), carrots=150)


def test_an_offer_of_another_cycle_is_refused(session: Session, scene: Scene) -> None:
    other = make_scene(session)
    with pytest.raises(OfferUnavailable):
        basket.set_lines(
            session, Visitor(), scene.market, scene.cycle, {other.offers["honey"]: 1}, NOW
        )


def test_nothing_is_put_aside_when_the_market_does_not_sell(session: Session, scene: Scene) -> None:
    with pytest.raises(CycleNotOpen):
        put(session, scene, Visitor(), minutes=15 * 60, honey=1)


def test_a_basket_of_somebody_else_is_never_found(session: Session, scene: Scene) -> None:
    owner, other = make_person(session), make_person(session)
    kept = put(session, scene, Visitor(person_id=owner), honey=1)
    assert baskets.find(session, scene.cycle.id, Visitor(token=kept.token)) is None
    stranger = Visitor(token=kept.token, person_id=other)
    assert baskets.find(session, scene.cycle.id, stranger) is None
    again = put(session, scene, stranger, honey=1)
    assert again.basket_id != kept.basket_id


def test_a_lapsed_basket_lets_go_and_keeps_its_lines(session: Session, scene: Scene) -> None:
    kept = put(session, scene, Visitor(), honey=3)
    assert basket.lapse_expired(session, NOW + timedelta(minutes=29)) == []
    assert basket.lapse_expired(session, NOW + timedelta(minutes=30)) == [kept.basket_id]
    assert basket.lapse_expired(session, NOW + timedelta(minutes=30)) == []
    assert held(session, scene, "honey") == 0
    assert baskets.amounts(session, kept.basket_id) == {scene.offers["honey"]: 3}
    assert allotment.check(session) == []


def test_a_basket_that_comes_back_tells_what_was_lost(session: Session, scene: Scene) -> None:
    kept = put(session, scene, Visitor(), honey=60, chicken=2, yogurt=1)
    basket.lapse_expired(session, NOW + timedelta(minutes=30))
    put(session, scene, Visitor(), minutes=31, honey=70, yogurt=100)
    back = basket.revive(
        session,
        Visitor(token=kept.token),
        scene.market,
        scene.cycle,
        NOW + timedelta(minutes=40),
    )
    assert back.lost == [
        LineChange(scene.offers["honey"], 60, 30),
        LineChange(scene.offers["yogurt"], 1, 0),
    ]
    assert held(session, scene, "honey") == 100
    state = session.execute(
        select(Basket.state, Basket.expires_at).where(Basket.id == kept.basket_id)
    ).one()
    assert state == ("open", NOW + timedelta(minutes=70))
    assert allotment.check(session) == []


def test_putting_something_into_a_lapsed_basket_brings_it_back(
    session: Session, scene: Scene
) -> None:
    kept = put(session, scene, Visitor(), honey=60, chicken=2)
    basket.lapse_expired(session, NOW + timedelta(minutes=30))
    put(session, scene, Visitor(token=kept.token), minutes=31, honey=10, yogurt=4)
    assert baskets.amounts(session, kept.basket_id) == {
        scene.offers["honey"]: 10,
        scene.offers["chicken"]: 2,
        scene.offers["yogurt"]: 4,
    }
    assert [held(session, scene, name) for name in ("honey", "chicken", "yogurt")] == [10, 2, 4]
    assert allotment.check(session) == []


def test_who_signs_in_keeps_the_basket_in_hand_and_what_they_had_elsewhere(
    session: Session, scene: Scene
) -> None:
    person = make_person(session)
    elsewhere = put(session, scene, Visitor(person_id=person), honey=5, chicken=1)
    in_hand = put(session, scene, Visitor(), honey=2, yogurt=1)
    visitor = Visitor(token=in_hand.token, person_id=person)
    put(session, scene, visitor, yogurt=2)
    assert baskets.amounts(session, in_hand.basket_id) == {
        scene.offers["honey"]: 5,
        scene.offers["chicken"]: 1,
        scene.offers["yogurt"]: 2,
    }
    assert baskets.amounts(session, elsewhere.basket_id) == {}
    assert [held(session, scene, name) for name in ("honey", "chicken", "yogurt")] == [5, 1, 2]
    found = baskets.find(session, scene.cycle.id, Visitor(person_id=person))
    assert found is not None
    assert found.id == in_hand.basket_id
    assert allotment.check(session) == []


def test_the_statements_of_one_addition_do_not_grow_with_the_lines(
    session: Session, scene: Scene
) -> None:
    counts = []
    for wanted in ({"honey": 1}, {"honey": 1, "chicken": 1, "yogurt": 1, "carrots": 300}):
        statements: list[str] = []

        def note(*args: object, kept: list[str] = statements) -> None:
            kept.append(str(args[2]))

        engine = session.get_bind().engine
        event.listen(engine, "before_cursor_execute", note)
        put(session, scene, Visitor(), **wanted)
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts == [4, 5]
