"""The farm's answer from a link in a mail, the farm's own pages, and the desk's."""

from __future__ import annotations

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shop.accounts.domain.roles import Role
from shop.catalog.domain.terms import ShortageRule
from shop.catalog.models import Market
from shop.infra.outbox import OutboxMessage
from shop.infra.transitions import Transition
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind
from shop.orders.models import Order, OrderLine, Payment, PurchaseOrder, PurchaseOrderLine
from shop.orders.queries import accounts
from shop.orders.queries import statement as statements
from shop.orders.services import settlement
from shop.orders.services.fulfilment import Picked
from tests.factories.fulfilment import (
    CLOSED_AT,
    answer_with,
    asked_lines,
    close,
    come_in,
    grant,
    hand_over,
    place_paid,
    purchase_of,
    set_fees,
)
from tests.factories.orders import NOW, Scene, make_scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer

LATER = CLOSED_AT + timedelta(hours=1)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def order_id(session: Session, scene: Scene) -> int:
    set_fees(session, scene)
    return place_paid(session, scene, {"chicken": 2, "carrots": 1500, "honey": 2})


@pytest.fixture
def farm(session: Session, scene: Scene, order_id: int) -> int:
    close(session, scene)
    return purchase_of(session, scene.producers[0])


def path_of(session: Session, purchase_order_id: int) -> str:
    token = session.scalars(
        select(PurchaseOrder.token).where(PurchaseOrder.id == purchase_order_id)
    ).one()
    return f"/answers/{token}"


def post(customer: Customer, path: str, **fields: object) -> TestResponse:
    """Send a form from any page of the site."""
    scene_root = len(customer.root)
    assert scene_root
    door = customer.client.get("/account/sign-in", follow_redirects=True).text
    token = door.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    return customer.client.post(path, data={**fields, "csrf_token": token})


def confirmed(session: Session, purchase_order_id: int) -> dict[int, int | None]:
    session.expire_all()
    rows = session.execute(
        select(PurchaseOrderLine.offer_id, PurchaseOrderLine.confirmed).where(
            PurchaseOrderLine.purchase_order_id == purchase_order_id
        )
    )
    return {row.offer_id: row.confirmed for row in rows}


def fields_of(session: Session, farm: int, scene: Scene, **typed: str) -> dict[str, str]:
    lines = asked_lines(session, farm)
    return {f"line-{lines[scene.offers[name]][0]}": text for name, text in typed.items()}


def test_the_link_of_the_mail_opens_the_list_without_an_account(
    customer: Customer, session: Session, scene: Scene, farm: int
) -> None:
    page = customer.client.get(path_of(session, farm))
    assert page.status_code == 200
    for words in ("Poulet fermier", "Carottes", "Ferme des Avens"):
        assert words in page.text
    assert "Miel de lavande" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "private, no-store"


def test_a_guessed_link_opens_nothing(customer: Customer, farm: int) -> None:
    for token in (uuid.uuid4(), "1", "x" * 40):
        assert customer.client.get(f"/answers/{token}").status_code == 404
        assert customer.client.get(f"/answers/{token}/order.pdf").status_code == 404


def test_one_tap_confirms_everything(
    customer: Customer, session: Session, scene: Scene, farm: int
) -> None:
    answer = post(customer, path_of(session, farm), all="1")
    assert (answer.status_code, answer.headers["Location"]) == (303, path_of(session, farm))
    assert confirmed(session, farm) == {scene.offers["chicken"]: 2, scene.offers["carrots"]: 1500}
    assert session.get_one(PurchaseOrder, farm).state == "accepted"


def test_nothing_at_all_is_one_press_and_can_be_unsaid(
    customer: Customer, session: Session, scene: Scene, farm: int
) -> None:
    customer.client.set_cookie("language", "en")
    assert "I bring nothing" in customer.client.get(path_of(session, farm)).text
    answer = post(customer, path_of(session, farm), nothing="1")
    assert answer.status_code == 303
    assert confirmed(session, farm) == {scene.offers["chicken"]: 0, scene.offers["carrots"]: 0}
    assert session.get_one(PurchaseOrder, farm).state == "refused"
    page = customer.client.get(path_of(session, farm)).text
    assert "I bring nothing" not in page
    assert "Refused" in page
    post(
        customer,
        path_of(session, farm),
        **fields_of(session, farm, scene, chicken="2", carrots="1"),
    )
    session.expire_all()
    assert session.get_one(PurchaseOrder, farm).state == "accepted"


