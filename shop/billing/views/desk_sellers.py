"""The desk's sellers: who sells in law, by which model, and who may write in whose name."""

from __future__ import annotations

from datetime import date

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.billing.domain.invoice_terms import PartyKind, VatReturn, filing_rhythm
from shop.billing.domain.sellers import SellerRef, mandate_on, mandate_wording, seller_lacks
from shop.billing.queries import sellers
from shop.billing.services import invoicing
from shop.billing.services import sellers as services
from shop.billing.views import seller_form
from shop.billing.views.invoice_door import desk
from shop.billing.views.seller_form import Typed
from shop.catalog.domain.selling import SalesModel
from shop.catalog.domain.terms import TaxRegime
from shop.catalog.doors import enter_desk
from shop.catalog.errors import ProducerUnknown
from shop.catalog.queries import producers, selling
from shop.catalog.services import selling as catalog_selling
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work


@desk.get("/invoices/sellers")
@holds(Role.DESK)
def sellers_page(market: str) -> ResponseReturnValue:
    """Every seller of the market: what lacks, their mandate, their rhythm of filing."""
    with reading() as session:
        enter_desk(session, market)
        farms = producers.of_market(session, g.market.id)
        here = SellerRef(PartyKind.MARKET, g.market.id)
        refs = [here, *(SellerRef(PartyKind.PRODUCER, farm.id) for farm in farms)]
        known = sellers.identities(session, refs)
        mandates = sellers.mandates(session, g.market.id)
        terms = selling.terms_of(session, g.market.id)
        day = invoicing.local_day(session, g.market.id, clock.now())
    rows = [
        {
            "ref": ref,
            "seller": known[ref].seller,
            "certified_at": known[ref].certified_at,
            "lacks": seller_lacks(known[ref].seller),
            "mandate": mandate_on(day, mandates.get(ref.id, ())) if ref != here else None,
            "rhythm": filing_rhythm(known[ref].seller.regime, known[ref].seller.vat_return),
        }
        for ref in refs
    ]
    return render_template(
        "billing/desk_sellers.html",
        rows=rows,
        terms=terms,
        models=tuple(SalesModel),
        regimes=tuple(TaxRegime),
        farms=farms,
    )


@desk.post("/invoices/model")
@holds(Role.DESK)
def set_model(market: str) -> ResponseReturnValue:
    """Say by which model the market sells from now on."""
    with unit_of_work() as session:
        enter_desk(session, market)
        before = selling.terms_of(session, g.market.id)
        model = seller_form.one_of(SalesModel, request.form.get("model", "")) or before.model
        regime = seller_form.one_of(TaxRegime, request.form.get("regime", "")) or before.tax_regime
        lead = request.form.get("lead", type=int)
        own = {farm.id for farm in producers.of_market(session, g.market.id)}
        if model is SalesModel.FARM_RESALE and lead not in own:
            flash(_("Choose the farm that resells."), "error")
        else:
            catalog_selling.set_terms(session, g.market.id, model, regime, lead)
            flash(_("Orders from now on are sold this way."), "success")
    return redirect(url_for("invoices_desk.sellers_page", market=market), code=303)


@desk.get("/invoices/sellers/<kind>/<int:owner_id>")
@holds(Role.DESK)
def seller(market: str, kind: str, owner_id: int) -> ResponseReturnValue:
    """Who a seller is in law, and their mandate."""
    with reading() as session:
        enter_desk(session, market)
        ref = _own(session, kind, owner_id)
        identity = sellers.identities(session, [ref])[ref]
    return _form(ref, seller_form.shown(identity))


@desk.post("/invoices/sellers/<kind>/<int:owner_id>")
@holds(Role.DESK)
def state_seller(market: str, kind: str, owner_id: int) -> ResponseReturnValue:
    """Keep what the desk was told of a seller."""
    with unit_of_work() as session:
        enter_desk(session, market)
        ref = _own(session, kind, owner_id)
        typed = seller_form.read(request.form, ref.kind)
        if typed.stated is not None:
            services.state_identity(session, ref, typed.stated, at=clock.now())
            if ref.kind is PartyKind.MARKET:
                terms = selling.terms_of(session, g.market.id)
                catalog_selling.set_terms(
                    session, ref.id, terms.model, typed.stated.regime, terms.lead_producer_id
                )
    if typed.stated is None:
        return _form(ref, typed, status=422)
    flash(_("Kept. Invoices from now on show it."), "success")
    return redirect(url_for("invoices_desk.sellers_page", market=market), code=303)


