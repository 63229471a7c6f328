from datetime import UTC, date, datetime

import pytest

from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice
from tests.factories.sheets import ENGLISH, FRENCH


@pytest.mark.parametrize(
    ("quantity", "french", "english"),
    [
        (Quantity.grams(1234), "1,234\u00a0kg", "1.234\u00a0kg"),
        (Quantity.grams(500), "500\u00a0g", "500\u00a0g"),
        (Quantity.grams(12_000_000), "12\u202f000\u00a0kg", "12,000\u00a0kg"),
        (Quantity.milliliters(750), "75\u00a0cl", "75\u00a0cl"),
        (Quantity.pieces(1200), "1\u202f200", "1,200"),
    ],
)
def test_a_quantity_is_written_as_the_reader_writes_it(
    quantity: Quantity, french: str, english: str
) -> None:
    assert FRENCH.quantity(quantity) == french
    assert ENGLISH.quantity(quantity) == english


def test_money_has_its_comma_its_space_and_its_sign() -> None:
    assert FRENCH.money(Money(123_450)) == "1\u202f234,50\u00a0€"
    assert ENGLISH.money(Money(123_450)) == "€1,234.50"


def test_a_price_says_what_it_is_a_price_of() -> None:
    assert FRENCH.unit_price(UnitPrice(1890, Unit.GRAM)) == "18,90\u00a0€/kg"
    assert FRENCH.unit_price(UnitPrice(600, Unit.MILLILITER)) == "6,00\u00a0€/l"
    assert FRENCH.unit_price(UnitPrice(200, Unit.PIECE)) == "2,00\u00a0€"


def test_an_instant_is_shown_on_the_clock_of_the_market() -> None:
    late = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)
    assert FRENCH.time(late) == "00:30"
    assert FRENCH.local_day(late) == date(2026, 7, 15)
    assert FRENCH.moment(late) == "15/07/2026 00:30"
    assert FRENCH.weekday_moment(late) == "mercredi 15 juillet 00:30"


def test_a_day_is_written_out() -> None:
    assert FRENCH.day(date(2026, 11, 26)) == "jeudi 26 novembre 2026"
    assert ENGLISH.day(date(2026, 11, 26)) == "Thursday 26 November 2026"
    assert FRENCH.day(date(2026, 12, 1)) == "mardi 1er décembre 2026"
    assert FRENCH.short_day(date(2026, 11, 6)) == "06/11/2026"


def test_cold_has_a_real_minus_sign_and_roads_whole_kilometers() -> None:
    assert FRENCH.temperature(-180) == "−18\u00a0°C"
    assert FRENCH.temperature(35) == "3,5\u00a0°C"
    assert FRENCH.distance(142_600) == "143\u00a0km"
