"""A catalogue file goes through the worker: read, taken in, once."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

import worker.tasks  # noqa: F401  (declares the handlers)
from shop.catalog.domain.terms import ImportState
from shop.catalog.models import Product, ProductChange, SheetImport
from shop.catalog.services import import_sheet
from shop.infra.unit_of_work import reading, unit_of_work
from tests.factories.catalog import make_shelves
from tests.factories.orders import make_producer, make_scene
from worker import catalog
from worker.dispatch import drain


@pytest.fixture
def farm(committed_app: Flask) -> int:
    with committed_app.app_context(), unit_of_work() as session:
        make_shelves(session)
        scene = make_scene(session)
        return make_producer(session, scene.market.id, "Ferme du Vallon")


def upload(farm: int, rows: int) -> int:
    lines = [f"R{n};Produit {n};Légumes;{n},50;500 g" for n in range(1, rows + 1)]
    text = "\n".join(["Référence;Nom;Catégorie;Prix TTC;Unité", *lines])
    with unit_of_work() as session:
        return import_sheet.upload(session, farm, "liste.csv", text.encode(), None)


def counted(farm: int) -> tuple[int, int]:
    with reading() as session:
        products = session.scalar(
            select(func.count()).select_from(Product).where(Product.producer_id == farm)
        )
        changes = session.scalar(select(func.count()).select_from(ProductChange))
    return products or 0, changes or 0


def state(import_id: int) -> tuple[ImportState, dict[str, object] | None]:
    with reading() as session:
        found = session.get_one(SheetImport, import_id)
        return found.state, found.outcome


def test_a_file_is_read_and_taken_in_once_however_often_the_messages_come(
    committed_app: Flask, farm: int
) -> None:
    with committed_app.app_context():
        import_id = upload(farm, 25)
        assert drain() == 1
        catalog.read_sheet(import_id)
        assert counted(farm) == (0, 0)
        with unit_of_work() as session:
            import_sheet.ask(session, import_id, categories={}, retire_gone=False, by=None)
        assert drain() == 1
        catalog.apply_import(import_id)
        assert counted(farm) == (25, 25)
        assert state(import_id)[0] is ImportState.APPLIED


def test_words_without_a_category_are_kept_as_the_reason_and_can_be_placed(
    committed_app: Flask, farm: int
) -> None:
    with committed_app.app_context():
        with unit_of_work() as session:
            text = "Nom;Catégorie;Prix\nTomates;Bricoles;3,20\n"
            import_id = import_sheet.upload(session, farm, "l.csv", text.encode(), None)
        drain()
        catalog.apply_import(import_id)
        kept, outcome = state(import_id)
        assert kept is ImportState.READ
        assert outcome is not None
        assert outcome["failed"] == "categories_missing"
        with unit_of_work() as session:
            chosen = {"Bricoles": "legumes"}
            import_sheet.ask(session, import_id, categories=chosen, retire_gone=False, by=None)
        drain()
        assert counted(farm) == (1, 1)
