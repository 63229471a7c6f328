import io
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader
from structlog.testing import capture_logs

from shop.adapters.typst_printer import TypstPrinter
from shop.infra.printing import Printer, UnknownDocument
from shop.logistics.domain.sheets import (
    crate_labels,
    picking_by_order,
    picking_by_producer,
    picking_by_product,
    relay_sheet,
    round_sheet,
)
from shop.orders.domain import purchase_sheet
from tests.factories import sheets
from tests.factories.sheets import ENGLISH, FRENCH

DOCUMENTS: dict[str, tuple[dict[str, Any], int]] = {
    "orders/purchase_order": (
        purchase_sheet.to_print(sheets.purchase_sheet(), str, FRENCH),
        2,
    ),
    "logistics/picking_by_order": (
        picking_by_order.to_print(sheets.picking_by_order(), str, FRENCH),
        4,
    ),
    "logistics/picking_by_product": (
        picking_by_product.to_print(sheets.picking_by_product(), str, FRENCH),
        2,
    ),
    "logistics/picking_by_producer": (
        picking_by_producer.to_print(sheets.picking_by_producer(), str, FRENCH),
        3,
    ),
    "logistics/crate_labels": (crate_labels.to_print(sheets.crate_labels(), str, FRENCH), 3),
    "logistics/round_sheet": (round_sheet.to_print(sheets.round_sheet(), str, FRENCH), 3),
    "logistics/relay_sheet": (relay_sheet.to_print(sheets.relay_sheet(), str, FRENCH), 3),
}
"""Every document, filled as on a busy week, and the pages it takes."""

UNSAID = {"heading", "qr", "temperature", "kind", "temperatures", "kinds", "labels"}
"""Keys whose values are codes, patterns or words that a sheet may not need."""

every_document = pytest.mark.parametrize("document", DOCUMENTS)


@pytest.fixture(scope="module")
def printer() -> TypstPrinter:
    return TypstPrinter()


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def words_on(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in read(pdf).pages)


def bare(text: str) -> str:
    """Without spaces, line ends and case: what was said, wherever it was wrapped."""
    return re.sub(r"\s", "", text).casefold()


