"""A cycle before it sells: its dates changed, one product added to what it offers."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.errors import AllotmentBelowPromised, CycleOver, OfferUnknown
from shop.catalog.queries import cycles, desk, producers
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.services import cycles as cycle_services
from shop.catalog.services import offers as offer_services
from shop.catalog.services.cycles import CycleDates
from shop.catalog.services.offers import OfferChange
from shop.catalog.views.desk import bp, enter, in_zone, refuse_at_field
from shop.catalog.views.fields import amount_typed, cents_typed
from shop.catalog.views.forms import CycleDatesForm
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.kernel.quantity import Quantity
from shop.web.formats import quantity


@bp.route("/<market>/cycles/<code>/dates", methods=["GET", "POST"])
@holds(Role.DESK)
def cycle_dates(market: str, code: str) -> ResponseReturnValue:
    """Change the name and the dates of a cycle that is not open yet; its slots move along."""
    with reading() as session:
        enter(session, market)
        card = cycles.by_code(session, g.market.id, code)
    if card.state != "draft":
        flash(_("This sale is open or over: its dates can no longer change."), "bad")
        return redirect(url_for("desk.cycle", market=market, code=code), code=303)
    form = CycleDatesForm(obj=card)
    in_zone(form)
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                enter(session, market)
                _redate(session, card, form)
        except InvalidInput as refusal:
            refuse_at_field(form, refusal)
        except CycleOver:
            flash(_("This sale is open or over: its dates can no longer change."), "bad")
            return redirect(url_for("desk.cycle", market=market, code=code), code=303)
        else:
            flash(_("The dates are changed, and its slots with them."), "good")
            return redirect(url_for("desk.cycle", market=market, code=code), code=303)
    page = render_template("catalog/desk_dates.html", cycle=card, form=form)
    return page, 422 if form.errors else 200


@bp.get("/<market>/cycles/<code>/offers/one")
@holds(Role.DESK)
def find_product(market: str, code: str) -> ResponseReturnValue:
    """Products that the cycle does not offer, each with its usual price and quantity."""
    return _products(market, code, {})


@bp.post("/<market>/cycles/<code>/offers/one")
@holds(Role.DESK)
def add_product(market: str, code: str) -> ResponseReturnValue:
    """Offer one product at a price, so much of it."""
    product_id = request.form.get("product_id", 0, type=int)
    errors: dict[str, str] = {}
    with reading() as session:
        enter(session, market)
        row = desk.product_to_offer(session, g.market.id, product_id)
    if row is None:
        raise OfferUnknown(product_id=product_id)
    try:
        with unit_of_work() as session:
            card = cycles.by_code(session, g.market.id, code)
            change = _typed_offer(row, errors)
            if change is not None:
                offer_services.add(session, card.id, product_id, change)
    except CycleOver:
        flash(_("This sale is closed: what it offered can no longer change."), "bad")
        return redirect(url_for("desk.cycle", market=market, code=code), code=303)
    except AllotmentBelowPromised as refusal:
        promised = quantity(Quantity(refusal.facts["promised"], row.order_unit))
        errors["allotted"] = _(
            "%(amount)s is ordered or in baskets already: not less.", amount=promised
        )
    if errors:
        return _products(market, code, errors), 422
    flash(_("%(name)s is offered.", name=row.name), "good")
    kept: dict[str, Any] = {name: request.args.get(name) or None for name in ("q", "producer")}
    return redirect(url_for("desk.find_product", market=market, code=code, **kept), code=303)


def _redate(session: Session, card: CycleCard, form: CycleDatesForm) -> None:
    cycle_services.redate(
        session,
        g.market.id,
        card.id,
        name=form.name.data,
        dates=CycleDates(
            opens_at=form.opens_at.data,
            closes_at=form.closes_at.data,
            answers_by=form.answers_by.data,
            collects_on=form.collects_on.data,
            delivers_on=form.delivers_on.data,
        ),
        zone=ZoneInfo(g.market.timezone),
    )


def _typed_offer(row: desk.ProductToOffer, errors: dict[str, str]) -> OfferChange | None:
    cents, amount = 0, None
    try:
        cents = cents_typed(request.form.get("price", ""))
    except ValueError as error:
        errors["price"] = str(error)
    try:
        amount = amount_typed(request.form.get("allotted", ""), row.order_unit)
    except ValueError as error:
        errors["allotted"] = str(error)
    else:
        if not amount:
            errors["allotted"] = _("How much of it is there?")
    return None if errors else OfferChange(cents, amount or 0)


def _products(market: str, code: str, errors: dict[str, str]) -> str:
    words = request.args.get("q", "").strip()[:100]
    producer_id = request.args.get("producer", type=int)
    with reading() as session:
        enter(session, market)
        card = cycles.by_code(session, g.market.id, code)
        found = desk.not_offered(
            session, g.market.id, card.id, words=words, producer_id=producer_id
        )
        makers = producers.of_market(session, g.market.id)
    return render_template(
        "catalog/desk_add_offer.html",
        cycle=card,
        found=found,
        makers=makers,
        words=words,
        producer_id=producer_id,
        errors=errors,
        typed=request.form,
    )
