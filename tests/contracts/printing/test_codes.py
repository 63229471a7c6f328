import io

import pytest
from PIL import Image

from shop.adapters.typst_printer import TypstPrinter
from shop.logistics.domain.sheets import crate_labels, round_sheet
from shop.orders.domain import purchase_sheet
from tests.factories import sheets
from tests.factories.sheets import FRENCH

zxingcpp = pytest.importorskip("zxingcpp", reason="no decoder of QR codes is installed")


def codes(pictures: list[bytes]) -> list[str]:
    """What a reader of codes finds on the pages, one at a time."""
    return [
        found.text
        for picture in pictures
        for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))
        if found.format == zxingcpp.BarcodeFormat.QRCode
    ]


@pytest.mark.parametrize("ppi", [100, 200])
def test_the_code_of_every_crate_label_can_be_read(ppi: int) -> None:
    data = crate_labels.to_print(sheets.crate_labels(29, skip=3), str, FRENCH)
    found = codes(TypstPrinter().pictures("logistics/crate_labels", data, ppi))
    assert sorted(found) == [sheets.crate_url(index) for index in range(29)]


def test_a_code_survives_a_fax_and_a_crooked_hand() -> None:
    data = crate_labels.to_print(sheets.crate_labels(8, skip=0), str, FRENCH)
    (picture,) = TypstPrinter().pictures("logistics/crate_labels", data, 150)
    page = Image.open(io.BytesIO(picture)).convert("L").rotate(7, fillcolor=255, expand=True)
    coarse = page.point(lambda light: 255 if light > 128 else 0)
    out = io.BytesIO()
    coarse.save(out, "PNG")
    assert sorted(codes([out.getvalue()])) == [sheets.crate_url(index) for index in range(8)]


def test_a_producer_can_answer_with_the_code() -> None:
    sheet = sheets.purchase_sheet(3)
    data = purchase_sheet.to_print(sheet, str, FRENCH)
    assert codes(TypstPrinter().pictures("orders/purchase_order", data, 100)) == [sheet.answer_url]


def test_a_driver_can_open_the_round_with_the_code() -> None:
    sheet = sheets.round_sheet()
    data = round_sheet.to_print(sheet, str, FRENCH)
    assert codes(TypstPrinter().pictures("logistics/round_sheet", data, 100)) == [sheet.url]


def test_a_round_without_an_address_has_no_code() -> None:
    data = round_sheet.to_print(sheets.round_sheet(), str, FRENCH) | {"qr": ""}
    assert codes(TypstPrinter().pictures("logistics/round_sheet", data, 100)) == []