def test_the_desk_chooses_who_goes_short(
    customer: Customer, session: Session, scene: Scene, farm: int
) -> None:
    root = desk(session, customer)
    assert post(customer, f"{root}/purchases/rule", rule="nobody").status_code == 422
    assert post(customer, f"{root}/purchases/rule", rule="pro_rata").status_code == 303
    session.expire_all()
    assert session.get_one(Market, scene.market.id).shortage_rule is ShortageRule.PRO_RATA
    stranger = grant(session, Role.DESK, market_id=make_scene(session).market.id)
    come_in(customer.client, stranger)
    assert post(customer, f"{root}/purchases/rule", rule="first_ordered").status_code == 403
    session.expire_all()
    assert session.get_one(Market, scene.market.id).shortage_rule is ShortageRule.PRO_RATA


def test_less_is_declared_line_by_line_in_kilograms_with_a_word(
    customer: Customer, session: Session, scene: Scene, farm: int, order_id: int
) -> None:
    typed = fields_of(session, farm, scene, chicken="1", carrots="1,25")
    answer = post(customer, path_of(session, farm), **typed, note="Le gel.")
    assert answer.status_code == 303
    assert confirmed(session, farm) == {scene.offers["chicken"]: 1, scene.offers["carrots"]: 1250}
    row = session.execute(
        select(OrderLine.confirmed, OrderLine.shortage).where(
            OrderLine.order_id == order_id, OrderLine.offer_id == scene.offers["chicken"]
        )
    ).one()
    assert tuple(row) == (1, "not_supplied")
    page = customer.client.get(path_of(session, farm)).text
    assert "Le gel." in page
    assert 'value="1.25"' in page


@pytest.mark.parametrize("wrong", ["3", "-1", "1,5", "deux", "", "1e99"])
def test_a_wrong_amount_is_told_at_its_line_and_nothing_is_sent(
    customer: Customer, session: Session, scene: Scene, farm: int, wrong: str
) -> None:
    typed = fields_of(session, farm, scene, chicken=wrong, carrots="1.5")
    answer = post(customer, path_of(session, farm), **typed, note="Bientôt")
    assert answer.status_code == 422
    assert 'class="line__error" role="alert"' in answer.text
    assert f'value="{wrong}"' in answer.text
    assert "Bientôt" in answer.text
    assert set(confirmed(session, farm).values()) == {None}
    assert session.get_one(PurchaseOrder, farm).state == "issued"


def test_too_late_is_said_and_changes_nothing(
    customer: Customer, session: Session, scene: Scene, farm: int
) -> None:
    answer_with(session, farm, {}, at=LATER)
    session.execute(update(PurchaseOrder).values(state="collected"))
    session.expire_all()
    answer = post(
        customer,
        path_of(session, farm),
        **fields_of(session, farm, scene, chicken="0", carrots="0"),
    )
    assert answer.status_code == 409
    assert "line-" not in answer.text
    assert confirmed(session, farm) == {scene.offers["chicken"]: 2, scene.offers["carrots"]: 1500}


def test_the_list_leaves_as_pdf_and_spreadsheet(
    customer: Customer, session: Session, farm: int
) -> None:
    paper = customer.client.get(path_of(session, farm) + "/order.pdf")
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")
    sheet = customer.client.get(path_of(session, farm) + "/order.xlsx")
    assert sheet.mimetype == XLSX
    rows = list(load_workbook(BytesIO(sheet.data)).active.iter_rows(values_only=True))
    products = {row[1]: row[3] for row in rows if row[0] and str(row[0]).startswith("R")}
    assert products["Carottes"] == 1.5
    assert products["Poulet fermier"] == 2