def said(value: Any) -> Iterator[str]:
    """The texts of a sheet's data that must stand on its paper."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in UNSAID:
                yield from said(item)
    elif isinstance(value, list):
        for item in value:
            yield from said(item)
    elif isinstance(value, str):
        yield value


def test_it_is_the_printer_that_the_rooms_know(printer: Printer) -> None:
    assert printer.print("orders/purchase_order", DOCUMENTS["orders/purchase_order"][0])


@every_document
def test_a_sheet_takes_the_pages_it_needs(printer: TypstPrinter, document: str) -> None:
    data, pages = DOCUMENTS[document]
    paper = read(printer.print(document, data))
    assert len(paper.pages) == pages
    for page in paper.pages:
        assert [round(float(side)) for side in page.mediabox] == [0, 0, 595, 842]


@every_document
def test_all_that_a_sheet_says_stands_on_paper(printer: TypstPrinter, document: str) -> None:
    data, _ = DOCUMENTS[document]
    paper = bare(words_on(printer.print(document, data)))
    missing = {text for text in said(data) if bare(text) not in paper}
    if document == "logistics/picking_by_product":
        # Beside each other there is no room for the place; the crate and the order say where.
        missing -= set(sheets.PLACES)
    assert missing == set()


@every_document
def test_every_page_says_which_market_which_day_and_which_page(
    printer: TypstPrinter, document: str
) -> None:
    data, pages = DOCUMENTS[document]
    for number, page in enumerate(read(printer.print(document, data)).pages, start=1):
        text = bare(page.extract_text())
        assert bare(sheets.HEADING.market) in text
        if document == "logistics/crate_labels":
            assert "26/11/2026" in text
        else:
            assert bare(f"Page {number}/{pages}") in text
            assert bare("Semaine 48") in text


@every_document
def test_only_the_shipped_font_is_used(printer: TypstPrinter, document: str) -> None:
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in read(printer.print(document, DOCUMENTS[document][0])).pages
        for font in cast(Any, page)["/Resources"]["/Font"].values()
    }
    assert fonts
    assert all("SourceSansPro" in font for font in fonts), fonts


@every_document
def test_nothing_is_drawn_where_a_home_printer_cannot_print(
    printer: TypstPrinter, document: str
) -> None:
    ppi, edge = 72, 11  # 11 points: 4 mm
    for picture in printer.pictures(document, DOCUMENTS[document][0], ppi):
        page = Image.open(io.BytesIO(picture)).convert("L")
        ink = ImageChops.invert(page).getbbox()
        assert ink is not None
        left, top, right, bottom = ink
        assert left >= edge
        assert top >= edge
        assert right <= page.width - edge
        assert bottom <= page.height - edge


@every_document
def test_paper_is_black_and_white(printer: TypstPrinter, document: str) -> None:
    for picture in printer.pictures(document, DOCUMENTS[document][0], 50):
        red, green, blue = Image.open(io.BytesIO(picture)).convert("RGB").split()
        assert ImageChops.difference(red, green).getbbox() is None
        assert ImageChops.difference(green, blue).getbbox() is None


@every_document
def test_a_document_compiles_without_a_warning(printer: TypstPrinter, document: str) -> None:
    with capture_logs() as logs:
        printer.print(document, DOCUMENTS[document][0])
    assert logs == []


@every_document
def test_the_same_sheet_gives_the_same_bytes(printer: TypstPrinter, document: str) -> None:
    data, _ = DOCUMENTS[document]
    assert printer.print(document, data) == TypstPrinter().print(document, data)


def test_several_sheets_in_one_file_count_their_own_pages(printer: TypstPrinter) -> None:
    long = relay_sheet.to_print(sheets.relay_sheet(60), str, FRENCH)
    short = relay_sheet.to_print(sheets.relay_sheet(2), str, ENGLISH)
    pages = read(printer.print("logistics/relay_sheet", {"sheets": [long, short]})).pages
    ends = [bare(page.extract_text())[-40:] for page in pages]
    numbers = [re.search(r"page(\d/\d)", end) for end in ends]
    assert [found and found[1] for found in numbers] == ["1/3", "2/3", "3/3", "1/1"]


@every_document
def test_a_sheet_with_nothing_on_it_still_prints(printer: TypstPrinter, document: str) -> None:
    empty = {
        key: [] if isinstance(value, list) else value
        for key, value in DOCUMENTS[document][0].items()
    }
    assert len(read(printer.print(document, empty)).pages) == 1


def test_what_people_type_is_printed_and_never_obeyed(printer: TypstPrinter) -> None:
    typed = '#panic("boo") *bold* _x_ $1/0$ <end-0> @nobody \\ // `raw` [a](b)'
    sheet = sheets.relay_sheet(1)
    data = relay_sheet.to_print(sheet, str, FRENCH) | {"note": typed, "relay": typed}
    text = "".join(
        p.extract_text() for p in read(printer.print("logistics/relay_sheet", data)).pages
    )
    assert bare(text).count(bare(typed)) == 2


@pytest.mark.parametrize(
    "document",
    ["logistics/unheard_of", "logistics", "../logistics/round_sheet", "orders/../x", "/etc/passwd"],
)
def test_an_unknown_document_is_refused(printer: TypstPrinter, document: str) -> None:
    with pytest.raises(UnknownDocument):
        printer.print(document, {})


def test_a_pile_of_sheets_is_one_file_with_page_numbers_of_each(printer: TypstPrinter) -> None:
    document = "logistics/picking_by_order"
    sheet = sheets.picking_by_order(orders=5)
    parts = [
        picking_by_order.to_print(part, str, FRENCH)
        for part in picking_by_order.in_parts(sheet, orders=2)
    ]
    pile = printer.bind(document, parts)
    assert printer.bind(document, iter(parts)) == pile
    pages = [page.extract_text() for page in read(pile).pages]
    alone = [
        page.extract_text() for part in parts for page in read(printer.print(document, part)).pages
    ]
    assert pages == alone
    assert [part["part"] for part in parts] == ["1/3", "2/3", "3/3"]
    assert all("1/3" in page or "2/3" in page or "3/3" in page for page in pages)


def test_a_pile_of_one_sheet_is_that_sheet(printer: TypstPrinter) -> None:
    document = "logistics/relay_sheet"
    data, _ = DOCUMENTS[document]
    assert printer.bind(document, [data]) == printer.print(document, data)
    with pytest.raises(ValueError, match="no sheet"):
        printer.bind(document, [])
