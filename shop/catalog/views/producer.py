"""A producer at their own door: today, the catalogue, one product."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from shop.accounts.access import holds, signed_in_identity
from shop.accounts.domain.roles import Identity, Role
from shop.accounts.queries.identity import names
from shop.catalog.domain.terms import ImportState
from shop.catalog.doors import enter_farm
from shop.catalog.errors import (
    AllotmentBelowPromised,
    CycleOver,
    OfferUnknown,
    ProductUnknown,
    ReferenceTaken,
)
from shop.catalog.queries import catalogue as catalogues
from shop.catalog.queries import (
    cycles,
    desk,
    imports,
    producer_desk,
    producers,
    product_changes,
)
from shop.catalog.services import letters, offers, products
from shop.catalog.services.offers import OfferChange
from shop.catalog.services.products import Usual
from shop.catalog.views import change_words
from shop.catalog.views.fields import (
    amount_typed,
    cents_typed,
    short_amount,
    typed_amount,
    typed_money,
    unit_typed,
)
from shop.catalog.views.forms import ProductForm
from shop.catalog.views.product_form import prepare, product_of, values_of
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.quantity import Quantity
from shop.web.formats import quantity

bp = Blueprint("producer", __name__, url_prefix="/producer", template_folder="../templates")
bp.app_template_filter("typed_amount")(typed_amount)
bp.app_template_filter("typed_money")(typed_money)
bp.app_template_filter("unit_typed")(unit_typed)
bp.app_template_filter("short_amount")(short_amount)


def enter(session: Session, producer_id: int) -> Identity:
    """Let in whoever works for this producer; the frame of the page is the farm's."""
    who = enter_farm(session, producer_id)
    g.now = clock.now()
    return who


@bp.get("/")
@holds(Role.PRODUCER)
def home() -> ResponseReturnValue:
    """Choose a farm, or go to the only one."""
    places = signed_in_identity().places(Role.PRODUCER)
    if len(places) == 1:
        return redirect(url_for("producer.farm", producer_id=next(iter(places))))
    with reading() as session:
        found = producers.by_ids(session, places)
    farms = sorted(found.values(), key=lambda card: (card.name, card.id))
    return render_template("catalog/producer_home.html", farms=farms)


@bp.get("/<int:producer_id>/")
@holds(Role.PRODUCER)
def farm(producer_id: int) -> ResponseReturnValue:
    """What to do today, and what is on sale."""
    return _farm(producer_id)


@bp.post("/<int:producer_id>/cycles/<int:cycle_id>/offer-usual")
@holds(Role.PRODUCER)
def offer_usual(producer_id: int, cycle_id: int) -> ResponseReturnValue:
    """Offer everything that has a usual quantity."""
    with unit_of_work() as session:
        enter(session, producer_id)
        _own_sale(session, producer_id, cycle_id)
        added = offers.publish_usual(session, cycle_id, producer_ids=[producer_id])
    if added:
        text = ngettext("%(num)s product is offered.", "%(num)s products are offered.", added)
        flash(text, "good")
    else:
        flash(_("Nothing was added: give your products a usual quantity first."), "look")
    return redirect(url_for("producer.farm", producer_id=producer_id), code=303)


@bp.post("/<int:producer_id>/cycles/<int:cycle_id>/offers")
@holds(Role.PRODUCER)
def save_offers(producer_id: int, cycle_id: int) -> ResponseReturnValue:
    """Say how much there is of each offer."""
    errors: dict[int, str] = {}
    try:
        with unit_of_work() as session:
            enter(session, producer_id)
            _own_sale(session, producer_id, cycle_id)
            rows = desk.of_producer(session, cycle_id, producer_id)
            changes = {}
            for row in rows:
                given = request.form.get(f"allotted-{row.id}")
                if given is None:
                    continue
                try:
                    amount = amount_typed(given, row.unit)
                except ValueError as error:
                    errors[row.id] = str(error)
                    continue
                changes[row.id] = OfferChange(row.price_cents, amount or 0)
            if not errors:
                offers.revise(session, cycle_id, changes, producer_id=producer_id)
    except AllotmentBelowPromised as refusal:
        errors[refusal.facts["offer_id"]] = _below_promised(refusal, rows)
    except CycleOver:
        flash(_("This sale is closed: what it offered can no longer change."), "bad")
        return redirect(url_for("producer.farm", producer_id=producer_id), code=303)
    if errors:
        return _farm(producer_id, errors), 422
    flash(_("Your quantities are saved."), "good")
    return redirect(url_for("producer.farm", producer_id=producer_id), code=303)