def desk(session: Session, customer: Customer) -> str:
    person = grant(session, Role.DESK, market_id=customer.scene.market.id)
    come_in(customer.client, person)
    return f"/desk/{customer.scene.market.slug}"


DESK_PAGES = ("/orders", "/orders/list.xlsx", "/purchases", "/purchases/list.xlsx", "/money")


@pytest.mark.parametrize("page", DESK_PAGES)
def test_the_desk_of_another_market_and_a_farm_are_kept_out(
    customer: Customer, session: Session, scene: Scene, farm: int, page: str
) -> None:
    path = f"/desk/{scene.market.slug}{page}"
    assert customer.client.get(path).status_code == 302
    come_in(customer.client, grant(session, Role.DESK, market_id=make_scene(session).market.id))
    assert customer.client.get(path).status_code == 403
    come_in(customer.client, grant(session, Role.PRODUCER, producer_id=scene.producers[0]))
    assert customer.client.get(path).status_code == 403


def test_the_desk_of_another_market_changes_nothing(
    customer: Customer, session: Session, scene: Scene, farm: int, order_id: int
) -> None:
    number = session.get_one(Order, order_id).number
    come_in(customer.client, grant(session, Role.DESK, market_id=make_scene(session).market.id))
    root = f"/desk/{scene.market.slug}"
    for path in (
        f"{root}/orders/{number}/cancel",
        f"{root}/orders/{number}/ask-payment",
        f"{root}/purchases/{farm}",
        f"{root}/purchases/{farm}/send",
        f"{root}/money/replay",
    ):
        assert post(customer, path, all="1", reason="vengeance").status_code == 403
    assert set(confirmed(session, farm).values()) == {None}
    assert session.get_one(Order, order_id).state == "firm"


def test_a_desk_sees_no_order_and_no_purchase_order_of_another_market(
    customer: Customer, session: Session, scene: Scene, farm: int, order_id: int
) -> None:
    number = session.get_one(Order, order_id).number
    other = make_scene(session).market
    come_in(customer.client, grant(session, Role.DESK, market_id=other.id))
    for path in (f"/orders/{number}", f"/purchases/{farm}", f"/purchases/{farm}/order.pdf"):
        assert customer.client.get(f"/desk/{other.slug}{path}").status_code == 404


def test_an_order_is_found_by_a_part_of_a_name_a_mail_or_a_number(
    customer: Customer, session: Session, scene: Scene
) -> None:
    wanted = place_paid(session, scene, {"chicken": 1}, name="Hélène de la Tour")
    place_paid(session, scene, {"chicken": 1}, name="Paul Gauthier")
    root = desk(session, customer)
    number = session.get_one(Order, wanted).number
    for text in ("helene", "tour hel", "HÉLÈNE", number, number[1:].lower()):
        page = customer.client.get(f"{root}/orders", query_string={"q": text}).text
        assert "Hélène de la Tour" in page
        assert "Paul Gauthier" not in page
    everybody = customer.client.get(f"{root}/orders", query_string={"q": "jeanne@exemple"}).text
    assert "Paul Gauthier" in everybody
    nobody = customer.client.get(f"{root}/orders", query_string={"q": "%"}).text
    assert "Paul Gauthier" not in nobody
    straight = customer.client.get(f"{root}/orders/find", query_string={"q": number})
    assert straight.headers["Location"].endswith(f"/orders/{number}")