@desk.post("/invoices/sellers/producer/<int:owner_id>/mandate")
@holds(Role.DESK)
def sign(market: str, owner_id: int) -> ResponseReturnValue:
    """Note the mandate that a producer signed on paper."""
    form = request.form
    by_whom = form.get("signed_by", "").strip()
    days = form.get("contest_days", type=int)
    try:
        signed_on = date.fromisoformat(form.get("signed_on", ""))
    except ValueError:
        signed_on = None
    errors = {}
    with unit_of_work() as session:
        by = enter_desk(session, market).person_id
        ref = _own(session, PartyKind.PRODUCER.value, owner_id)
        today = invoicing.local_day(session, g.market.id, clock.now())
        if signed_on is None or signed_on > today:
            errors["signed_on"] = _("The day on which it was signed, not in the future.")
        if not by_whom:
            errors["signed_by"] = _("Who signed it.")
        if days is None or not 0 <= days <= 365:
            errors["contest_days"] = _("A number of days.")
        if not errors and signed_on is not None and days is not None:
            services.sign_mandate(
                session,
                owner_id,
                g.market.id,
                signed_on=signed_on,
                signed_by=by_whom,
                contest_days=days,
                self_billing=bool(form.get("self_billing")),
                wording=mandate_wording(g.market.name),
                by=by,
            )
    if errors:
        with reading() as session:
            enter_desk(session, market)
            identity = sellers.identities(session, [ref])[ref]
        return _form(ref, seller_form.shown(identity), mandate_errors=errors, status=422)
    flash(_("The mandate is on file."), "success")
    return redirect(_url(ref), code=303)


@desk.post("/invoices/sellers/producer/<int:owner_id>/mandate/<int:mandate_id>/revoke")
@holds(Role.DESK)
def revoke(market: str, owner_id: int, mandate_id: int) -> ResponseReturnValue:
    """End a mandate from today on."""
    with unit_of_work() as session:
        enter_desk(session, market)
        ref = _own(session, PartyKind.PRODUCER.value, owner_id)
        today = invoicing.local_day(session, g.market.id, clock.now())
        services.revoke_mandate(session, owner_id, mandate_id, on=today)
    flash(_("The mandate ends today."), "success")
    return redirect(_url(ref), code=303)


def _form(
    ref: SellerRef,
    typed: Typed,
    *,
    mandate_errors: dict[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    cards = []
    if ref.kind is PartyKind.PRODUCER:
        with reading() as session:
            cards = sellers.mandates(session, g.market.id).get(ref.id, [])
    html = render_template(
        "billing/desk_seller.html",
        ref=ref,
        typed=typed,
        cards=cards,
        wording=mandate_wording(g.market.name),
        mandate_errors=mandate_errors or {},
        said=request.form if mandate_errors else {},
        regimes=tuple(TaxRegime),
        returns=tuple(VatReturn),
    )
    return html, status


def _own(session: Session, kind: str, owner_id: int) -> SellerRef:
    """A seller of this market only."""
    if kind == PartyKind.MARKET.value and owner_id == g.market.id:
        return SellerRef(PartyKind.MARKET, owner_id)
    farms = {farm.id for farm in producers.of_market(session, g.market.id)}
    if kind != PartyKind.PRODUCER.value or owner_id not in farms:
        raise ProducerUnknown(producer_id=owner_id)
    return SellerRef(PartyKind.PRODUCER, owner_id)


def _url(ref: SellerRef) -> str:
    return url_for(
        "invoices_desk.seller", market=g.market.slug, kind=ref.kind.value, owner_id=ref.id
    )
