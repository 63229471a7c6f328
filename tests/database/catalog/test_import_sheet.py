"""A producer's file becomes products: shown first, written once, unchanged when brought again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.adapters.spreadsheet_reader import FileSpreadsheetReader
from shop.catalog.domain.terms import ImportState
from shop.catalog.errors import CategoriesMissing, ImportNotReady
from shop.catalog.models import Product, ProductChange, SheetImport
from shop.catalog.services import import_sheet
from shop.catalog.services.import_difference import ImportCounts
from shop.kernel.quantity import Unit
from tests.factories.catalog import make_shelves
from tests.factories.orders import NOW, make_producer, make_scene

READER = FileSpreadsheetReader()
SHARED = Path(os.environ.get("CARRIOLE_SHARED", Path(__file__).resolve().parents[4] / "shared"))
LISTS = SHARED / "catalogues"

WEEK = """Référence;Nom;Catégorie;Prix TTC;Unité;Stock
TOM;Tomates anciennes;Légumes;4,20;kg;80
FAI;Faisselle;Crèmerie;2,90;500 g;24
CAR;Carottes;Légumes;2,60;kg;
"""


@pytest.fixture
def farm(session: Session) -> int:
    make_shelves(session)
    scene = make_scene(session)
    return make_producer(session, scene.market.id, "Ferme du Vallon")


def bring(session: Session, farm: int, text: str | bytes, name: str = "liste.csv") -> int:
    content = text.encode() if isinstance(text, str) else text
    import_id = import_sheet.upload(session, farm, name, content, None)
    import_sheet.read(session, import_id, READER, at=NOW)
    return import_id


def products(session: Session, farm: int) -> dict[str, Product]:
    session.flush()
    session.expire_all()
    rows = session.scalars(select(Product).where(Product.producer_id == farm))
    return {row.reference: row for row in rows}


def changes(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(ProductChange)) or 0


def test_reading_shows_what_would_change_and_writes_nothing(session: Session, farm: int) -> None:
    import_id = bring(session, farm, WEEK)
    kept = session.get_one(SheetImport, import_id)
    assert kept.state is ImportState.READ
    assert kept.outcome is not None
    assert kept.outcome["counts"] == {
        "new": 3, "changed": 0, "unchanged": 0, "gone": 0, "retired": 0, "problems": 0,
    }  # fmt: skip
    assert products(session, farm) == {}


def test_the_usable_rows_become_products_on_their_shelves(session: Session, farm: int) -> None:
    shelves = make_shelves(session)
    counts = import_sheet.apply(session, bring(session, farm, WEEK), NOW)
    assert counts == ImportCounts(new=3, changed=0, unchanged=0, gone=0, retired=0, problems=0)
    made = products(session, farm)
    tomatoes, cheese, carrots = made["TOM"], made["FAI"], made["CAR"]
    assert (tomatoes.price_cents, tomatoes.price_unit, tomatoes.order_unit) == (
        420,
        Unit.GRAM,
        Unit.GRAM,
    )
    assert (tomatoes.category_id, tomatoes.picture) == (shelves["legumes"], "tomato")
    assert tomatoes.search_text == "tomates anciennes legumes vegetables ferme du vallon"
    assert (cheese.content_amount, cheese.content_unit, cheese.usual_allotment) == (
        500,
        Unit.GRAM,
        24,
    )
    assert cheese.category_id == shelves["cremerie"]
    assert carrots.usual_allotment is None


def test_the_same_file_brought_again_changes_nothing(session: Session, farm: int) -> None:
    import_sheet.apply(session, bring(session, farm, WEEK), NOW)
    before = changes(session)
    again = import_sheet.apply(session, bring(session, farm, WEEK), NOW)
    assert again == ImportCounts(new=0, changed=0, unchanged=3, gone=0, retired=0, problems=0)
    assert changes(session) == before


def test_taking_a_file_in_twice_writes_once(session: Session, farm: int) -> None:
    import_id = bring(session, farm, WEEK)
    first = import_sheet.apply(session, import_id, NOW)
    before = changes(session)
    assert import_sheet.apply(session, import_id, NOW) == first
    assert changes(session) == before


def test_a_new_price_is_one_change_with_what_was_before(session: Session, farm: int) -> None:
    import_sheet.apply(session, bring(session, farm, WEEK), NOW)
    import_id = bring(session, farm, WEEK.replace("4,20", "3,90"))
    preview = session.get_one(SheetImport, import_id).preview
    assert preview is not None
    assert [change[2] for change in preview["changed"]] == [[["price", 420, 390]]]
    counts = import_sheet.apply(session, import_id, NOW)
    assert (counts.changed, counts.unchanged) == (1, 2)
    tomatoes = products(session, farm)["TOM"]
    note = session.scalars(
        select(ProductChange).where(
            ProductChange.product_id == tomatoes.id, ProductChange.before.is_not(None)
        )
    ).one()
    assert (note.before, note.after) == ({"price_cents": 420}, {"price_cents": 390})
    assert note.import_id == import_id


def test_unusable_rows_are_named_and_the_others_go_in_alone(session: Session, farm: int) -> None:
    import_id = bring(session, farm, WEEK + "ŒUF;Œufs;Crèmerie;beaucoup;kg;\n")
    preview = session.get_one(SheetImport, import_id).preview
    assert preview is not None
    assert preview["problems"] == [[5, "Prix TTC", "price_unreadable", {"value": "beaucoup"}]]
    counts = import_sheet.apply(session, import_id, NOW)
    assert (counts.new, counts.problems) == (3, 1)


def test_words_that_name_no_category_wait_for_a_choice(session: Session, farm: int) -> None:
    shelves = make_shelves(session)
    text = WEEK.replace("Crèmerie", "Du troupeau")
    import_id = bring(session, farm, text)
    with pytest.raises(CategoriesMissing) as refusal:
        import_sheet.ask(session, import_id, categories={}, retire_gone=False, by=None)
    assert refusal.value.facts["texts"] == ["Du troupeau"]
    import_sheet.ask(
        session, import_id, categories={"Du troupeau": "cremerie"}, retire_gone=False, by=None
    )
    import_sheet.apply(session, import_id, NOW)
    assert products(session, farm)["FAI"].category_id == shelves["cremerie"]
    later = bring(session, farm, text + "YAO;Yaourt;Du troupeau;3,20;400 g;\n")
    assert import_sheet.apply(session, later, NOW).new == 1


def test_products_gone_from_the_file_stay_unless_somebody_says_so(
    session: Session, farm: int
) -> None:
    import_sheet.apply(session, bring(session, farm, WEEK), NOW)
    shorter = "\n".join(WEEK.splitlines()[:3]) + "\n"
    kept = import_sheet.apply(session, bring(session, farm, shorter), NOW)
    assert (kept.gone, kept.retired) == (1, 0)
    import_id = bring(session, farm, shorter)
    import_sheet.ask(session, import_id, categories={}, retire_gone=True, by=None)
    assert import_sheet.apply(session, import_id, NOW).retired == 1
    assert products(session, farm)["CAR"].retired_at == NOW
    back = import_sheet.apply(session, bring(session, farm, WEEK), NOW)
    assert back.changed == 1
    assert products(session, farm)["CAR"].retired_at is None


def test_a_file_that_cannot_be_opened_is_refused_with_its_reason(
    session: Session, farm: int
) -> None:
    import_id = bring(session, farm, b"%PDF-1.7", "liste.pdf")
    kept = session.get_one(SheetImport, import_id)
    assert kept.state is ImportState.REFUSED
    assert kept.outcome == {"code": "sheet_format_unknown", "facts": {"extension": "pdf"}}
    with pytest.raises(ImportNotReady):
        import_sheet.apply(session, import_id, NOW)


def test_a_corrected_column_is_read_again_and_remembered(session: Session, farm: int) -> None:
    text = "Bidule;Machin;Catégorie\nTomates;4,20;Légumes\n"
    import_id = bring(session, farm, text)
    preview = session.get_one(SheetImport, import_id).preview
    assert preview is not None
    assert preview["products"] == []
    columns = {
        0: import_sheet.Column.NAME,
        1: import_sheet.Column.PRICE,
        2: import_sheet.Column.CATEGORY,
    }
    import_sheet.correct(session, import_id, columns, 1)
    import_sheet.read(session, import_id, READER, at=NOW)
    assert import_sheet.apply(session, import_id, NOW).new == 1
    again = bring(session, farm, text.replace("4,20", "4,50"))
    assert import_sheet.apply(session, again, NOW).changed == 1


@pytest.mark.skipif(not LISTS.is_dir(), reason="the published lists are not beside the checkout")
@pytest.mark.parametrize(
    "name",
    [
        "ofn_120_products.csv",
        "foodsoft_file_01.csv",
        "foodsoft_file_01.ods",
        "foodsoft_file_01.xls",
        "foodsoft_file_01.xlsx",
    ],
)
def test_published_lists_go_in_and_change_nothing_the_second_time(
    session: Session, farm: int, name: str
) -> None:
    content = (LISTS / name).read_bytes()
    first = import_sheet.apply(
        session, bring(session, farm, content, name), NOW, fallback_category="epicerie"
    )
    assert first.new > 0
    if name.startswith("ofn"):
        assert (first.new, first.problems) == (120, 0)
    before = changes(session)
    again = import_sheet.apply(
        session, bring(session, farm, content, name), NOW, fallback_category="epicerie"
    )
    assert (again.new, again.changed, again.unchanged) == (0, 0, first.new)
    assert changes(session) == before
