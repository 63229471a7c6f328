"""A power cut in the middle of things: nothing is lost, doubled or stuck."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from shop.catalog.models import Offer
from shop.catalog.services import allotment, cycles
from shop.infra import clock, outbox
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.money import Money
from shop.logistics.models import PlanRun, TruckRound
from shop.logistics.services import planning
from shop.orders.domain.terms import AccountKind
from shop.orders.models import Order, Payment, PaymentOperation
from shop.orders.queries import accounts
from shop.orders.services import fulfilment
from tests.factories.orders import Scene, make_scene
from tests.harness.whole import WholeShop
from tests.journeys.buying import GOOD, Buyer, make_fleet, open_card_page, pay_by_card

SEARCH_S = 4


@pytest.fixture
def shop(shared_shop: WholeShop) -> Iterator[WholeShop]:
    with shared_shop.app.app_context():
        yield shared_shop
        shared_shop.simulate(answer_after_s=0)


@pytest.fixture
def scene(shop: WholeShop) -> Scene:
    with unit_of_work() as session:
        made = make_scene(session, now=clock.now())
        make_fleet(session, made.market.id)
        return made


def sell(shop: WholeShop, scene: Scene, orders: int) -> list[int]:
    """So many paid orders of a sale that has closed; their keys."""
    for _ in range(orders):
        Buyer(shop, scene).buy(chicken=1, honey=2)
    with unit_of_work() as session:
        cycles.close_cycle(session, scene.cycle.id, at=clock.now())
    shop.wait_until(lambda: states(scene) == ["firm"] * orders)
    with reading() as session:
        mine = select(Order.id).where(Order.cycle_id == scene.cycle.id).order_by(Order.id)
        return list(session.scalars(mine))


def states(scene: Scene) -> list[str]:
    with reading() as session:
        mine = select(Order.state).where(Order.cycle_id == scene.cycle.id).order_by(Order.id)
        return list(session.scalars(mine))


def run_of(run_id: int) -> PlanRun:
    with reading() as session:
        return session.get_one(PlanRun, run_id)


def everything_adds_up() -> None:
    with reading() as session:
        assert [proof for proof in accounts.prove(session) if not proof.holds] == []
        assert allotment.check(session) == []


def nothing_is_stuck(shop: WholeShop) -> None:
    def idle() -> bool:
        with reading() as session:
            return outbox.waiting(session) == {"waiting": 0, "given_up": 0}

    shop.wait_until(idle)


def intents_of(shop: WholeShop, order_id: int) -> list[dict[str, Any]]:
    """What the provider knows of the payments of an order."""
    with reading() as session:
        number = session.get_one(Order, order_id).number
    known = shop.simulated()["payment_intents"]
    return [intent for intent in known if intent["metadata"].get("order") == number]


def test_a_search_for_rounds_goes_on_after_its_worker_was_killed(
    shop: WholeShop, scene: Scene
) -> None:
    sell(shop, scene, orders=2)
    with unit_of_work() as session:
        run_id = planning.ask(session, scene.cycle.id, seconds=SEARCH_S)
    shop.wait_until(lambda: run_of(run_id).plan is not None)
    shop.kill("worker")
    cut = run_of(run_id)
    assert cut.state == "running"
    assert cut.plan is not None

    shop.revive("worker")
    shop.wait_until(lambda: run_of(run_id).state != "running")
    done = run_of(run_id)
    assert done.state == "done"
    assert done.plan is not None
    assert done.plan["cost"]["fixed_cents"] <= cut.plan["cost"]["fixed_cents"]
    with reading() as session:
        rounds = session.scalars(select(TruckRound).where(TruckRound.cycle_id == scene.cycle.id))
        assert {each.state for each in rounds} == {"draft"}
    nothing_is_stuck(shop)


def test_money_is_taken_once_when_the_worker_is_killed_before_it_hears_the_answer(
    shop: WholeShop, scene: Scene
) -> None:
    (order_id,) = sell(shop, scene, orders=1)
    shop.simulate(answer_after_s=20)
    with unit_of_work() as session:
        fulfilment.mark_delivered(session, order_id, at=clock.now())
    shop.wait_until(lambda: intents_of(shop, order_id)[0]["status"] == "succeeded")
    shop.kill("worker")
    assert states(scene) == ["fulfilled"]

    shop.simulate(answer_after_s=0)
    shop.revive("worker")
    shop.wait_until(lambda: states(scene) == ["settled"])
    nothing_is_stuck(shop)
    with reading() as session:
        order = session.get_one(Order, order_id)
        payment = session.scalars(select(Payment).where(Payment.order_id == order_id)).one()
        asked = session.scalars(
            select(PaymentOperation.kind).where(PaymentOperation.payment_id == payment.id)
        ).all()
        owed = accounts.balance(session, AccountKind.CUSTOMER, order_id)
    (intent,) = intents_of(shop, order_id)
    assert (intent["amount_received"], payment.captured_cents) == (order.final_cents,) * 2
    assert [str(kind) for kind in asked].count("capture") == 1
    assert owed == Money.zero()
    everything_adds_up()


@pytest.mark.browser
def test_a_customer_goes_on_after_the_database_was_killed_in_the_middle_of_the_checkout(
    shop: WholeShop, scene: Scene, page: Page
) -> None:
    market = f"{shop.url}/{scene.market.slug}"
    page.goto(f"{market}/shelf")
    card = page.get_by_role("article").filter(has_text="Poulet fermier")
    card.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("link", name="Panier").first).to_contain_text("€")
    page.goto(f"{market}/checkout/delivery")
    page.get_by_role("radio", name="Point relay").check()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Nom").fill("Jeanne Martin")
    page.get_by_label("Adresse e-mail").fill("jeanne@exemple.fr")
    page.get_by_label("Téléphone").fill("0611223344")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("J’ai lu et j’accepte").check()

    # The order is written; the provider takes its time; the database dies before its answer.
    shop.simulate(answer_after_s=3)
    with page.expect_response(lambda answer: answer.url.endswith("/pay")) as pressed:
        page.get_by_role("button", name="Commande avec obligation de paiement").click(
            no_wait_after=True
        )
        shop.wait_until(lambda: states(scene) == ["awaiting_payment"])
        shop.kill("postgres")
    assert pressed.value.status == 503
    expect(page.get_by_role("heading", level=1)).to_have_text("La boutique reprend son souffle")
    answer = page.goto(f"{market}/basket")
    assert answer is not None
    assert answer.status == 503

    shop.simulate(answer_after_s=0)
    shop.revive("postgres")
    page.go_back()
    page.reload()
    open_card_page(page)
    pay_by_card(page, GOOD)
    expect(page.get_by_text("Merci, votre commande est confirmée.")).to_be_visible()
    shop.wait_until(lambda: states(scene) == ["placed"])
    nothing_is_stuck(shop)
    with reading() as session:
        orders = session.scalars(select(Order).where(Order.cycle_id == scene.cycle.id)).all()
        held = session.execute(
            select(Offer.held, Offer.committed).where(Offer.id == scene.offers["chicken"])
        ).one()
        payments = session.scalar(
            select(func.count()).select_from(Payment).where(Payment.order_id == orders[0].id)
        )
    assert (len(orders), payments, tuple(held)) == (1, 1, (0, 1))
    assert [each["status"] for each in intents_of(shop, orders[0].id)] == ["requires_capture"]
    everything_adds_up()