@bp.post("/<int:producer_id>/cycles/<int:cycle_id>/offers/<int:offer_id>/withdraw")
@holds(Role.PRODUCER)
def withdraw_offer(producer_id: int, cycle_id: int, offer_id: int) -> ResponseReturnValue:
    """Take an offer off the shelf, or put it back."""
    with unit_of_work() as session:
        enter(session, producer_id)
        _own_sale(session, producer_id, cycle_id)
        if request.form.get("back"):
            offers.put_back(session, cycle_id, offer_id, producer_id=producer_id)
            text = _("The product is on the shelf again.")
        else:
            offers.withdraw(session, cycle_id, offer_id, at=g.now, producer_id=producer_id)
            text = _("The product is off the shelf. What was ordered stays ordered.")
    flash(text, "good")
    return redirect(url_for("producer.farm", producer_id=producer_id), code=303)


@bp.route("/<int:producer_id>/products", methods=["GET", "POST"])
@holds(Role.PRODUCER)
def catalogue(producer_id: int) -> ResponseReturnValue:
    """The producer's products; usual prices and quantities are set right there."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        changed = _save_usual(producer_id, errors)
        if not errors:
            text = ngettext("%(num)s product changed.", "%(num)s products changed.", changed)
            flash(text if changed else _("Nothing was different."), "good" if changed else "info")
            return redirect(request.full_path.rstrip("?"), code=303)
    asked = {
        "words": request.args.get("q", "").strip()[:100],
        "show": request.args.get("show", ""),
    }
    with reading() as session:
        enter(session, producer_id)
        found = producer_desk.own_products(
            session,
            producer_id,
            words=asked["words"],
            show=asked["show"],
            page=min(request.args.get("page", 1, type=int), 10_000),
        )
        figures = producer_desk.figures(session, producer_id)
    page = render_template(
        "catalog/producer_catalogue.html",
        found=found,
        figures=figures,
        asked=asked,
        errors=errors,
        typed=request.form,
    )
    return page, 422 if errors else 200


@bp.route("/<int:producer_id>/products/new", methods=["GET", "POST"])
@holds(Role.PRODUCER)
def new_product(producer_id: int) -> ResponseReturnValue:
    """Add a product by hand."""
    with reading() as session:
        who = enter(session, producer_id)
        own = catalogues.own_catalogue(session, producer_id, g.now, only=())
    form = ProductForm(data={"price_unit": "piece", "sold_by": "piece", "content_unit": "g"})
    prepare(form, own)
    if form.validate_on_submit():
        product = product_of(form, own, None)
        if product is not None:
            try:
                with unit_of_work() as session:
                    made = products.create(
                        session,
                        producer_id,
                        product,
                        form.category_id.data,
                        at=g.now,
                        by=who.person_id,
                    )
                    _name_in_english(session, producer_id, made, form, who.person_id)
            except ReferenceTaken:
                form.reference.errors = [_("Another product of yours has this reference.")]
            else:
                flash(_("“%(name)s” is in your catalogue.", name=product.name), "good")
                return redirect(url_for("producer.catalogue", producer_id=producer_id), code=303)
    page = render_template("catalog/producer_product.html", form=form, product=None)
    return page, 422 if form.errors else 200


@bp.route("/<int:producer_id>/products/<int:product_id>", methods=["GET", "POST"])
@holds(Role.PRODUCER)
def product(producer_id: int, product_id: int) -> ResponseReturnValue:
    """Correct one product."""
    with reading() as session:
        who = enter(session, producer_id)
        own = catalogues.own_catalogue(session, producer_id, g.now, only=[product_id])
    if product_id not in own.rows:
        raise ProductUnknown(product_id=product_id)
    row = own.rows[product_id]
    form = ProductForm(data=values_of(own, row))
    prepare(form, own)
    if form.validate_on_submit():
        changed = product_of(form, own, own.listed(product_id))
        if changed is not None:
            try:
                with unit_of_work() as session:
                    differs = products.revise(
                        session,
                        producer_id,
                        product_id,
                        changed,
                        form.category_id.data,
                        at=g.now,
                        by=who.person_id,
                    )
                    differs |= _name_in_english(
                        session, producer_id, product_id, form, who.person_id
                    )
            except ReferenceTaken:
                form.reference.errors = [_("Another product of yours has this reference.")]
            else:
                flash(_("Saved.") if differs else _("Nothing was different."), "good")
                return redirect(url_for("producer.catalogue", producer_id=producer_id), code=303)
    with reading() as session:
        changes = product_changes.of_product(session, producer_id, product_id)
        people = names(session, {each.by_person_id for each in changes if each.by_person_id})
    page = render_template(
        "catalog/producer_product.html",
        form=form,
        product=row,
        changes=change_words.told(changes, people, own),
    )
    return page, 422 if form.errors else 200


@bp.post("/<int:producer_id>/products/<int:product_id>/retire")
@holds(Role.PRODUCER)
def retire_product(producer_id: int, product_id: int) -> ResponseReturnValue:
    """Take a product off the catalogue, or bring it back."""
    with unit_of_work() as session:
        who = enter(session, producer_id)
        deed = products.bring_back if request.form.get("back") else products.retire
        deed(session, producer_id, product_id, at=g.now, by=who.person_id)
    flash(
        _("The product is in your catalogue again.")
        if request.form.get("back")
        else _("The product is off your catalogue. Sales that have it keep it."),
        "good",
    )
    return redirect(url_for("producer.catalogue", producer_id=producer_id), code=303)


@bp.post("/<int:producer_id>/language")
@holds(Role.PRODUCER)
def set_language(producer_id: int) -> ResponseReturnValue:
    """Choose the language of the letters that ask what to bring."""
    with unit_of_work() as session:
        enter(session, producer_id)
        letters.set_language(session, producer_id, request.form.get("language", ""))
    flash(_("We write to you in this language from now on."), "good")
    return redirect(url_for("producer.farm", producer_id=producer_id), code=303)


def _name_in_english(
    session: Session, producer_id: int, product_id: int, form: ProductForm, by: int
) -> bool:
    named = form.name_en.data or ""
    return products.name_in_english(session, producer_id, product_id, named, at=g.now, by=by)


def _farm(producer_id: int, errors: dict[int, str] | None = None) -> str:
    with reading() as session:
        enter(session, producer_id)
        sales = producer_desk.own_sales(session, producer_id, g.now)
        figures = producer_desk.figures(session, producer_id)
        rows = {
            sale.cycle.id: desk.of_producer(session, sale.cycle.id, producer_id) for sale in sales
        }
        latest = imports.history(session, producer_id, limit=1)
    waiting = [card for card in latest if card.state is ImportState.READ]
    return render_template(
        "catalog/producer_farm.html",
        sales=sales,
        rows=rows,
        figures=figures,
        waiting=waiting[0] if waiting else None,
        errors=errors or {},
        typed=request.form,
    )


def _own_sale(session: Session, producer_id: int, cycle_id: int) -> None:
    """Refuse cycles of markets where the producer does not sell.

    Raises:
        OfferUnknown: it is such a cycle.
    """
    card = cycles.by_id(session, cycle_id)
    if producer_id not in {each.id for each in producers.of_market(session, card.market_id)}:
        raise OfferUnknown(cycle_id=cycle_id)


def _below_promised(refusal: AllotmentBelowPromised, rows: list[desk.GridRow]) -> str:
    row = next(each for each in rows if each.id == refusal.facts["offer_id"])
    promised = quantity(Quantity(refusal.facts["promised"], row.unit))
    return str(_("%(amount)s is ordered or in baskets already: not less.", amount=promised))


def _save_usual(producer_id: int, errors: dict[str, str]) -> int:
    """Set what was typed in the list; errors by name of the box."""
    with unit_of_work() as session:
        who = enter(session, producer_id)
        given = {
            int(name.removeprefix("price-")): text
            for name, text in request.form.items()
            if name.startswith("price-") and name.removeprefix("price-").isdigit()
        }
        own = catalogues.own_catalogue(session, producer_id, g.now, only=given)
        changes: dict[int, Usual] = {}
        for product_id, text in given.items():
            if product_id not in own.rows:
                raise ProductUnknown(product_id=product_id)
            stored = own.rows[product_id].stored
            try:
                cents = cents_typed(text)
            except ValueError as error:
                errors[f"price-{product_id}"] = str(error)
                continue
            try:
                amount = amount_typed(
                    request.form.get(f"allotment-{product_id}", ""), stored.order_unit
                )
            except ValueError as error:
                errors[f"allotment-{product_id}"] = str(error)
                continue
            if (cents, amount) != (stored.price_cents, stored.usual_allotment):
                changes[product_id] = Usual(cents, amount)
        if errors:
            return 0
        return products.set_usual(session, producer_id, changes, at=g.now, by=who.person_id)
