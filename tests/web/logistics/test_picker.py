"""The preparer's tablet: a weight, Enter, the next one; nothing needs a script."""

from __future__ import annotations

import re
import uuid

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.logistics.models import PickingEntry
from shop.logistics.services import driving
from shop.orders.domain.terms import ShortageReason
from tests.factories.field import LEFT_AT, Day, deed, line_of
from tests.factories.field_visits import Hand, words_of


@pytest.fixture
def root(day: Day) -> str:
    return f"/picker/{day.scene.market.slug}/{day.scene.cycle.code}"


@pytest.fixture
def chicken(day: Day) -> int:
    return day.lines[day.orders[0], "chicken"]


def weigh(preparer: Hand, root: str, line: int, weight: str, **more: object) -> object:
    return preparer.post(f"{root}/lines/{line}", weight=weight, **more)


def test_the_first_page_is_the_list_of_the_sale_that_closed(
    preparer: Hand, day: Day, root: str
) -> None:
    page = preparer.read("/picker/")
    assert "Semaine 48" in page
    assert "0 / 2" in page
    assert page.index("Léa Dupont") < page.index("Jeanne Martin")
    assert "3 Léa Dupont" in page


def test_a_search_finds_an_order(preparer: Hand, day: Day, root: str) -> None:
    page = preparer.read(f"{root}/orders?q=lea")
    assert "Léa Dupont" in page
    assert "Jeanne Martin" not in page


def test_an_order_shows_its_lines_by_cold_and_farm_with_what_they_cost_at_most(
    preparer: Hand, day: Day, root: str
) -> None:
    page = preparer.read(f"{root}/orders/{day.orders[0]}")
    assert "4 left" in page
    assert "Chilled Ferme des Avens Carottes" in page
    assert "Le Rucher Miel de lavande 2 pieces" in page
    assert "at most €26.08" in page


@pytest.mark.parametrize("typed", ["1234", "1,234", "1.234 kg"])
def test_a_weight_is_typed_in_grams_or_kilograms_and_the_price_follows(
    preparer: Hand, session: Session, day: Day, root: str, chicken: int, typed: str
) -> None:
    answer = preparer.post(f"{root}/lines/{chicken}", weight=typed)
    assert answer.status_code == 303
    assert line_of(session, chicken).billed_cents == 2332
    page = preparer.read(answer.headers["Location"])
    assert "1.234 kg €23.32" in page
    assert "3 left" in page


def test_the_next_field_is_ready_for_the_next_weight(preparer: Hand, day: Day, root: str) -> None:
    offer = day.scene.offers["chicken"]
    lines = [day.lines[order, "chicken"] for order in reversed(day.orders)]
    page = preparer.get(f"{root}/products/{offer}").text
    assert focused(page) == f"w{lines[0]}"
    answer = preparer.post(f"{root}/lines/{lines[0]}", weight="1234", page="product")
    page = preparer.get(answer.headers["Location"]).text
    assert focused(page) == f"w{lines[1]}"
    answer = preparer.post(f"{root}/lines/{lines[1]}", weight="1300", page="product")
    page = preparer.get(answer.headers["Location"]).text
    assert focused(page) is None
    assert "2 / 2" in page


def focused(page: str) -> str | None:
    found = re.search(r'<input[^>]*id="(w\d+)"[^>]*\bautofocus\b', page)
    return found[1] if found else None


def test_a_form_sent_twice_counts_once_and_another_weight_is_another_entry(
    preparer: Hand, session: Session, day: Day, root: str, chicken: int
) -> None:
    key = str(uuid.uuid4())
    for weight in ("1234", "1234", "1235"):
        preparer.post(f"{root}/lines/{chicken}", weight=weight, key=key)
    kept = session.scalar(select(func.count()).select_from(PickingEntry))
    assert kept == 2
    assert line_of(session, chicken).picked_g == 1235


