"""The desk compares: what provider and bank say moved, and which entry of the ledger each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.billing.domain import bank_list
from shop.billing.domain.bank_line import BankLine
from shop.billing.errors import AmountsDiffer, BankFileRefused, MovementUnknown
from shop.billing.ports import BankStatementReader
from shop.billing.queries import reconciliation as queries
from shop.billing.services import bank_files, reconciling
from shop.billing.views.settling_door import desk, enter
from shop.catalog.ports import SpreadsheetReader
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.kernel.money import Money

NOTE_MAX = 200


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that was read: its lines, and for lists which column is what."""

    kind: str
    lines: Sequence[BankLine]
    opening: Money | None = None
    closing: Money | None = None
    columns: bank_list.ReadList | None = None


@desk.get("/reconciliation")
@holds(Role.DESK)
def reconciliation(market: str) -> ResponseReturnValue:
    """Movements that wait for a person, entries that nobody has seen move, files that were read."""
    with reading() as session:
        enter(session, market)
        found = reconciling.differences(session, g.market.id)
        facts = queries.overview(session, g.market.id, clock.now())
    exact = sum(1 for each in found if len([s for s in each.suggestions if s.is_exact]) == 1)
    return render_template(
        "billing/desk_reconciliation.html", differences=found, facts=facts, exact=exact
    )


@desk.post("/reconciliation/files")
@holds(Role.DESK)
def bring_file(market: str) -> ResponseReturnValue:
    """Bring a file of the bank; it is shown before anything is kept."""
    file = request.files.get("file")
    content = file.read() if file else b""
    with unit_of_work() as session:
        enter(session, market)
        if content:
            name = (file.filename if file else "") or "bank"
            key = bank_files.bring(session, g.market.id, name, content, at=clock.now())
    if not content:
        flash(_("Please choose a file."), "error")
        return redirect(url_for("desk_billing.reconciliation", market=market), code=303)
    return redirect(url_for("desk_billing.preview_file", market=market, key=key), code=303)


@desk.route("/reconciliation/files/<int:key>", methods=["GET", "POST"])
@holds(Role.DESK)
def preview_file(market: str, key: int) -> ResponseReturnValue:
    """What a file holds; a POST keeps it, and remembers which column is what."""
    now = clock.now()
    with unit_of_work() as session:
        by = enter(session, market)
        name, content = bank_files.brought(session, g.market.id, key)
        columns = _typed_columns() or bank_files.columns_of(session, g.market.id)
        try:
            found = read_file(name, content, columns)
        except (BankFileRefused, InvalidInput):
            bank_files.throw_away(session, g.market.id, key)
            found = None
        if found is not None and request.method == "POST" and request.form.get("keep"):
            lines, fresh = reconciling.note_bank(
                session,
                g.market.id,
                found.lines,
                name=name,
                kind=found.kind,
                content=content,
                at=now,
                by=by,
                opening=found.opening,
                closing=found.closing,
            )
            if found.columns is not None:
                bank_files.remember(session, g.market.id, found.columns.columns)
            bank_files.throw_away(session, g.market.id, key)
        elif found is not None:
            fresh_lines = reconciling.fresh_of(session, g.market.id, found.lines)
    if found is None:
        flash(_("This file cannot be read: it is neither CAMT.053 nor a list."), "error")
        return redirect(url_for("desk_billing.reconciliation", market=market), code=303)
    if request.method == "POST" and request.form.get("keep"):
        flash(
            ngettext("%(num)s line, %(fresh)s new", "%(num)s lines, %(fresh)s new", lines,
                     fresh=fresh),
            "success",
        )  # fmt: skip
        return redirect(url_for("desk_billing.reconciliation", market=market), code=303)
    return render_template(
        "billing/desk_bank_file.html",
        key=key,
        name=name,
        found=found,
        lines=list(zip(found.lines, fresh_lines, strict=True)),
        fresh=sum(fresh_lines),
        fields=bank_list.FIELDS,
    )


@desk.post("/reconciliation/exact")
@holds(Role.DESK)
def accept_exact(market: str) -> ResponseReturnValue:
    """Say yes to every pair in which amount and name agree."""
    with unit_of_work() as session:
        by = enter(session, market)
        count = reconciling.accept_exact(session, g.market.id, at=clock.now(), by=by)
    flash(ngettext("%(num)s movement matched", "%(num)s movements matched", count), "success")
    return redirect(url_for("desk_billing.reconciliation", market=market), code=303)


@desk.post("/reconciliation/<int:key>")
@holds(Role.DESK)
def decide(market: str, key: int) -> ResponseReturnValue:
    """Say which entry a movement is, or that it is a cost."""
    entry = request.form.get("entry", "")
    note = request.form.get("note", "").strip()[:NOTE_MAX]
    now = clock.now()
    try:
        with unit_of_work() as session:
            by = enter(session, market)
            if entry:
                reconciling.accept(session, g.market.id, key, entry, at=now, by=by, note=note)
            elif len(note) >= 3:
                reconciling.book_cost(session, g.market.id, key, note, at=now, by=by)
        if entry or len(note) >= 3:
            flash(_("Noted."), "success")
        else:
            flash(_("Say in a few words what it was."), "error")
    except AmountsDiffer:
        flash(_("The amounts differ: this cannot be the same movement."), "error")
    except MovementUnknown:
        flash(_("Somebody was faster: look again."), "info")
    return redirect(url_for("desk_billing.reconciliation", market=market), code=303)


def read_file(name: str, content: bytes, columns: dict[str, int] | None) -> Brought:
    """A file of the bank, CAMT.053 or a list.

    Raises:
        BankFileRefused, InvalidInput: it is neither.
    """
    if content.lstrip()[:5] in {b"<?xml", b"<Docu", b"\xef\xbb\xbf<?"} or name.endswith(".xml"):
        statements = port(BankStatementReader).read(content)
        return Brought(
            "camt.053",
            [line for each in statements for line in each.lines],
            statements[0].opening if statements else None,
            statements[-1].closing if statements else None,
        )
    table = port(SpreadsheetReader).read_table(content, name)
    read = bank_list.read(table, columns)
    return Brought("list", read.lines, columns=read)


def _typed_columns() -> dict[str, int] | None:
    """Columns as somebody chose them on the page; None: nobody did."""
    if "column-date" not in request.values:
        return None
    found = {}
    for name in bank_list.FIELDS:
        index = request.values.get(f"column-{name}", "")
        if index.isdigit():
            found[name] = int(index)
    return found
