"""The desk of a market: cycles, offers and delivery, and no other market's."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.catalog.domain.terms import OptionKind
from shop.catalog.models import Cycle, DeliveryOption, DeliverySlot, Offer, PickupPoint
from shop.catalog.queries import desk
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


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


@pytest.fixture
def clerk(client: FlaskClient, session: Session, scene: Scene) -> Visitor:
    email = make_worker(session, Role.DESK, market_id=scene.market.id)
    session.commit()
    return Visitor(client).sign_in(email)


def base(scene: Scene) -> str:
    return f"/desk/{scene.market.slug}"


def cycle_of(session: Session, scene: Scene, code: str) -> Cycle:
    session.expire_all()
    return session.scalars(
        select(Cycle).where(Cycle.market_id == scene.market.id, Cycle.code == code)
    ).one()


def test_the_only_market_is_opened_at_once(clerk: Visitor, scene: Scene) -> None:
    answer = clerk.get("/desk/")
    assert (answer.status_code, answer.location) == (302, f"{base(scene)}/")
    assert "Semaine 48" in clerk.get(f"{base(scene)}/").text


def test_a_new_cycle_takes_offers_and_slots_of_the_last_one(
    clerk: Visitor, scene: Scene, session: Session
) -> None:
    answer = clerk.post(f"{base(scene)}/cycles", **WEEK, repeat="y", slots="y")
    assert (answer.status_code, answer.location) == (303, f"{base(scene)}/cycles/2026-49")
    made = cycle_of(session, scene, "2026-49")
    assert (made.state, f"{made.opens_at:%d %H:%M}") == ("draft", "28 05:00")
    assert desk.figures(session, made.id).offers == 4
    slots = session.scalars(select(DeliverySlot).where(DeliverySlot.cycle_id == made.id)).all()
    assert len(slots) == 3
    assert "Semaine 49" in clerk.get(answer.location).text


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("closes_at", "2026-11-27T06:00", "It must close after it opens."),
        ("answers_by", "2026-12-01T06:00", "This must come after the closing."),
        ("collects_on", "2026-12-01", "This must come after the closing."),
        ("delivers_on", "2026-12-03", "This must not come before the collection."),
        ("code", "2026-48", "Another cycle of this market has this code."),
        ("opens_at", "", "Please fill this in."),
    ],
)
def test_dates_in_a_bad_order_are_refused_at_the_field(
    clerk: Visitor, scene: Scene, field: str, value: str, text: str
) -> None:
    answer = clerk.post(f"{base(scene)}/cycles", **{**WEEK, field: value})
    assert answer.status_code == 422
    after = answer.text.split(f'id="{field}"', 1)[1]
    assert text in after.split("</div>", 1)[0]
    assert 'value="Semaine 49"' in answer.text


def test_a_cycle_is_opened_and_closed_by_hand_with_a_reason(
    clerk: Visitor, scene: Scene, session: Session
) -> None:
    path = f"{base(scene)}/cycles/2026-48"
    assert clerk.post(f"{path}/close", reason=" ").status_code == 303
    assert cycle_of(session, scene, "2026-48").state == "open"
    clerk.post(f"{path}/close", reason="Neige")
    assert cycle_of(session, scene, "2026-48").state == "closed"
    events = desk.history(session, scene.cycle.id)
    assert [(each.event, each.reason) for each in events] == [("close", "Neige")]
    page = clerk.get(path).text
    assert "Neige" in page
    assert "Dominique Blanc" in page
    assert clerk.post(f"{path}/open").status_code == 303
    assert cycle_of(session, scene, "2026-48").state == "closed"


def test_prices_and_quantities_are_changed_row_by_row(
    clerk: Visitor, scene: Scene, session: Session
) -> None:
    honey, carrots = scene.offers["honey"], scene.offers["carrots"]
    path = f"{base(scene)}/cycles/2026-48/offers"
    said = {f"price-{honey}": "8,90", f"allotted-{honey}": "50"}
    more = {f"price-{carrots}": "2.6", f"allotted-{carrots}": "12,5"}
    assert clerk.post(path, **said, **more).status_code == 303
    session.expire_all()
    rows = {key: session.get_one(Offer, key) for key in (honey, carrots)}
    assert (rows[honey].price_cents, rows[honey].allotted) == (890, 50)
    assert (rows[carrots].price_cents, rows[carrots].allotted) == (260, 12_500)
    rows[honey].committed = 20
    session.commit()
    refused = clerk.post(path, **{f"price-{honey}": "8", f"allotted-{honey}": "19"})
    assert refused.status_code == 422
    assert "20\u00a0pieces is ordered or in baskets already" in refused.text
    assert clerk.post(f"{path}/{honey}/withdraw").status_code == 303
    session.expire_all()
    assert session.get_one(Offer, honey).withdrawn_at is not None


def test_a_way_to_deliver_is_opened_with_minimum_and_fee(
    clerk: Visitor, scene: Scene, session: Session
) -> None:
    said = {
        "kind": "relay",
        "name_fr": "Relais du soir",
        "minimum": "15",
        "fee": "1,50",
        "free_from": "10",
    }
    refused = clerk.post(f"{base(scene)}/delivery/ways/new", **said)
    assert refused.status_code == 422
    assert "Not below the minimum basket." in refused.text
    answer = clerk.post(f"{base(scene)}/delivery/ways/new", **{**said, "free_from": "40"})
    assert answer.status_code == 303
    made = session.scalars(
        select(DeliveryOption).where(DeliveryOption.texts["name"]["fr"].astext == "Relais du soir")
    ).one()
    assert (made.minimum_cents, made.fee_cents, made.free_from_cents) == (1500, 150, 4000)


def test_communes_are_pasted_by_name_postcode_or_code(
    clerk: Visitor, scene: Scene, session: Session
) -> None:
    home = session.scalars(
        select(DeliveryOption.id).where(
            DeliveryOption.market_id == scene.market.id, DeliveryOption.kind == OptionKind.HOME
        )
    ).one()
    path = f"{base(scene)}/delivery/ways/{home}/communes"
    refused = clerk.post(path, communes="Toulon, Nulle-Part-Ville")
    assert refused.status_code == 422
    assert "Nulle-Part-Ville" in refused.text
    assert (
        clerk.post(path, communes="Toulon\n83034, Saint-Maximin-la-Sainte-Baume").status_code == 303
    )
    assert desk.communes_of(session, home) == ["83023", "83034", "83116", "83137"]
    assert "Aups" in clerk.get(f"{path}?q=aups").text


def test_a_place_is_found_by_its_commune(clerk: Visitor, scene: Scene, session: Session) -> None:
    said = {
        "kind": "relay",
        "name": "Café du Cours",
        "host_name": "Odile",
        "phone": "04 94 00 00 02",
        "address": "1 cours Foch",
        "postcode": "83170",
        "commune": "Brignoles",
        "crate_capacity": "30",
        "deliver_from": "14:00",
        "deliver_until": "17:00",
        "service_minutes": "10",
    }
    wrong = clerk.post(f"{base(scene)}/delivery/places/new", **{**said, "postcode": "99999"})
    assert wrong.status_code == 422
    assert "We do not know this postcode." in wrong.text
    assert clerk.post(f"{base(scene)}/delivery/places/new", **said).status_code == 303
    made = session.scalars(select(PickupPoint).where(PickupPoint.name == "Café du Cours")).one()
    assert (made.commune_insee, made.deliver_from_s, made.slug) == (
        "83023", 14 * 3600, "cafe-du-cours",
    )  # fmt: skip
    made.lat = 43.52578
    session.commit()
    page = clerk.get(f"{base(scene)}/delivery/places/{made.id}").text
    assert 'value="43.52578"' in page


def test_slots_are_opened_and_their_room_is_guarded(
    clerk: Visitor, scene: Scene, session: Session
) -> None:
    slot = session.get_one(DeliverySlot, scene.slots["home"])
    slot.taken = 4
    session.commit()
    path = f"{base(scene)}/cycles/2026-48/slots"
    refused = clerk.post(f"{path}/room", **{f"capacity-{slot.id}": "3"})
    assert refused.status_code == 422
    assert "4 orders count on this slot already" in refused.text
    said = {
        "option_id": str(slot.option_id),
        "starts_at": "08:00",
        "ends_at": "12:00",
        "every": "120",
        "capacity": "12",
        "cutoff_at": "2026-11-24T00:01",
    }
    late = clerk.post(path, **said)
    assert late.status_code == 422
    assert "Not after the sale closes" in late.text
    assert clerk.post(path, **{**said, "cutoff_at": "2026-11-23T23:00"}).status_code == 303
    assert (
        len(
            session.scalars(
                select(DeliverySlot).where(DeliverySlot.option_id == slot.option_id)
            ).all()
        )
        == 3
    )


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/cycles",
        "/cycles/2026-48",
        "/cycles/2026-48/offers",
        "/delivery",
        "/delivery/ways/new",
    ],
)
def test_the_desk_of_another_market_is_closed(
    clerk: Visitor, scene: Scene, session: Session, path: str
) -> None:
    other = make_scene(session)
    session.commit()
    assert clerk.get(base(other) + path).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/cycles", "/cycles/2026-48/close", "/cycles/2026-48/offers", "/cycles/2026-48/slots/room"],
)
def test_nobody_changes_another_market(
    clerk: Visitor, scene: Scene, session: Session, path: str
) -> None:
    other = make_scene(session)
    session.commit()
    assert clerk.post(base(other) + path, reason="x").status_code == 403


def test_a_producer_is_no_desk(client: FlaskClient, session: Session, scene: Scene) -> None:
    email = make_worker(session, Role.PRODUCER, producer_id=scene.producers[0])
    session.commit()
    farmer = Visitor(client).sign_in(email)
    assert farmer.get("/desk/").status_code == 403
    assert farmer.get(f"{base(scene)}/").status_code == 403


def test_a_visitor_is_sent_to_the_door(client: FlaskClient, scene: Scene) -> None:
    answer = client.get(f"{base(scene)}/cycles")
    assert answer.status_code == 302
    assert "/account/sign-in" in answer.location
