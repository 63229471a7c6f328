"""Two orders never spend the same credit, two taps never take the same money twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from shop.billing.queries import till as read
from shop.billing.services import till
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.money import Money
from shop.orders.domain.ledger import Account
from shop.orders.domain.terms import AccountKind
from shop.orders.errors import PurseTooSmall
from shop.orders.queries import credit
from shop.orders.queries import tenders as paying
from shop.orders.services import purses
from tests.factories.orders import make_person, make_scene
from tests.factories.tills import (
    DAY,
    accept,
    delivered_on_spot,
    desk_till,
    give_credit,
    somebody,
    taking,
)


def test_eight_orders_cannot_spend_more_credit_than_there_is(committed_app: Flask) -> None:
    with committed_app.app_context(), unit_of_work() as session:
        scene = make_scene(session)
        person_id = make_person(session)
        give_credit(session, scene, person_id, 1000)
    market_id = scene.market.id

    def spend(number: int) -> bool:
        try:
            with committed_app.app_context(), unit_of_work() as session:
                return purses.take(
                    session,
                    purses.credit_of(person_id),
                    Money(300),
                    market_id=market_id,
                    target=Account(AccountKind.MARKET, market_id),
                    key=f"spend:{number}",
                    kind="test",
                )
        except PurseTooSmall:
            return False

    with ThreadPoolExecutor(8) as crowd:
        spent = list(crowd.map(spend, range(8)))
    with committed_app.app_context(), reading() as session:
        left = credit.balance(session, market_id, person_id)
    assert (sum(spent), left) == (3, Money(100))


def test_a_double_tap_takes_the_money_once_and_the_chain_holds(committed_app: Flask) -> None:
    with committed_app.app_context(), unit_of_work() as session:
        scene = make_scene(session)
        accept(session, scene)
        order_id = delivered_on_spot(session, scene, {"honey": 2})
        box, who = desk_till(session, scene), somebody(session)
    once = taking(order_id, 500)

    def tap(_: int) -> bool:
        with committed_app.app_context(), unit_of_work() as session:
            return till.take(session, box, once, who)

    with ThreadPoolExecutor(6) as crowd:
        taken = list(crowd.map(tap, range(6)))
    with committed_app.app_context(), reading() as session:
        assert paying.standing(session, order_id).spot == Money(500)
        assert len(read.day(session, box, DAY).entries) == 1
        assert read.check(session, box) == []
    assert sum(taken) == 1