def test_a_strange_weight_is_asked_about_with_what_was_typed(
    preparer: Hand, session: Session, day: Day, root: str, chicken: int
) -> None:
    answer = preparer.post(f"{root}/lines/{chicken}", weight="12340", page="product")
    assert answer.status_code == 422
    assert "12.340 kg is unusual: between 0.900 kg and 1.500 kg is expected." in words_of(answer)
    assert 'value="12340"' in answer.text
    assert line_of(session, chicken).picked is None
    sure = preparer.post(f"{root}/lines/{chicken}", weight="1600", sure="1")
    assert sure.status_code == 303
    assert line_of(session, chicken).picked_g == 1600


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Type the weight."),
        ("beaucoup", "Type grams (1234) or kilograms with a comma (1,234)."),
    ],
)
def test_what_is_no_weight_is_explained_at_its_line(
    preparer: Hand, session: Session, day: Day, root: str, chicken: int, typed: str, told: str
) -> None:
    answer = preparer.post(f"{root}/lines/{chicken}", weight=typed)
    assert answer.status_code == 422
    assert told in words_of(answer)
    assert line_of(session, chicken).picked is None


def test_what_lacks_is_said_in_two_taps_and_priced_out(
    preparer: Hand, session: Session, day: Day, root: str, chicken: int
) -> None:
    preparer.post(f"{root}/lines/{chicken}", amount="0", reason="damaged")
    row = line_of(session, chicken)
    assert (row.picked, row.billed_cents, row.shortage) == (0, 0, ShortageReason.DAMAGED)
    assert "Damaged" in preparer.read(f"{root}/orders/{day.orders[0]}")


def test_fewer_pieces_are_asked_why(preparer: Hand, session: Session, day: Day, root: str) -> None:
    line = day.lines[day.orders[0], "honey"]
    answer = preparer.post(f"{root}/lines/{line}", amount="1")
    assert answer.status_code == 422
    assert "1 is missing: why?" in words_of(answer)
    preparer.post(f"{root}/lines/{line}", amount="1", reason="lost")
    assert line_of(session, line).shortage is ShortageReason.LOST


def test_an_entry_is_taken_back(
    preparer: Hand, session: Session, day: Day, root: str, chicken: int
) -> None:
    preparer.post(f"{root}/lines/{chicken}", weight="1234")
    answer = preparer.post(f"{root}/lines/{chicken}", kind="undone")
    assert line_of(session, chicken).picked is None
    assert focused(preparer.get(answer.headers["Location"]).text) == f"w{chicken}"


def test_an_order_that_has_left_is_told_so(
    preparer: Hand, session: Session, day: Day, root: str
) -> None:
    driving.serve(session, day.last, deed(day), driver_id=day.driver, receiver="Léa", at=LEFT_AT)
    line = day.lines[day.orders[1], "chicken"]
    answer = preparer.post(f"{root}/lines/{line}", weight="1300")
    page = preparer.read(answer.headers["Location"])
    assert "has left already." in page
    assert line_of(session, line).picked_g is None


def test_a_finished_order_shows_the_next_one(preparer: Hand, day: Day, root: str) -> None:
    last = day.orders[1]
    preparer.post(f"{root}/lines/{day.lines[last, 'chicken']}", weight="1234")
    preparer.post(f"{root}/lines/{day.lines[last, 'carrots']}", weight="1,02")
    for name in ("honey", "yogurt"):
        preparer.post(f"{root}/lines/{day.lines[last, name]}", amount="2")
    page = preparer.read(f"{root}/orders/{last}")
    assert "All done" in page
    assert "Ready" in page
    assert "Next: Jeanne Martin" in page
    assert "1 / 2" in preparer.read(f"{root}/orders")


def test_the_labels_of_one_order_are_printed(preparer: Hand, day: Day, root: str) -> None:
    answer = preparer.get(f"{root}/orders/{day.orders[0]}/labels.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")


def test_the_preparer_of_another_market_is_not_let_in(
    stranger: Hand, session: Session, day: Day, root: str, chicken: int
) -> None:
    for path in ("orders", f"orders/{day.orders[0]}", "products"):
        assert stranger.get(f"{root}/{path}").status_code == 403
    assert stranger.post(f"{root}/lines/{chicken}", weight="1234").status_code == 403
    assert line_of(session, chicken).picked is None


def test_a_line_of_another_market_cannot_be_reached_through_ones_own(
    stranger: Hand, session: Session, day: Day, chicken: int
) -> None:
    home = stranger.get("/picker/").headers["Location"]
    code = stranger.get(home).headers["Location"].rsplit("/", 1)[0]
    assert stranger.post(f"{code}/lines/{chicken}", weight="1234").status_code == 404
    assert line_of(session, chicken).picked is None


def test_a_driver_does_not_prepare(driver: Hand, day: Day, root: str) -> None:
    assert driver.get(f"{root}/orders").status_code == 403