def test_the_desk_takes_an_order_back_with_a_reason_and_its_money_is_freed(
    customer: Customer, session: Session, scene: Scene, counter: Counter
) -> None:
    counter.pay(customer.order(chicken=1))
    counter.deliver(customer.client)
    order = session.scalars(select(Order)).one()
    session.execute(update(Order).values(state="placed", placed_at=NOW))
    session.expire_all()
    root = desk(session, customer)
    refused = post(customer, f"{root}/orders/{order.number}/cancel", reason=" ")
    assert refused.status_code == 422
    assert session.get_one(Order, order.id).state == "placed"
    answer = post(customer, f"{root}/orders/{order.number}/cancel", reason="Plus de poulets")
    assert answer.status_code == 303
    session.expire_all()
    assert session.get_one(Order, order.id).state == "canceled"
    payment = session.scalars(select(Payment)).one()
    topics = session.execute(
        select(OutboxMessage.topic, OutboxMessage.payload).where(
            OutboxMessage.topic.in_(("orders.void_payment", "mail.order_called_off"))
        )
    ).all()
    assert sorted(tuple(row) for row in topics) == [
        ("mail.order_called_off", {"order_id": order.id, "reason": "Plus de poulets"}),
        ("orders.void_payment", {"payment_id": payment.id}),
    ]
    page = customer.client.get(f"{root}/orders/{order.number}").text
    assert "Plus de poulets" in page
    assert "Delphine Marcellin" in page


def test_after_the_closing_an_order_is_not_taken_back(
    customer: Customer, session: Session, scene: Scene, farm: int, order_id: int
) -> None:
    number = session.get_one(Order, order_id).number
    root = desk(session, customer)
    answer = post(customer, f"{root}/orders/{number}/cancel", reason="Trop tard")
    assert answer.status_code == 409
    session.expire_all()
    assert session.get_one(Order, order_id).state == "firm"


def test_the_desk_enters_an_answer_by_telephone_under_its_own_name(
    customer: Customer, session: Session, scene: Scene, farm: int
) -> None:
    root = desk(session, customer)
    listed = customer.client.get(f"{root}/purchases").text
    assert "Ferme des Avens" in listed
    typed = fields_of(session, farm, scene, chicken="1", carrots="1.5")
    wrong = post(customer, f"{root}/purchases/{farm}", **{**typed, **dict.fromkeys(typed, "9999")})
    assert wrong.status_code == 422
    answer = post(customer, f"{root}/purchases/{farm}", **typed)
    assert answer.status_code == 303
    assert confirmed(session, farm)[scene.offers["chicken"]] == 1
    by = session.scalars(
        select(Transition.by_person_id).where(
            Transition.subject == "purchase_order", Transition.event == "accept"
        )
    ).one()
    assert by is not None
    page = customer.client.get(f"{root}/purchases").text
    assert "badge--look" in page


def test_the_desk_sends_the_mail_again(
    customer: Customer, session: Session, scene: Scene, farm: int
) -> None:
    root = desk(session, customer)
    assert post(customer, f"{root}/purchases/{farm}/send").status_code == 303
    sent = session.scalars(
        select(OutboxMessage.payload).where(
            OutboxMessage.topic == "mail.purchase_order",
            OutboxMessage.payload["purchase_order_id"].as_integer() == farm,
        )
    ).all()
    assert sent == [
        {"purchase_order_id": farm},
        {"purchase_order_id": farm, "again": int(NOW.timestamp())},
    ]


def settled(session: Session, scene: Scene, order_id: int) -> int:
    """Deliver the order and book its sale; what it comes to."""
    made = hand_over(
        session,
        scene,
        order_id,
        {"chicken": Picked(2, weight_g=2468), "carrots": Picked(1500), "honey": Picked(1)},
    )
    settlement.prepare(session, order_id, at=LATER)
    return made.final_cents


def test_a_farm_reads_what_it_is_owed_and_why_to_the_cent(
    customer: Customer, session: Session, scene: Scene, farm: int, order_id: int
) -> None:
    assert settled(session, scene, order_id) == 4665 + 420 + 950
    account = statements.read(session, scene.producers[0])
    (sold,) = account.cycles
    assert [(line.product_name, line.billed.cents) for line in sold.products] == [
        ("Carottes", 420),
        ("Poulet fermier", 4665),
    ]
    assert sold.products[1].weighed_g == 2468
    # 2 % and 15 % of 50.85, each rounded half up.
    assert {kind.value: fee.cents for kind, fee in sold.fees.items()} == {
        "platform": 102,
        "market": 763,
    }
    assert (sold.net, account.owed) == (Money(4220), Money(4220))
    assert account.owed == -accounts.balance(session, AccountKind.PRODUCER, scene.producers[0])
    assert account.adds_up
    come_in(customer.client, grant(session, Role.PRODUCER, producer_id=scene.producers[0]))
    page = customer.client.get(f"/producer/{scene.producers[0]}/statement")
    assert page.status_code == 200
    for words in ("42,20", "46,65", "7,63", "1,02", "Poulet fermier"):
        assert words in page.text
    file = customer.client.get(f"/producer/{scene.producers[0]}/statement.xlsx")
    assert file.mimetype == XLSX
    book = load_workbook(BytesIO(file.data))
    first = list(book.worksheets[0].iter_rows(values_only=True))
    assert first[1] == ("Semaine 48", 1, 50.85, -1.02, -7.63, 42.2)


