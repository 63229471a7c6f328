"""What a cycle offers: added in bulk, changed under guard, taken off the shelf."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.catalog.errors import AllotmentBelowPromised, CycleOver, OfferUnknown
from shop.catalog.models import Cycle, Offer, Product
from shop.catalog.queries import desk
from shop.catalog.services import allotment, cycles, offers
from shop.catalog.services.cycles import CycleDates
from shop.catalog.services.offers import OfferChange
from tests.factories.orders import NOW, Scene, make_offer, make_producer, make_scene


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


def next_cycle(session: Session, scene: Scene) -> int:
    week = timedelta(weeks=1)
    card = scene.cycle
    return cycles.draft(
        session,
        scene.market.id,
        code="2026-49",
        name="Semaine 49",
        dates=CycleDates(
            opens_at=card.opens_at + week,
            closes_at=card.closes_at + week,
            answers_by=card.answers_by + week,
            collects_on=card.collects_on + week,
            delivers_on=card.delivers_on + week,
        ),
    )


def of(session: Session, offer_id: int) -> Offer:
    session.flush()
    session.expire_all()
    return session.get_one(Offer, offer_id)


def test_last_week_is_taken_again_with_its_prices_and_quantities(
    session: Session, scene: Scene
) -> None:
    offers.withdraw(session, scene.cycle.id, scene.offers["yogurt"], at=NOW)
    cycle_id = next_cycle(session, scene)
    assert offers.repeat_last(session, cycle_id) == 3
    assert offers.repeat_last(session, cycle_id) == 0
    rows = session.execute(
        select(Product.name, Offer.price_cents, Offer.allotted, Offer.held)
        .join(Offer, Offer.product_id == Product.id)
        .where(Offer.cycle_id == cycle_id)
        .order_by(Product.name)
    ).all()
    assert [tuple(row) for row in rows] == [
        ("Carottes", 280, 100_000, 0),
        ("Miel de lavande", 950, 100, 0),
        ("Poulet fermier", 1890, 100, 0),
    ]


def test_only_products_with_a_usual_quantity_are_offered_by_themselves(
    session: Session, scene: Scene
) -> None:
    cycle_id = next_cycle(session, scene)
    assert offers.publish_usual(session, cycle_id) == 0
    honey = of(session, scene.offers["honey"]).product_id
    session.execute(update(Product).where(Product.id == honey).values(usual_allotment=24))
    elsewhere = make_scene(session)
    session.execute(
        update(Product)
        .where(Product.producer_id.in_(elsewhere.producers))
        .values(usual_allotment=9)
    )
    assert offers.publish_usual(session, cycle_id, producer_ids=[scene.producers[0]]) == 0
    assert offers.publish_usual(session, cycle_id) == 1
    made = session.scalars(select(Offer).where(Offer.cycle_id == cycle_id)).one()
    assert (made.product_id, made.allotted) == (honey, 24)


def test_an_allotment_never_falls_below_what_is_promised(session: Session, scene: Scene) -> None:
    honey, carrots = scene.offers["honey"], scene.offers["carrots"]
    allotment.hold(session, 1, {honey: 30})
    allotment.commit(session, 2, {honey: 20})
    changes = {carrots: OfferChange(300, 50_000), honey: OfferChange(950, 29)}
    with pytest.raises(AllotmentBelowPromised) as refusal, session.begin_nested():
        offers.revise(session, scene.cycle.id, changes)
    assert refusal.value.facts == {"offer_id": honey, "promised": 30}
    assert of(session, honey).allotted == 100
    changes[honey] = replace(changes[honey], allotted=30)
    assert offers.revise(session, scene.cycle.id, changes) == 2
    assert of(session, honey).allotted == 30
    assert (of(session, carrots).price_cents, of(session, carrots).allotted) == (300, 50_000)
    assert offers.revise(session, scene.cycle.id, changes) == 0


def test_offers_of_another_producer_or_cycle_are_out_of_reach(
    session: Session, scene: Scene
) -> None:
    honey = scene.offers["honey"]
    other = make_scene(session)
    with pytest.raises(OfferUnknown):
        offers.revise(
            session,
            scene.cycle.id,
            {honey: OfferChange(1, 1)},
            producer_id=scene.producers[0],
        )
    with pytest.raises(OfferUnknown):
        offers.revise(session, other.cycle.id, {honey: OfferChange(1, 1)})
    with pytest.raises(OfferUnknown):
        offers.withdraw(session, scene.cycle.id, honey, at=NOW, producer_id=scene.producers[0])
    stranger = make_producer(session, other.market.id, "Ailleurs")
    foreign = make_offer(session, other.cycle.id, stranger, "Noix", price_cents=500)
    with pytest.raises(OfferUnknown):
        offers.add(session, scene.cycle.id, of(session, foreign).product_id, OfferChange(500, 5))


def test_a_closed_cycle_changes_no_more(session: Session, scene: Scene) -> None:
    cycles.close_cycle(session, scene.cycle.id, at=NOW)
    for deed in (
        lambda: offers.publish_usual(session, scene.cycle.id),
        lambda: offers.repeat_last(session, scene.cycle.id),
        lambda: offers.revise(session, scene.cycle.id, {scene.offers["honey"]: OfferChange(1, 1)}),
        lambda: offers.withdraw(session, scene.cycle.id, scene.offers["honey"], at=NOW),
    ):
        with pytest.raises(CycleOver):
            deed()


def test_what_is_off_the_shelf_can_come_back(session: Session, scene: Scene) -> None:
    honey = scene.offers["honey"]
    offers.withdraw(session, scene.cycle.id, honey, at=NOW)
    offers.withdraw(session, scene.cycle.id, honey, at=NOW + timedelta(hours=1))
    assert of(session, honey).withdrawn_at == NOW
    offers.put_back(session, scene.cycle.id, honey)
    assert of(session, honey).withdrawn_at is None


def test_the_desk_sees_what_runs_out(session: Session, scene: Scene) -> None:
    allotment.hold(session, 1, {scene.offers["honey"]: 95, scene.offers["yogurt"]: 100})
    found = desk.figures(session, scene.cycle.id)
    assert (found.offers, found.producers, found.sold_out, found.nearly, found.sold_any) == (
        4, 2, 1, 1, 2,
    )  # fmt: skip
    assert [row.name for row in desk.nearly_gone(session, scene.cycle.id)] == [
        "Yaourt de brebis",
        "Miel de lavande",
    ]
    make_producer(session, scene.market.id, "Au repos")
    silent = desk.producers_in(session, scene.market.id, scene.cycle.id)
    assert [(each.producer.name, each.offers) for each in silent] == [
        ("Au repos", 0),
        ("Ferme des Avens", 3),
        ("Le Rucher", 1),
    ]
    assert session.get_one(Cycle, scene.cycle.id).state == "open"
