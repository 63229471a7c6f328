"""What the commands of the shop do, what they say and how they end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click import Command
from click.testing import Result
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shop.catalog.models import Category, Cycle, Market, MarketProducer, Producer, Product
from shop.cli import catalogue, cycles, demo, sheets, upkeep
from shop.demo import market as demo_market
from shop.demo.catalogue import fill
from shop.demo.rows import Rows
from shop.infra import outbox

CSV = "Nom;Prix TTC;Unité\nTomates anciennes;3,20;kg\nSans prix;;kg\n"


@pytest.fixture
def market(session: Session) -> Market:
    """The demo's market and catalogue, without its history."""
    rows = Rows()
    fill(rows, demo_market.lay(rows))
    rows.write(session)
    return session.scalars(select(Market)).one()


@pytest.fixture
def cycle(session: Session, market: Market) -> Cycle:
    now = datetime.now(UTC)
    made = Cycle(
        market_id=market.id,
        code="2026-48",
        name="Paniers",
        opens_at=now + timedelta(hours=1),
        closes_at=now + timedelta(days=3),
        answers_by=now + timedelta(days=4),
        collects_on=(now + timedelta(days=5)).date(),
        delivers_on=(now + timedelta(days=6)).date(),
    )
    session.add(made)
    session.flush()
    return made


def run(app: Flask, command: Command, *arguments: str | Path) -> Result:
    return app.test_cli_runner().invoke(command, [str(each) for each in arguments])


def said(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_cycle_is_opened_and_closed_once(app: Flask, session: Session, cycle: Cycle) -> None:
    assert run(app, cycles.open_cycle, "2026-48").exit_code == 0
    assert run(app, cycles.close_cycle, "2026-48").exit_code == 0
    session.refresh(cycle)
    assert cycle.state == "closed"
    again = run(app, cycles.close_cycle, "2026-48", "--json")
    assert again.exit_code == 1
    assert said(again)["error"] == "illegal_transition"


def test_an_unknown_cycle_is_refused(app: Flask, session: Session, cycle: Cycle) -> None:
    result = run(app, cycles.open_cycle, "2026-49", "--json")
    assert result.exit_code == 1
    assert said(result)["error"] == "cycle_unknown"


def test_a_cycle_without_orders_has_no_rounds(app: Flask, session: Session, cycle: Cycle) -> None:
    result = run(app, cycles.plan_rounds, "--cycle", "2026-48", "--json")
    assert result.exit_code == 1
    assert said(result)["error"] == "nothing_to_plan"


def test_a_catalogue_comes_in_and_a_second_time_changes_nothing(
    app: Flask, session: Session, market: Market, tmp_path: Path
) -> None:
    file = tmp_path / "liste.csv"
    file.write_text(CSV, "utf-8")
    slug = session.scalars(select(Producer.slug).order_by(Producer.id)).first() or ""
    shelf = session.scalars(select(Category.slug).order_by(Category.id)).first() or ""
    arguments = (file, "--producer", slug, "--category", shelf, "--json")
    before = session.scalars(select(Product.id)).all()

    tried = run(app, catalogue.import_catalogue, *arguments, "--dry-run")
    assert tried.exit_code == 0
    assert said(tried)["counts"]["new"] == 1
    assert [each["row"] for each in said(tried)["problems"]] == [3]
    assert session.scalars(select(Product.id)).all() == before

    done = run(app, catalogue.import_catalogue, *arguments)
    assert done.exit_code == 0
    assert len(session.scalars(select(Product.id)).all()) == len(before) + 1

    again = run(app, catalogue.import_catalogue, *arguments)
    assert said(again)["counts"]["new"] == 0
    assert said(again)["counts"]["unchanged"] == 1
    assert outbox.waiting(session)["waiting"] == 0


def test_a_file_nobody_can_read_is_refused(
    app: Flask, session: Session, market: Market, tmp_path: Path
) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"\xff\xd8\xff\xe0")
    slug = session.scalars(select(Producer.slug).order_by(Producer.id)).first() or ""
    result = run(app, catalogue.import_catalogue, file, "--producer", slug, "--json")
    assert result.exit_code == 1
    assert said(result)["error"].startswith("sheet_")


def test_an_unknown_producer_is_refused(
    app: Flask, session: Session, market: Market, tmp_path: Path
) -> None:
    file = tmp_path / "liste.csv"
    file.write_text(CSV, "utf-8")
    result = run(app, catalogue.import_catalogue, file, "--producer", "nobody", "--json")
    assert result.exit_code == 1
    assert said(result)["error"] == "producer_unknown"
    assert session.scalars(select(MarketProducer.producer_id)).first() is not None


def test_an_empty_ledger_holds(app: Flask, session: Session) -> None:
    result = run(app, upkeep.check_ledger, "--json")
    assert result.exit_code == 0
    assert said(result)["holds"] is True


def test_goods_that_do_not_add_up_fail_the_check(
    app: Flask, session: Session, cycle: Cycle
) -> None:
    product = session.scalars(select(Product).order_by(Product.id)).first()
    assert product is not None
    session.execute(
        text(
            "INSERT INTO offers (cycle_id, product_id, price_cents, unit, allotted, held)"
            " VALUES (:cycle, :product, 100, 'piece', 10, 3)"
        ),
        {"cycle": cycle.id, "product": product.id},
    )
    result = run(app, upkeep.check_ledger, "--json")
    assert result.exit_code == 1
    assert said(result)["holds"] is False


def test_messages_that_were_given_up_get_another_chance(app: Flask, session: Session) -> None:
    outbox.post(session, "tests.nothing", key="one")
    session.execute(text("UPDATE outbox SET failed_at = now(), attempts = 25"))
    assert outbox.waiting(session) == {"waiting": 0, "given_up": 1}
    result = run(app, upkeep.replay_outbox, "--json")
    assert said(result) == {"replayed": 1, "waiting": 1, "given_up": 0}


def test_the_demo_is_not_made_where_a_market_is(
    app: Flask, session: Session, market: Market
) -> None:
    assert run(app, demo.seed_demo).exit_code == 1
    assert run(app, demo.seed_demo, "--if-empty").exit_code == 0
    assert session.scalars(select(Market.id)).all() == [market.id]


def test_the_six_accounts_are_told(app: Flask) -> None:
    accounts = said(run(app, demo.demo_accounts, "--json"))
    assert [each["role"] for each in accounts] == [
        "consumer",
        "producer",
        "preparer",
        "driver",
        "relay_host",
        "desk",
    ]
    assert {each["password"] for each in accounts} == {"carriole-demo"}


def test_every_sheet_of_a_cycle_is_printed(app: Flask, session: Session, tmp_path: Path) -> None:
    assert run(app, demo.seed_demo, "--today", "2026-11-26").exit_code == 0
    result = run(app, sheets.picking_sheets, "--cycle", "2026-1126", "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.output
    names = {file.name for file in tmp_path.iterdir()}
    assert {"picking-by-order.pdf", "picking-by-product.pdf", "crate-labels.pdf"} <= names
    assert any(name.startswith("round-") for name in names)
    assert any(name.startswith("relay-") for name in names)
    assert all(file.read_bytes().startswith(b"%PDF") for file in tmp_path.iterdir())
