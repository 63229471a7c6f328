"""A cycle before it sells: its dates changed, one product added to what it offers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.catalog.models import Cycle, DeliverySlot, Offer
from tests.factories.catalog import make_worker
from tests.factories.desk_visits import Visitor
from tests.factories.orders import Scene, make_scene

WEEK = {
    "code": "2026-49",
    "name": "Semaine 49",
    "opens_at": "2026-11-28T06:00",
    "closes_at": "2026-12-02T23:59",
    "answers_by": "2026-12-03T14:00",
    "collects_on": "2026-12-04",
    "delivers_on": "2026-12-05",
}
DATES = {name: value for name, value in WEEK.items() if name != "code"}


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


@pytest.fixture
def clerk(client: FlaskClient, session: Session, scene: Scene) -> Visitor:
    email = make_worker(session, Role.DESK, market_id=scene.market.id)
    session.commit()
    visitor = Visitor(client).sign_in(email)
    visitor.post(f"/desk/{scene.market.slug}/cycles", **WEEK, repeat="y", slots="y")
    return visitor


def base(scene: Scene) -> str:
    return f"/desk/{scene.market.slug}/cycles/2026-49"


def cycle_of(session: Session, scene: Scene) -> Cycle:
    session.expire_all()
    return session.scalars(
        select(Cycle).where(Cycle.market_id == scene.market.id, Cycle.code == "2026-49")
    ).one()


def slots_of(session: Session, cycle_id: int) -> list[DeliverySlot]:
    return list(
        session.scalars(
            select(DeliverySlot).where(DeliverySlot.cycle_id == cycle_id).order_by(DeliverySlot.id)
        )
    )


def test_the_dates_of_a_prepared_cycle_change_and_its_slots_move_along(
    clerk: Visitor, scene: Scene, session: Session
) -> None:
    before = [
        (each.starts_at, each.ends_at) for each in slots_of(session, cycle_of(session, scene).id)
    ]
    assert "Change the dates" in clerk.get(base(scene)).text
    assert 'value="2026-12-05"' in clerk.get(f"{base(scene)}/dates").text
    moved = {**DATES, "name": "Semaine de l’Avent", "delivers_on": "2026-12-06",
             "closes_at": "2026-12-03T12:00"}  # fmt: skip
    answer = clerk.post(f"{base(scene)}/dates", **moved)
    assert (answer.status_code, answer.location) == (303, base(scene))
    made = cycle_of(session, scene)
    assert (made.name, f"{made.delivers_on}") == ("Semaine de l’Avent", "2026-12-06")
    day = timedelta(days=1)
    slots = slots_of(session, made.id)
    assert [(each.starts_at, each.ends_at) for each in slots] == [
        (starts_at + day, ends_at + day) for starts_at, ends_at in before
    ]
    assert all(each.cutoff_at <= made.closes_at for each in slots)


def test_dates_in_a_bad_order_are_refused_at_the_field_with_what_was_typed(
    clerk: Visitor, scene: Scene, session: Session
) -> None:
    answer = clerk.post(f"{base(scene)}/dates", **{**DATES, "delivers_on": "2026-12-03"})
    assert answer.status_code == 422
    assert "This must not come before the collection." in answer.text
    assert 'value="2026-12-03"' in answer.text
    assert f"{cycle_of(session, scene).delivers_on}" == "2026-12-05"


def test_the_dates_of_an_open_cycle_stay(clerk: Visitor, scene: Scene, session: Session) -> None:
    open_one = f"/desk/{scene.market.slug}/cycles/{scene.cycle.code}"
    assert "Change the dates" not in clerk.get(open_one).text
    answer = clerk.post(f"{open_one}/dates", **DATES)
    assert (answer.status_code, answer.location) == (303, open_one)
    session.expire_all()
    assert session.get_one(Cycle, scene.cycle.id).delivers_on == scene.cycle.delivers_on


def test_one_product_is_found_and_added(clerk: Visitor, scene: Scene, session: Session) -> None:
    cycle_id = cycle_of(session, scene).id
    honey = session.get_one(Offer, scene.offers["honey"]).product_id
    session.execute(delete(Offer).where(Offer.cycle_id == cycle_id, Offer.product_id == honey))
    session.commit()
    page = clerk.get(f"{base(scene)}/offers/one").text
    assert f'value="{honey}"' in page
    assert page.count("Add</button>") == 1
    assert "No product here" in clerk.get(f"{base(scene)}/offers/one?q=carotte").text
    wrong = clerk.post(f"{base(scene)}/offers/one", product_id=honey, price="x", allotted="")
    assert wrong.status_code == 422
    assert "This is not a price." in wrong.text
    assert "How much of it is there?" in wrong.text
    answer = clerk.post(f"{base(scene)}/offers/one", product_id=honey, price="9.80", allotted="12")
    assert answer.status_code == 303
    made = session.scalars(
        select(Offer).where(Offer.cycle_id == cycle_id, Offer.product_id == honey)
    ).one()
    assert (made.price_cents, made.allotted) == (980, 12)


def test_a_product_of_another_market_cannot_be_added(
    clerk: Visitor, scene: Scene, session: Session
) -> None:
    other = make_scene(session)
    session.commit()
    foreign = session.get_one(Offer, other.offers["honey"]).product_id
    answer = clerk.post(f"{base(scene)}/offers/one", product_id=foreign, price="9", allotted="1")
    assert answer.status_code == 404


def test_the_desk_of_another_market_changes_nothing(
    clerk: Visitor, scene: Scene, session: Session
) -> None:
    email = make_worker(session, Role.DESK, market_id=make_scene(session).market.id)
    session.commit()
    clerk.post("/account/sign-out")
    stranger = Visitor(clerk.client).sign_in(email)
    assert stranger.get(f"{base(scene)}/dates").status_code == 403
    assert stranger.post(f"{base(scene)}/dates", **DATES).status_code == 403
    assert stranger.post(f"{base(scene)}/offers/one", product_id=1).status_code == 403
