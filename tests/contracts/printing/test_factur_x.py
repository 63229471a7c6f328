"""The paper of an invoice carries its data, and says so as the standard asks."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pypdf
import pytest

from shop.adapters.factur_x import FacturXPrinter, declare
from shop.adapters.typst_printer import TypstPrinter
from shop.billing.domain.cross_industry import write_xml
from shop.billing.domain.invoice import Mandate
from shop.billing.domain.invoice_sheet import DOCUMENT, to_print
from shop.infra.formats import LocaleFormats
from tests.factories.invoices import goods, invoice


@pytest.fixture(scope="module")
def printer() -> FacturXPrinter:
    return FacturXPrinter(TypstPrinter())


def data(language: str = "fr", **more: Any) -> tuple[bytes, dict[str, Any]]:
    made = invoice(**more)
    xml = write_xml(made)
    formats = LocaleFormats(language, ZoneInfo("Europe/Paris"))
    return xml, to_print(made, xml.decode(), lambda words: words, formats)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_file_is_pdf_a_3_with_its_xml_inside(printer: FacturXPrinter, language: str) -> None:
    xml, given = data(language)
    pdf = printer.print_invoice(DOCUMENT, given)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert reader.attachments["factur-x.xml"] == [xml]
    root = reader.trailer["/Root"]
    assert root["/AF"][0].get_object()["/AFRelationship"] == "/Alternative"
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert not reader.is_encrypted
    xmp = root["/Metadata"].get_data().decode()
    assert re.search("<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B<", xmp)
    for said in (
        "<fx:ConformanceLevel>EN 16931<",
        "<fx:DocumentFileName>factur-x.xml<",
        "<fx:DocumentType>INVOICE<",
        "<pdfaSchema:prefix>fx</pdfaSchema:prefix>",
    ):
        assert xmp.count(said) == 1
    page = reader.pages[0].extract_text()
    assert "GAEC des Avens" in page
    assert ("39,36" if language == "fr" else "€39.36") in page


def test_every_font_is_inside_the_file(printer: FacturXPrinter) -> None:
    _xml, given = data()
    reader = pypdf.PdfReader(io.BytesIO(printer.print_invoice(DOCUMENT, given)))
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            (inner,) = font.get_object()["/DescendantFonts"]
            descriptor = inner.get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def test_the_same_invoice_is_the_same_file(printer: FacturXPrinter) -> None:
    _xml, given = data()
    assert printer.print_invoice(DOCUMENT, given) == printer.print_invoice(DOCUMENT, given)


def test_the_paper_says_who_wrote_it_and_goes_on_over_pages(printer: FacturXPrinter) -> None:
    lines = [goods(f"Produit {place}", 250, 550) for place in range(70)]
    mandate = Mandate("Paniers du Var", date(2026, 1, 5), 15)
    _xml, given = data(lines=lines, mandate=mandate)
    reader = pypdf.PdfReader(io.BytesIO(printer.print_invoice(DOCUMENT, given)))
    assert len(reader.pages) == 3
    last = " ".join(reader.pages[-1].extract_text().split())
    assert "Written by Paniers du Var in the name and on behalf of GAEC des Avens" in last


def test_a_file_of_another_hand_is_not_touched() -> None:
    with pytest.raises(ValueError, match="no trailer"):
        declare(b"%PDF-1.7\nnothing\n%%EOF")