def test_a_farm_with_nothing_sold_reads_an_empty_account(
    customer: Customer, session: Session, scene: Scene
) -> None:
    account = statements.read(session, scene.producers[0])
    assert (account.cycles, account.owed, account.adds_up) == ((), Money.zero(), True)
    come_in(customer.client, grant(session, Role.PRODUCER, producer_id=scene.producers[0]))
    assert customer.client.get(f"/producer/{scene.producers[0]}/statement").status_code == 200


@pytest.mark.parametrize("page", ["orders", "statement", "statement.xlsx"])
def test_one_farm_does_not_see_the_pages_of_another(
    customer: Customer, session: Session, scene: Scene, farm: int, page: str
) -> None:
    path = f"/producer/{scene.producers[0]}/{page}"
    assert customer.client.get(path).status_code == 302
    come_in(customer.client, grant(session, Role.PRODUCER, producer_id=scene.producers[1]))
    assert customer.client.get(path).status_code == 403
    come_in(customer.client, grant(session, Role.DESK, market_id=scene.market.id))
    assert customer.client.get(path).status_code == 403


def test_a_farm_sees_what_is_ordered_so_far_and_what_to_answer(
    customer: Customer, session: Session, scene: Scene, order_id: int
) -> None:
    come_in(customer.client, grant(session, Role.PRODUCER, producer_id=scene.producers[0]))
    running = customer.client.get(f"/producer/{scene.producers[0]}/orders").text
    assert "Poulet fermier" in running
    assert "Miel de lavande" not in running
    close(session, scene)
    path = path_of(session, purchase_of(session, scene.producers[0]))
    assert path in customer.client.get(f"/producer/{scene.producers[0]}/orders").text


def test_the_money_page_shows_what_failed_and_tries_again(
    customer: Customer, session: Session, scene: Scene, farm: int, order_id: int
) -> None:
    cents = settled(session, scene, order_id)
    session.execute(update(Payment).values(state="failed", last_error="expired_card"))
    message = session.scalars(
        select(OutboxMessage.id).where(OutboxMessage.topic == "mail.purchase_order").limit(1)
    ).one()
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message)
        .values(failed_at=NOW, attempts=25, last_error="Traceback\nTimeoutError: no answer")
    )
    root = desk(session, customer)
    page = customer.client.get(f"{root}/money").text
    number = session.get_one(Order, order_id).number
    assert number in page
    assert f"{cents // 100},{cents % 100:02d}" in page
    assert "TimeoutError: no answer" in page
    found = customer.client.get(f"{root}/orders", query_string={"state": "unpaid"}).text
    assert number in found
    assert post(customer, f"{root}/money/replay", message=message).status_code == 303
    session.expire_all()
    assert session.get_one(OutboxMessage, message).failed_at is None
    assert post(customer, f"{root}/orders/{number}/ask-payment").status_code == 303
    asked = session.scalars(
        select(OutboxMessage.payload).where(OutboxMessage.topic == "mail.payment_owed")
    ).all()
    assert asked == [{"order_id": order_id, "again": int(NOW.timestamp())}]


def test_nobody_owes_for_what_is_paid(
    customer: Customer, session: Session, scene: Scene, order_id: int
) -> None:
    order = session.get_one(Order, order_id)
    path = f"{customer.root}/orders/{order.token}/owed"
    assert customer.client.get(path).status_code == 303
    assert post(customer, path).status_code == 303
