"""Catalogue files: read them, and take them in."""

from __future__ import annotations

from structlog import get_logger

from shop.catalog.ports import SpreadsheetReader
from shop.catalog.services import import_sheet
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import unit_of_work
from shop.kernel.errors import ShopError
from worker.handlers import handles

log = get_logger()


@handles(import_sheet.READ_TOPIC)
def read_sheet(import_id: int) -> None:
    """Read a file; when it was read already, nothing happens."""
    with unit_of_work() as session:
        import_sheet.read(session, import_id, port(SpreadsheetReader), at=clock.now())


@handles(import_sheet.APPLY_TOPIC)
def apply_import(import_id: int, by: int | None = None) -> None:
    """Take the usable rows in; a second run finds them there and writes nothing."""
    try:
        with unit_of_work() as session:
            counts = import_sheet.apply(session, import_id, clock.now(), by)
    except ShopError as refusal:
        with unit_of_work() as session:
            import_sheet.note_failure(session, import_id, refusal.code)
        return
    log.info("catalogue_taken_in", import_id=import_id, new=counts.new, changed=counts.changed)
