"""Verify the payment journals of the tills, or an archive of one."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app

from shop.billing.domain import archive
from shop.billing.queries import till as tills
from shop.cli.answers import in_application, json_option, say, table
from shop.infra.unit_of_work import reading

SHOWN = 20
"""Wrong records named for people; JSON names them all."""


@click.command("check-journal")
@click.option(
    "--archive",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Verify this archive instead of the database.",
)
@json_option
@in_application
def check_journal(path: Path | None, as_json: bool) -> None:
    """Verify chain, counter-entries and closings of every till; status 1 when one is broken."""
    if path is not None:
        _check_archive(path, as_json=as_json)
        return
    with reading() as session:
        cards = tills.all_tills(session)
        found = {card.id: tills.check(session, card) for card in cards}
        counts = {card.id: len(tills.entries_of(session, card)) for card in cards}
    holds = not any(found.values())
    rows = [
        (f"{card.market_id}/{card.code}", counts[card.id], len(found[card.id]) or "none")
        for card in cards
    ]
    lines = [*table(["till", "entries", "wrong"], rows)]
    broken = [each for card in cards for each in found[card.id]]
    lines += [f"{each.till}: {each.record} {each.why}" for each in broken[:SHOWN]]
    lines.append("Every journal is as it was sealed." if holds else "A journal was tampered with.")
    say({"holds": holds, "broken": broken}, lines, as_json=as_json)
    if not holds:
        sys.exit(1)


def _check_archive(path: Path, *, as_json: bool) -> None:
    try:
        checked = archive.check(path.read_bytes(), archive.key_of(current_app.config["SECRET_KEY"]))
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    lines = [
        f"till {checked.till}: {checked.entries} entries, {checked.closings} closings",
        "signature: " + ("holds" if checked.signed else "does not hold"),
        *[f"{each.record} {each.why}" for each in checked.broken[:SHOWN]],
        "The archive is as it was signed." if checked.holds else "The archive was tampered with.",
    ]
    value = {"holds": checked.holds, "signed": checked.signed, "broken": checked.broken}
    say(value, lines, as_json=as_json)
    if not checked.holds:
        sys.exit(1)
