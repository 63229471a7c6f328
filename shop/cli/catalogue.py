"""Bring a producer's catalogue file from the command line."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import ImportState
from shop.catalog.errors import ProducerUnknown
from shop.catalog.ports import SpreadsheetReader
from shop.catalog.queries import imports, markets, producers
from shop.catalog.queries.imports import ImportPage
from shop.catalog.queries.producers import ProducerCard
from shop.catalog.services import import_sheet
from shop.cli.answers import fail, in_application, json_option, plain, say, table
from shop.infra import clock
from shop.infra.outbox import OutboxMessage
from shop.infra.ports import port
from shop.infra.unit_of_work import rehearsing, unit_of_work

SHOWN = 30
"""Unusable rows shown to people; JSON has them all."""


@click.command("import-catalogue")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--producer", required=True, help="Address (slug) of the producer, or their key.")
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
@click.option("--category", help="Category (slug) of products whose words name none.")
@click.option("--retire-gone", is_flag=True, help="Take off what the file no longer names.")
@json_option
@in_application
def import_catalogue(
    file: Path, producer: str, dry_run: bool, category: str | None, retire_gone: bool, as_json: bool
) -> None:
    """Take the usable rows of FILE into the catalogue of a producer; unusable ones are named.

    Status 1 when the file cannot be read. The same file twice changes nothing.
    """
    opened: AbstractContextManager[Session] = rehearsing() if dry_run else unit_of_work()
    with opened as session:
        maker = _producer(session, producer)
        import_id = import_sheet.upload(session, maker.id, file.name, file.read_bytes(), None)
        import_sheet.read(session, import_id, port(SpreadsheetReader), at=clock.now())
        session.flush()
        page = imports.page(session, maker.id, import_id)
        refused = page.card.state is ImportState.REFUSED
        if not dry_run and not refused:
            _apply(session, import_id, category, retire_gone=retire_gone)
            session.flush()
            page = imports.page(session, maker.id, import_id)
        _read_here(session, import_id)
    if refused:
        outcome = page.card.outcome or {}
        code = str(outcome.get("code", "refused"))
        fail(code, f"Refused: {code}", as_json=as_json, **outcome.get("facts", {}))
    say(_value(maker, page, dry_run=dry_run), _told(maker, page, dry_run=dry_run), as_json=as_json)


def _producer(session: Session, named: str) -> ProducerCard:
    """The producer of that key or address.

    Raises:
        ProducerUnknown: there is none.
    """
    if named.isdecimal():
        return producers.by_id(session, int(named))
    for market in markets.all_markets(session):
        for maker in producers.of_market(session, market.id):
            if maker.slug == named:
                return maker
    raise ProducerUnknown(slug=named)


def _apply(session: Session, import_id: int, category: str | None, *, retire_gone: bool) -> None:
    if retire_gone:
        import_sheet.ask(session, import_id, categories={}, retire_gone=True, by=None)
    import_sheet.apply(session, import_id, clock.now(), fallback_category=category)


def _read_here(session: Session, import_id: int) -> None:
    """What was asked of the worker is done here."""
    waiting = select(OutboxMessage.id).where(
        OutboxMessage.topic.in_((import_sheet.READ_TOPIC, import_sheet.APPLY_TOPIC)),
        OutboxMessage.payload["import_id"].as_integer() == import_id,
    )
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(waiting.scalar_subquery()))
        .values(done_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _value(maker: ProducerCard, page: ImportPage, *, dry_run: bool) -> dict[str, Any]:
    return {
        "producer": maker.slug,
        "dry_run": dry_run,
        "counts": page.card.counts,
        "problems": [
            {"row": row, "column": column, "reason": code, "facts": facts}
            for row, column, code, facts in page.preview["problems"]
        ],
        "categories": page.preview["categories"],
        "outcome": plain(page.card.state),
    }


def _told(maker: ProducerCard, page: ImportPage, *, dry_run: bool) -> list[str]:
    counts = page.card.counts
    lines = [
        f"{page.card.filename} for {maker.name}:",
        *table(["rows", "what"], [(count, what) for what, count in counts.items()]),
    ]
    problems = page.preview["problems"]
    if problems:
        lines += ["", "Rows that cannot be used:"]
        rows = [(row, column or "", code, _facts(facts)) for row, column, code, facts in problems]
        lines += table(["row", "column", "reason", "facts"], rows[:SHOWN])
        if len(rows) > SHOWN:
            lines.append(f"… and {len(rows) - SHOWN} more")
    unplaced = [text for text, slug in page.preview["categories"].items() if not slug]
    if unplaced:
        lines += ["", f"No category is known for: {', '.join(unplaced)}. Say one with --category."]
    lines.append("Nothing was written (dry run)." if dry_run else "The usable rows are in.")
    return lines


def _facts(facts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())
