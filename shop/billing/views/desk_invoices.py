"""The desk's invoices: a cycle at once, one by one, and what is taken back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from flask import (
    Response,
    flash,
    g,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.billing import paper
from shop.billing.errors import CreditTooHigh, InvoiceUnknown, NothingToCredit
from shop.billing.queries import invoices
from shop.billing.queries.invoices import FoundInvoices, InvoicePage
from shop.billing.services import crediting, invoice_runs, waiting
from shop.billing.services.taking import cents_of
from shop.billing.views import invoice_words
from shop.billing.views.invoice_door import desk, pdf_of, workbook, xml_of
from shop.catalog.doors import choose, enter_desk
from shop.catalog.ports import ColumnOut, SheetOut
from shop.catalog.queries import cycles
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.folding import slugify
from shop.kernel.money import Money

REASON_MAX = 200


@desk.get("/invoices")
@holds(Role.DESK)
def listing(market: str) -> ResponseReturnValue:
    """Invoices of a cycle in figures and in a list, found by number, order, buyer or seller."""
    text = request.args.get("q", "").strip()
    wanted = request.args.get("kind", "")
    everywhere = bool(request.args.get("all"))
    with reading() as session:
        enter_desk(session, market)
        choice = choose(session, request.args.get("cycle"), closed=True)
        cycle_id = choice.cycle.id if choice.cycle else None
        figures = invoices.figures(session, g.market.id, cycle_id) if cycle_id else None
        run = invoices.latest_run(session, g.market.id, cycle_id) if cycle_id else None
        lacks = (
            waiting.of_cycle(
                session, g.market.id, cycle_id, at=clock.now(), translate=paper.translate
            )
            if cycle_id
            else None
        )
        found = invoices.find(
            session,
            g.market.id,
            cycle_id=None if everywhere else cycle_id,
            text=text,
            wanted=wanted,
            page=request.args.get("page", 1, type=int),
        )
    return render_template(
        "billing/desk_invoices.html",
        choice=choice,
        figures=figures,
        run=run,
        lacks=lacks,
        found=found,
        text=text,
        wanted=wanted,
        everywhere=everywhere,
        filters=invoices.FILTERS,
    )


@desk.get("/invoices/list.xlsx")
@holds(Role.DESK)
def list_file(market: str) -> ResponseReturnValue:
    """The same list as a spreadsheet."""
    with reading() as session:
        enter_desk(session, market)
        choice = choose(session, request.args.get("cycle"), closed=True)
        found = invoices.find(
            session,
            g.market.id,
            cycle_id=None if request.args.get("all") or not choice.cycle else choice.cycle.id,
            text=request.args.get("q", ""),
            wanted=request.args.get("kind", ""),
            page=None,
        )
    return workbook([sheet_of(found)], f"{market}-invoices")


@desk.post("/invoices/issue")
@holds(Role.DESK)
def issue(market: str) -> ResponseReturnValue:
    """Ask for all invoices of a cycle; the worker issues and prints them."""
    with unit_of_work() as session:
        by = enter_desk(session, market).person_id
        cycle = cycles.by_code(session, g.market.id, request.form.get("cycle", ""))
        invoice_runs.ask(session, g.market.id, cycle.id, at=clock.now(), by=by)
    return redirect(url_for("invoices_desk.listing", market=market, cycle=cycle.code), code=303)


@desk.get("/invoices/runs/<int:run_id>.json")
@holds(Role.DESK)
def run_state(market: str, run_id: int) -> ResponseReturnValue:
    """How far the worker is."""
    with reading() as session:
        enter_desk(session, market)
        run = invoices.run_of(session, g.market.id, run_id)
    printing = run.orders and run.orders_done >= run.orders
    return {
        "state": "running" if run.is_open else run.state,
        "done": run.files_done if printing else run.orders_done,
        "total": run.files if printing else run.orders,
        "text": _("Printing the files") if printing else _("Issuing the invoices"),
    }


@desk.get("/invoices/cycle.zip")
@holds(Role.DESK)
def cycle_zip(market: str) -> ResponseReturnValue:
    """All printed invoices of a cycle in one file, a folder per seller."""
    with reading() as session:
        enter_desk(session, market)
        cycle = cycles.by_code(session, g.market.id, request.args.get("cycle", ""))
        market_id = g.market.id
    return Response(
        stream_with_context(_zip(market_id, cycle.id)),
        mimetype="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{market}-{cycle.code}.zip"',
            "Cache-Control": "private, no-store",
        },
    )


@desk.get("/invoices/<int:invoice_id>")
@holds(Role.DESK)
def show(market: str, invoice_id: int) -> ResponseReturnValue:
    """One invoice, what was credited of it, and where it stands."""
    return _page(market, invoice_id)


@desk.get("/invoices/<int:invoice_id>.pdf")
@holds(Role.DESK)
def show_pdf(market: str, invoice_id: int) -> ResponseReturnValue:
    """Its file."""
    with reading() as session:
        enter_desk(session, market)
        page = _own(session, invoice_id)
    return pdf_of(page)


@desk.get("/invoices/<int:invoice_id>.xml")
@holds(Role.DESK)
def show_xml(market: str, invoice_id: int) -> ResponseReturnValue:
    """Its data."""
    with reading() as session:
        enter_desk(session, market)
        page = _own(session, invoice_id)
    return xml_of(page)


@desk.post("/invoices/<int:invoice_id>/credit")
@holds(Role.DESK)
def credit(market: str, invoice_id: int) -> ResponseReturnValue:
    """Write a credit note for some of its lines. Money that moves is a refund of the order."""
    reason = request.form.get("reason", "").strip()
    errors: dict[str, str] = {}
    if not 3 <= len(reason) <= REASON_MAX:
        errors["reason"] = _("Say why in a few words: it stands on the credit note.")
    amounts: dict[int, Money] = {}
    for name, typed in request.form.items():
        place = name.removeprefix("amount-")
        if name == place or not place.isdigit() or not typed.strip():
            continue
        cents = cents_of(typed)
        if cents is None or cents <= 0:
            errors[name] = _("An amount such as 12.50.")
        else:
            amounts[int(place)] = Money(cents)
    if not errors:
        key = f"desk:{invoice_id}:{request.form.get('key', '')}"
        try:
            with unit_of_work() as session:
                by = enter_desk(session, market).person_id
                _own(session, invoice_id)
                noted = crediting.credit(
                    session, invoice_id, amounts, reason=reason, key=key, at=clock.now(), by=by
                )
        except CreditTooHigh as refusal:
            errors[refusal.facts["field"]] = _("No more than what is left of it.")
        except NothingToCredit:
            errors["reason"] = _("Say the amount of one line at least.")
        else:
            flash(_("The credit note is written."), "success")
            shown = noted or invoice_id
            return redirect(
                url_for("invoices_desk.show", market=market, invoice_id=shown), code=303
            )
    return _page(market, invoice_id, errors=errors, typed=request.form.to_dict(), status=422)


def sheet_of(found: FoundInvoices) -> SheetOut:
    """A list of invoices for a spreadsheet program; credit notes count down."""
    return SheetOut(
        name=_("Invoices"),
        columns=(
            ColumnOut(_("Number"), 24),
            ColumnOut(_("Kind"), 18),
            ColumnOut(_("Issued"), 12),
            ColumnOut(_("Seller"), 28),
            ColumnOut(_("Buyer"), 28),
            ColumnOut(_("Order"), 16),
            ColumnOut(_("Excl. VAT"), totaled=True),
            ColumnOut(_("VAT"), totaled=True),
            ColumnOut(_("Incl. VAT"), totaled=True),
            ColumnOut(_("To pay"), totaled=True),
        ),
        rows=[
            (
                row.number,
                invoice_words.invoice_kind(row.kind),
                row.issued_on,
                row.seller_name,
                row.buyer_name,
                row.order_number,
                *(
                    -amount if row.kind.is_credit else amount
                    for amount in (row.net, row.tax, row.gross, row.due)
                ),
            )
            for row in found.rows
        ],
    )


def _page(
    market: str,
    invoice_id: int,
    *,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    with reading() as session:
        enter_desk(session, market)
        page = _own(session, invoice_id)
        left = {} if page.invoice.kind.is_credit else crediting.left_of(session, invoice_id)
    html = render_template(
        "billing/desk_invoice.html",
        page=page,
        invoice=page.invoice,
        left=left,
        errors=errors or {},
        typed=typed or {},
        key=f"{clock.now().timestamp():.6f}",
    )
    return html, status


def _own(session: Session, invoice_id: int) -> InvoicePage:
    """An invoice of this market only."""
    page = invoices.page_of(session, invoice_id)
    if page.market_id != g.market.id:
        raise InvoiceUnknown(invoice_id=invoice_id)
    return page


class _Pipe(io.RawIOBase):
    """What a zip file is written into, and read from as it grows."""

    def __init__(self) -> None:
        self.kept = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self.kept += piece
        return len(piece)

    def take(self) -> bytes:
        """What was written since the last time."""
        piece = bytes(self.kept)
        self.kept.clear()
        return piece


def _zip(market_id: int, cycle_id: int) -> Iterator[bytes]:
    """The files of a cycle, without ever holding more than a few of them."""
    pipe = _Pipe()
    with reading() as session, zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for seller, number, pdf in invoices.files_of_cycle(session, market_id, cycle_id):
            archive.writestr(f"{slugify(seller)}/{number}.pdf", pdf)
            yield pipe.take()
    yield pipe.take()
