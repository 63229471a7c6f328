"""What an invoice comes to: bases, tax, the cent that is left over, deliveries and deposits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.billing.domain.identifiers import is_iban, is_siret, is_vat_number, vat_number_of
from shop.billing.domain.invoice import InvoiceLine, compose, delivery_lines, part_of
from shop.billing.domain.invoice_record import freeze, thaw
from shop.billing.domain.invoice_terms import (
    FilingRhythm,
    InvoiceLineKind,
    VatReturn,
    filing_rhythm,
)
from shop.catalog.domain.terms import TaxRegime
from shop.kernel.money import Money
from tests.factories.invoices import goods, invoice

GOODS = InvoiceLineKind.GOODS


@pytest.mark.parametrize(
    ("gross", "rate_bp", "base", "tax", "rounding"),
    [
        (1506, 550, 1427, 78, 1),
        (1544, 550, 1464, 81, -1),
        (1503, 2000, 1253, 251, -1),
        (1055, 550, 1000, 55, 0),
        (1506, 0, 1506, 0, 0),
    ],
)
def test_base_tax_and_rounding_make_what_was_paid(
    gross: int, rate_bp: int, base: int, tax: int, rounding: int
) -> None:
    _, (group,) = compose([goods("Tomme", gross, rate_bp)])
    assert (group.base.cents, group.tax.cents, group.rounding.cents) == (base, tax, rounding)
    assert group.base + group.tax + group.rounding == Money(gross)


def test_a_delivery_fee_follows_the_rates_of_the_goods() -> None:
    lines = [goods("Fromage", 4220, 550), goods("Vin", 1200, 2000)]
    shares = delivery_lines(Money(490), lines, "Livraison", bills_tax=True)
    assert [(line.rate_bp, line.gross.cents) for line in shares] == [(550, 392), (2000, 98)]


def test_a_seller_without_tax_bills_none_on_the_delivery() -> None:
    lines = [goods("Fromage", 4220, 0)]
    (share,) = delivery_lines(Money(490), lines, "Livraison", bills_tax=False)
    assert (share.rate_bp, share.gross) == (0, Money(490))


def test_a_deposit_has_a_line_of_its_own_and_no_tax() -> None:
    deposit = InvoiceLine(InvoiceLineKind.DEPOSIT, "Consigne", Money(60), 0)
    _, groups = compose([goods("Yaourt", 1055, 550), deposit])
    assert [(group.rate_bp, group.base.cents, group.tax.cents) for group in groups] == [
        (0, 60, 0),
        (550, 1000, 55),
    ]


@given(
    st.lists(
        st.tuples(st.integers(1, 50_000), st.sampled_from([0, 210, 550, 1000, 2000])),
        min_size=1,
        max_size=40,
    )
)
def test_every_sum_is_exact_whatever_is_bought(amounts: list[tuple[int, int]]) -> None:
    lines, groups = compose([goods("x", gross, rate) for gross, rate in amounts])
    for group in groups:
        of_rate = [line for line in lines if line.rate_bp == group.rate_bp]
        assert Money.total(line.net for line in of_rate) == group.base
        assert group.base.share_of(group.rate_bp) == group.tax
        assert abs(group.rounding.cents) <= 1
        assert all(abs(line.net.cents - line.gross.cents) <= line.gross.cents for line in of_rate)
    assert Money.total(group.gross for group in groups) == Money(sum(g for g, _ in amounts))


def test_a_credit_note_takes_back_no_more_than_was_asked() -> None:
    lines = [goods("Tomme", 1506, 550), goods("Miel", 950, 550)]
    (taken,) = part_of(lines, {1: Money(450)})
    assert (taken.name, taken.gross, taken.quantity.amount) == ("Miel", Money(450), 1)
    with pytest.raises(ValueError, match="came to"):
        part_of(lines, {1: Money(951)})


def test_what_is_kept_of_an_invoice_is_the_whole_of_it() -> None:
    made = invoice()
    assert thaw(freeze(made)) == made
    other = replace(made, due_on=date(2026, 12, 24), notes=("PMT|40 €",), language="en")
    assert thaw(freeze(other)) == other


@pytest.mark.parametrize(
    ("siret", "is_one"),
    [
        ("73282932000074", True),
        ("35600000000048", True),
        ("35600000000001", True),
        ("73282932000075", False),
        ("7328293200007", False),
        ("", False),
    ],
)
def test_numbers_of_establishments_are_checked(siret: str, is_one: bool) -> None:
    assert is_siret(siret) is is_one


def test_a_vat_number_has_the_key_of_its_enterprise() -> None:
    assert vat_number_of("732829320") == "FR44732829320"
    assert is_vat_number("FR44732829320")
    assert not is_vat_number("FR45732829320")
    assert is_vat_number("BE0417497106")


def test_an_iban_has_the_length_of_its_country_and_its_key() -> None:
    assert is_iban("FR7630006000011234567890189")
    assert not is_iban("FR7630006000011234567890188")
    assert not is_iban("FR76300060000112345678901")


@pytest.mark.parametrize(
    ("regime", "vat_return", "rhythm"),
    [
        (TaxRegime.FRANCHISE, VatReturn.MONTHLY, FilingRhythm.TWO_MONTHS),
        (TaxRegime.RFA, VatReturn.SIMPLIFIED, FilingRhythm.TWO_MONTHS),
        (TaxRegime.RSA, VatReturn.SIMPLIFIED, FilingRhythm.MONTH),
        (TaxRegime.RSA, VatReturn.QUARTERLY, FilingRhythm.MONTH),
        (TaxRegime.NORMAL, VatReturn.QUARTERLY, FilingRhythm.MONTH),
        (TaxRegime.NORMAL, VatReturn.MONTHLY, FilingRhythm.TEN_DAYS),
    ],
)
def test_totals_are_told_in_the_rhythm_of_the_regime(
    regime: TaxRegime, vat_return: VatReturn, rhythm: FilingRhythm
) -> None:
    assert filing_rhythm(regime, vat_return) is rhythm
