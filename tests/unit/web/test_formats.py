from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice
from shop.web import formats

FOUR_O_CLOCK = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
HALF_PAST_FOUR = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
CASES: list[tuple[Callable[..., str], tuple[Any, ...], str, str]] = [
    (formats.money, (Money(1250),), "12,50 €", "€12.50"),
    (formats.money, (123456,), "1\u202f234,56 €", "€1,234.56"),
    (formats.money, (Money(-5),), "−0,05 €", "−€0.05"),
    (formats.signed_money, (Money(5),), "+0,05 €", "+€0.05"),
    (formats.signed_money, (Money(-5),), "−0,05 €", "−€0.05"),
    (formats.unit_price, (UnitPrice(1890, Unit.GRAM),), "18,90 €/kg", "€18.90/kg"),
    (formats.unit_price, (UnitPrice(894, Unit.MILLILITER),), "8,94 €/l", "€8.94/l"),
    (formats.unit_price, (UnitPrice(95, Unit.PIECE),), "0,95 €/pièce", "€0.95/piece"),
    (formats.quantity, (Quantity.grams(1234),), "1,234 kg", "1.234 kg"),
    (formats.quantity, (Quantity.grams(1500),), "1,5 kg", "1.5 kg"),
    (formats.quantity, (Quantity.grams(250),), "250 g", "250 g"),
    (formats.quantity, (Quantity.milliliters(750),), "75 cl", "75 cl"),
    (formats.quantity, (Quantity.milliliters(33),), "33 ml", "33 ml"),
    (formats.quantity, (Quantity.milliliters(1500),), "1,5 l", "1.5 l"),
    (formats.quantity, (Quantity.pieces(1),), "1 pièce", "1 piece"),
    (formats.quantity, (Quantity.pieces(3),), "3 pièces", "3 pieces"),
    (formats.kilograms, (Quantity.grams(250),), "0,250 kg", "0.250 kg"),
    (formats.kilograms, (1234,), "1,234 kg", "1.234 kg"),
    (formats.number, (12345,), "12\u202f345", "12,345"),
    (formats.percent, (550,), "5,5 %", "5.5%"),
    (formats.percent, (2000,), "20 %", "20%"),
    (formats.ratio, (1, 3), "33 %", "33%"),
    (formats.ratio, (1, 0), "–", "–"),
    (formats.temperature, (35,), "3,5 °C", "3.5 °C"),
    (formats.temperature, (-185,), "−18,5 °C", "−18.5 °C"),
    (formats.distance, (850,), "850 m", "850 m"),
    (formats.distance, (12350,), "12,4 km", "12.4 km"),
    (formats.duration, (30,), "30 s", "30 s"),
    (formats.duration, (2700,), "45 min", "45 min"),
    (formats.duration, (3600,), "1 h", "1 h"),
    (formats.duration, (5100,), "1 h 25", "1 h 25"),
    (formats.day, (date(2026, 12, 1),), "mardi 1er décembre", "Tuesday, December 1"),
    (formats.day, (date(2026, 11, 24),), "mardi 24 novembre", "Tuesday, November 24"),
    (formats.day, (FOUR_O_CLOCK,), "mardi 24 novembre", "Tuesday, November 24"),
    (formats.short_day, (date(2026, 11, 24),), "mar. 24 nov.", "Tue, Nov 24"),
    (formats.full_date, (date(2026, 11, 24),), "24 novembre 2026", "November 24, 2026"),
    (formats.numeric_date, (date(2026, 11, 24),), "24/11/2026", "11/24/2026"),
    (formats.clock_time, (FOUR_O_CLOCK,), "16 h", "4:00 PM"),
    (formats.clock_time, (HALF_PAST_FOUR,), "16 h 30", "4:30 PM"),
    (formats.window, (FOUR_O_CLOCK, HALF_PAST_FOUR), "16 h – 16 h 30", "4:00 PM – 4:30 PM"),
    (formats.window, (FOUR_O_CLOCK, None), "16 h", "4:00 PM"),
]


def plain(text: str) -> str:
    return text.replace(formats.NO_BREAK, " ")


@pytest.mark.parametrize(("write", "given_values", "french", "english"), CASES)
def test_values_are_written_as_the_reader_writes_them(
    bare_site: Flask,
    write: Callable[..., str],
    given_values: tuple[Any, ...],
    french: str,
    english: str,
) -> None:
    with bare_site.test_request_context(headers={"Accept-Language": "fr"}):
        assert plain(write(*given_values)) == french
    with bare_site.test_request_context(headers={"Accept-Language": "en"}):
        assert plain(write(*given_values)) == english


def test_a_moment_late_in_the_evening_belongs_to_the_day_of_the_market(bare_site: Flask) -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    with bare_site.test_request_context(headers={"Accept-Language": "fr"}):
        assert plain(formats.moment(late)) == "mardi 24 novembre à 0 h 30"


def test_what_is_not_known_is_written_as_nothing(bare_site: Flask) -> None:
    one_value = [
        write for name, write in formats.FILTERS.items() if name not in {"ratio", "window"}
    ]
    with bare_site.test_request_context():
        assert {write(None) for write in one_value} == {""}
        assert formats.window(None, None) == ""


def test_a_value_never_breaks_away_from_its_unit(bare_site: Flask) -> None:
    with bare_site.test_request_context(headers={"Accept-Language": "fr"}):
        for write, values, *_ in CASES:
            if write in {formats.money, formats.quantity, formats.kilograms, formats.duration}:
                assert " " not in write(*values)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cents=st.integers(-(10**12), 10**12))
def test_no_cent_is_lost_in_writing(bare_site: Flask, cents: int) -> None:
    with bare_site.test_request_context(headers={"Accept-Language": "fr"}):
        digits = "".join(c for c in formats.money(cents) if c.isdigit() or c == "−")
    assert int(digits.replace("−", "-")) == cents
