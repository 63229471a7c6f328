"""A producer brings their list as a file, looks at what it changes, and takes it in."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.domain.sheet import Column, SheetTooLarge, template_headings, template_rows
from shop.catalog.domain.terms import ImportState
from shop.catalog.errors import CategoriesMissing, ImportNotReady
from shop.catalog.ports import ColumnOut, SheetOut, SpreadsheetWriter
from shop.catalog.queries import catalogue as catalogues
from shop.catalog.queries import imports as files
from shop.catalog.queries.catalogue import OwnCatalogue
from shop.catalog.services import import_sheet
from shop.catalog.views import sheet_words
from shop.catalog.views.forms import UploadForm
from shop.catalog.views.import_page import ROWS_SHOWN, shown
from shop.catalog.views.producer import bp, enter
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.folding import slugify
from shop.web.files import XLSX, own_file
from shop.web.locale import chosen_language

__all__ = ["bp"]

bp.app_template_filter("import_state")(sheet_words.import_state)
bp.app_template_filter("column_name")(sheet_words.column_name)


@bp.route("/<int:producer_id>/files", methods=["GET", "POST"])
@holds(Role.PRODUCER)
def imports(producer_id: int) -> ResponseReturnValue:
    """Bring a file; those that were brought."""
    form = UploadForm()
    if form.validate_on_submit():
        content = form.file.data.read()
        name = (form.file.data.filename or _("list"))[-120:]
        try:
            with unit_of_work() as session:
                who = enter(session, producer_id)
                import_id = import_sheet.upload(session, producer_id, name, content, who.person_id)
        except SheetTooLarge as refusal:
            form.file.errors = [sheet_words.refusal_text(refusal.code, refusal.facts)]
        else:
            target = url_for("producer.import_", producer_id=producer_id, import_id=import_id)
            return redirect(target, code=303)
    with reading() as session:
        enter(session, producer_id)
        history = files.history(session, producer_id)
    page = render_template("catalog/producer_imports.html", form=form, history=history)
    return page, 422 if form.errors else 200


@bp.get("/<int:producer_id>/files/<int:import_id>")
@holds(Role.PRODUCER)
def import_(producer_id: int, import_id: int) -> ResponseReturnValue:
    """One file: what it would change, what cannot be used and why."""
    return _page(producer_id, import_id)


@bp.get("/<int:producer_id>/files/<int:import_id>/progress")
@holds(Role.PRODUCER)
def import_progress(producer_id: int, import_id: int) -> ResponseReturnValue:
    """How far the worker is with a file."""
    with reading() as session:
        enter(session, producer_id)
        card = files.card(session, producer_id, import_id)
    if not card.is_working:
        return {"state": "done"}
    reading_it = card.state is ImportState.UPLOADED
    text = _("We are reading your file.") if reading_it else _("Your products are being written.")
    return {"state": "running", "text": text}


@bp.post("/<int:producer_id>/files/<int:import_id>/columns")
@holds(Role.PRODUCER)
def correct_import(producer_id: int, import_id: int) -> ResponseReturnValue:
    """Say which column is which; the file is read again."""
    known = set(Column)
    try:
        with unit_of_work() as session:
            enter(session, producer_id)
            preview = files.page(session, producer_id, import_id).preview
            columns = {
                index: Column(said) if said in known else None
                for index, *_rest in preview.get("columns", ())
                if (said := request.form.get(f"column-{index}")) is not None
            }
            import_sheet.correct(
                session, import_id, columns, request.form.get("heading_row", type=int)
            )
    except ImportNotReady:
        flash(_("This file was taken in already, or put aside."), "look")
    return _back(producer_id, import_id)


@bp.post("/<int:producer_id>/files/<int:import_id>/take-in")
@holds(Role.PRODUCER)
def apply_import(producer_id: int, import_id: int) -> ResponseReturnValue:
    """Ask for the usable rows to be written."""
    try:
        with unit_of_work() as session:
            who = enter(session, producer_id)
            preview = files.page(session, producer_id, import_id).preview
            chosen = {
                text: slug
                for rank, text in enumerate(preview.get("categories", {}))
                if (slug := request.form.get(f"category-{rank}"))
            }
            import_sheet.ask(
                session,
                import_id,
                categories=chosen,
                retire_gone=bool(request.form.get("retire_gone")),
                by=who.person_id,
            )
    except CategoriesMissing as refusal:
        return _page(producer_id, import_id, missing=refusal.facts["texts"]), 422
    except ImportNotReady:
        flash(_("This file was taken in already, or put aside."), "look")
    return _back(producer_id, import_id)


@bp.post("/<int:producer_id>/files/<int:import_id>/discard")
@holds(Role.PRODUCER)
def discard_import(producer_id: int, import_id: int) -> ResponseReturnValue:
    """Put a file aside."""
    try:
        with unit_of_work() as session:
            enter(session, producer_id)
            files.card(session, producer_id, import_id)
            import_sheet.discard(session, import_id)
    except ImportNotReady:
        flash(_("This file was taken in already."), "look")
    else:
        flash(_("The file is put aside. Nothing was changed."), "good")
    return redirect(url_for("producer.imports", producer_id=producer_id), code=303)


@bp.get("/<int:producer_id>/products.<ending>")
@holds(Role.PRODUCER)
def export(producer_id: int, ending: str) -> ResponseReturnValue:
    """The catalogue as a file, which comes back as it left: also the model to fill."""
    with reading() as session:
        enter(session, producer_id)
        own = catalogues.own_catalogue(session, producer_id, g.now)
    writer = port(SpreadsheetWriter)
    sheet = _sheet(own)
    csv = ending == "csv"
    content = writer.write_csv(sheet) if csv else writer.write_xlsx([sheet])
    name = f"{slugify(g.producer.name)}-{g.now:%Y-%m-%d}.{'csv' if csv else 'xlsx'}"
    return own_file(content, "text/csv" if csv else XLSX, name)


def _sheet(own: OwnCatalogue) -> SheetOut:
    language = chosen_language()
    there = [product for product in own.all_listed() if product.available]
    return SheetOut(
        name=_("Products"),
        columns=[ColumnOut(heading) for heading in template_headings(language)],
        rows=template_rows(there, language),
    )


def _page(producer_id: int, import_id: int, missing: list[str] | None = None) -> str:
    with reading() as session:
        enter(session, producer_id)
        found = files.page(session, producer_id, import_id)
        shelves = catalogues.shelves(session)
    language = chosen_language()
    return render_template(
        "catalog/producer_import.html",
        card=found.card,
        page=shown(found, request.args.get("show", ""), request.args.get("page", 1, type=int)),
        rows_shown=ROWS_SHOWN,
        shelves=[(shelf.slug, shelf.name(language)) for shelf in shelves],
        columns=[(column.value, sheet_words.column_name(column)) for column in Column],
        missing=missing or [],
        typed=request.form,
        refusal=_refusal(found.card),
    )


def _refusal(card: files.ImportCard) -> str:
    outcome: dict[str, Any] = card.outcome or {}
    if card.state is ImportState.REFUSED:
        return sheet_words.refusal_text(outcome.get("code", ""), outcome.get("facts", {}))
    if outcome.get("failed"):
        return sheet_words.refusal_text(outcome["failed"], {})
    return ""


def _back(producer_id: int, import_id: int) -> ResponseReturnValue:
    return redirect(
        url_for("producer.import_", producer_id=producer_id, import_id=import_id), code=303
    )
