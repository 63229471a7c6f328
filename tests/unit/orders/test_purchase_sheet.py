from dataclasses import replace
from datetime import date

from shop.kernel.money import Money
from shop.orders.domain.purchase_sheet import to_print
from tests.factories.sheets import FRENCH, purchase_sheet


def test_the_total_is_the_sum_of_the_lines() -> None:
    sheet = purchase_sheet(lines=3)
    assert sheet.total == Money.total(line.total for line in sheet.lines)
    assert purchase_sheet(lines=0).total == Money(0)


def test_a_producer_reads_when_and_where_to_bring_the_goods() -> None:
    printed = to_print(purchase_sheet(lines=1), str, FRENCH)
    assert printed["delivery"]["day"] == FRENCH.day(date(2026, 11, 25))
    assert (printed["delivery"]["from"], printed["delivery"]["until"]) == ("07:00", "08:30")
    assert printed["labels"]["deliver"] == "Please deliver"
    assert printed["answer_by"] == "mardi 24 novembre 14:00"


def test_a_producer_whose_goods_are_collected_is_told_so() -> None:
    sheet = purchase_sheet(lines=1)
    sheet = replace(sheet, delivery=replace(sheet.delivery, collected=True))
    assert to_print(sheet, str, FRENCH)["labels"]["deliver"] == "We collect at your farm"


def test_a_line_says_what_to_bring_and_what_it_brings_in() -> None:
    (line,) = to_print(purchase_sheet(lines=1), str, FRENCH)["lines"]
    assert line == {
        "reference": "R1000",
        "product": "Tomate cœur de bœuf",
        "packaging": "kg",
        "ordered": "2\u00a0kg",
        "confirmed": "",
        "price": "18,90\u00a0€/kg",
        "total": "37,80\u00a0€",
        "note": "",
    }
