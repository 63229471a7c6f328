"""What leaves the desk: files for portals, the tax office and canteens; buyers that are firms."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.billing import paper
from shop.billing.domain import egalim
from shop.billing.domain.identifiers import compact
from shop.billing.domain.invoice import Party
from shop.billing.domain.lifecycles import SUBMISSION
from shop.billing.domain.sellers import Buyer, buyer_lacks
from shop.billing.errors import AlreadyInvoiced, InvoiceUnknown
from shop.billing.queries import buyers, exports, invoices
from shop.billing.services import buyers as services
from shop.billing.services import invoice_files, invoicing
from shop.billing.views import invoice_words
from shop.billing.views.invoice_door import desk, workbook
from shop.catalog.doors import enter_desk
from shop.catalog.ports import ColumnOut, SheetOut
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.lifecycle import IllegalTransition
from shop.orders.queries import billed, order_file
from shop.web.files import own_file

PORTALS = {"public": True, "platform": False}


@desk.app_template_filter("submission_events")
def submission_events(state: str) -> list[str]:
    """What may happen to an invoice at its portal from where it stands."""
    return [event for (at, event) in SUBMISSION.moves if at == state]


@desk.get("/invoices/exports")
@holds(Role.DESK)
def exports_page(market: str) -> ResponseReturnValue:
    """Every file that may leave, and what waits for a portal."""
    with reading() as session:
        enter_desk(session, market)
        today = invoicing.local_day(session, g.market.id, clock.now())
        year = request.args.get("year", today.year, type=int)
        month = _month(request.args.get("month"), today)
        canteens = exports.buyers_of_year(session, g.market.id, year)
        totals = exports.day_totals(session, g.market.id, month, _next_month(month))
        waiting = invoices.find(session, g.market.id, wanted="firms", page=None)
    return render_template(
        "billing/desk_exports.html",
        year=year,
        years=range(today.year, today.year - 4, -1),
        month=month,
        canteens=canteens,
        totals=totals,
        waiting=waiting.rows,
    )


@desk.get("/invoices/exports/day-totals.xlsx")
@holds(Role.DESK)
def day_totals_file(market: str) -> ResponseReturnValue:
    """Sales to consumers by seller, day and rate, of a month."""
    with reading() as session:
        enter_desk(session, market)
        today = invoicing.local_day(session, g.market.id, clock.now())
        month = _month(request.args.get("month"), today)
        totals = exports.day_totals(session, g.market.id, month, _next_month(month))
    sheet = SheetOut(
        name=_("Day totals"),
        columns=(
            ColumnOut(_("Seller"), 32),
            ColumnOut("SIREN", 12),
            ColumnOut(_("VAT regime"), 30),
            ColumnOut(_("Filing"), 20),
            ColumnOut(_("Day"), 12),
            ColumnOut(_("Rate %")),
            ColumnOut(_("Documents"), totaled=True),
            ColumnOut(_("Excl. VAT"), totaled=True),
            ColumnOut(_("VAT"), totaled=True),
        ),
        rows=[
            (
                each.seller_name,
                each.siren,
                invoice_words.tax_regime(each.regime),
                invoice_words.filing_rhythm(each.rhythm),
                each.on,
                f"{each.rate_bp / 100:g}",
                each.count,
                each.net,
                each.tax,
            )
            for each in totals
        ],
    )
    return workbook([sheet], f"{market}-day-totals-{month:%Y-%m}")


@desk.get("/invoices/exports/sellers.xlsx")
@holds(Role.DESK)
def sellers_file(market: str) -> ResponseReturnValue:
    """Sellers of a year with their quarters, for the report due before 31 January."""
    with reading() as session:
        enter_desk(session, market)
        today = invoicing.local_day(session, g.market.id, clock.now())
        year = request.args.get("year", today.year, type=int)
        zone = ZoneInfo(g.market.timezone)
        sold = exports.year_of_sellers(session, g.market.id, year, zone)
    quarters = [_("Quarter %(number)s", number=n) for n in (1, 2, 3, 4)]
    sheet = SheetOut(
        name=str(year),
        columns=(
            ColumnOut(_("Seller"), 32),
            ColumnOut(_("Legal form"), 14),
            ColumnOut(_("Born on"), 12),
            ColumnOut("SIRET", 18),
            ColumnOut(_("VAT number"), 18),
            ColumnOut(_("Address"), 40),
            ColumnOut(_("Country")),
            ColumnOut("IBAN", 30),
            ColumnOut(_("E-mail"), 28),
            ColumnOut(_("Certified")),
            *(ColumnOut(name, totaled=True) for name in quarters),
            *(ColumnOut(_("Fees, %(quarter)s", quarter=name), totaled=True) for name in quarters),
            ColumnOut(_("Sales"), totaled=True),
            ColumnOut(_("Year"), totaled=True),
            ColumnOut(_("Fees of the year"), totaled=True),
        ),
        rows=[
            (
                each.name,
                each.legal_form,
                each.born_on,
                each.siret,
                each.vat_number,
                each.address,
                each.country,
                each.iban,
                each.email,
                _("yes") if each.certified else _("no"),
                *each.quarters,
                *each.quarter_fees,
                each.sales,
                each.amount,
                each.fees,
            )
            for each in sold
        ],
    )
    return workbook([sheet], f"{market}-sellers-{year}")


@desk.get("/invoices/exports/egalim.csv")
@holds(Role.DESK)
def egalim_file(market: str) -> ResponseReturnValue:
    """What a canteen bought in a year, in the columns of the national form."""
    siret = request.args.get("siret", "")
    with reading() as session:
        enter_desk(session, market)
        today = invoicing.local_day(session, g.market.id, clock.now())
        year = request.args.get("year", today.year, type=int)
        bought = exports.purchases(session, g.market.id, siret, year)
    name = f"egalim-{compact(siret)}-{year}.csv"
    return own_file(egalim.write(bought), "text/csv", name)


@desk.get("/invoices/exports/portal.zip")
@holds(Role.DESK)
def portal_file(market: str) -> ResponseReturnValue:
    """Factur-X files of invoices that wait for a portal, to be handed in there."""
    is_public = PORTALS.get(request.args.get("to", ""), True)
    with reading() as session:
        enter_desk(session, market)
        pages = [
            invoices.page_of(session, row.id)
            for row in invoices.find(session, g.market.id, wanted="firms", page=None).rows
            if row.submission == "ready"
        ]
        files = {page.id: invoices.file_of(session, page.id) for page in pages}
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as archive:
        for page in pages:
            if page.submission is None or page.submission.is_public is not is_public:
                continue
            pdf = files[page.id]
            if pdf is None:
                made = paper.print_invoice(page.invoice, page.xml)
                with unit_of_work() as session:
                    pdf = invoice_files.keep(session, page.id, made)
            archive.writestr(f"{page.invoice.number}.pdf", pdf)
    return own_file(kept.getvalue(), "application/zip", f"{market}-factur-x.zip")


@desk.post("/invoices/<int:invoice_id>/submission")
@holds(Role.DESK)
def note_submission(market: str, invoice_id: int) -> ResponseReturnValue:
    """Note what the portal or the buyer did."""
    form = request.form
    try:
        with unit_of_work() as session:
            by = enter_desk(session, market).person_id
            if invoices.page_of(session, invoice_id).market_id != g.market.id:
                raise InvoiceUnknown(invoice_id=invoice_id)
            services.note_submission(
                session,
                invoice_id,
                form.get("event", ""),
                reference=form.get("reference", "").strip()[:60],
                note=form.get("note", "").strip()[:300],
                at=clock.now(),
                by=by,
            )
        flash(_("Noted."), "success")
    except IllegalTransition:
        flash(_("That cannot happen where the invoice stands."), "error")
    return redirect(url_for("invoices_desk.show", market=market, invoice_id=invoice_id), code=303)


@desk.get("/orders/<number>/buyer")
@holds(Role.DESK)
def buyer(market: str, number: str) -> ResponseReturnValue:
    """To whom an order is invoiced."""
    with reading() as session:
        enter_desk(session, market)
        order_id = order_file.read(session, g.market.id, number).order.id
        known = buyers.of_order(session, billed.by_ids(session, [order_id])[order_id])
    return _buyer_form(number, known, {})


@desk.post("/orders/<number>/buyer")
@holds(Role.DESK)
def name_buyer(market: str, number: str) -> ResponseReturnValue:
    """Keep who is invoiced."""
    said = _said()
    errors = {
        lack.value: invoice_words.lack(lack)
        for lack in buyer_lacks(said)
        if lack.value.startswith("buyer_")
    }
    if not said.party.name:
        errors["name"] = _("Please fill this in.")
    with unit_of_work() as session:
        enter_desk(session, market)
        order_id = order_file.read(session, g.market.id, number).order.id
        if not errors:
            try:
                services.name_buyer(session, order_id, said)
            except AlreadyInvoiced:
                errors["name"] = _("This order is invoiced already: credit it first.")
    if errors:
        return _buyer_form(number, said, errors, status=422)
    flash(_("Kept. The invoices of this order go to %(name)s.", name=said.party.name), "success")
    return redirect(url_for("orders_desk.order", market=market, number=number), code=303)


def _said() -> Buyer:
    form = request.form
    party = Party(
        name=form.get("name", "").strip(),
        address=form.get("address", "").strip(),
        postcode=form.get("postcode", "").strip(),
        commune=form.get("commune", "").strip(),
        siret=compact(form.get("siret", "")),
        vat_number=compact(form.get("vat_number", "")),
        service_code=form.get("service_code", "").strip(),
        engagement=form.get("engagement", "").strip(),
    )
    return Buyer(
        party,
        is_public=bool(form.get("is_public")),
        service_required=bool(form.get("service_required")),
        engagement_required=bool(form.get("engagement_required")),
    )


def _buyer_form(
    number: str, known: Buyer, errors: dict[str, str], *, status: int = 200
) -> ResponseReturnValue:
    html = render_template(
        "billing/desk_buyer.html", number=number, buyer=known, party=known.party, errors=errors
    )
    return html, status


def _month(text: str | None, today: date) -> date:
    """The first day of a month such as 2026-11, else of this one."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)


def _next_month(month: date) -> date:
    year, place = divmod(month.month, 12)
    return date(month.year + year, place + 1, 1)
