"""From the basket to the order: how it comes, for whom, and yes."""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

from flask import flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from shop.accounts.access import current_identity
from shop.catalog.domain.terms import OptionKind
from shop.catalog.errors import CycleNotOpen, SlotClosed, SlotFull
from shop.catalog.queries import delivery
from shop.catalog.queries.cycles import CycleCard
from shop.infra.places import communes
from shop.infra.places.geocoding import Located
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.money import Money
from shop.orders.domain.fees import FeeRuleTerms
from shop.orders.domain.tenders import round_up
from shop.orders.errors import (
    AccountRefused,
    BasketEmpty,
    BasketLapsed,
    BasketUnknown,
    BelowMinimum,
    ContactMissing,
    DeliveryMissing,
    OfferUnavailable,
    PurseTooSmall,
    TermsNotAccepted,
    VoucherRefused,
    WayRefused,
)
from shop.orders.ports.delivering import DeliveryAdvisor
from shop.orders.queries import basket as baskets
from shop.orders.queries import fees as fee_rules
from shop.orders.queries.basket import BasketCard, BasketView
from shop.orders.services import basket as service
from shop.orders.services import place_order
from shop.orders.views import door, trucks, ways, wishes, words
from shop.orders.views.forms import ContactForm, HomeContactForm
from shop.orders.views.visiting import (
    basket_view,
    bp,
    enter,
    remember_unpaid,
    see_other,
    selling,
    visitor,
)
from shop.web.locale import chosen_language

__all__ = ["bp"]


@bp.get("/<market>/checkout/delivery")
def checkout_delivery(market: str) -> ResponseReturnValue:
    """Choose how the goods come: only what serves that place, with hours, fee and minimum."""
    with reading() as session:
        cycle = enter(session, market)
        view = basket_view(session, cycle)
        if cycle is None or view is None or not view.items:
            return see_other("orders.basket")
        choice = _choice(session, cycle, view)
    return render_template("orders/delivery.html", cycle=cycle, view=view, choice=choice)


@bp.post("/<market>/checkout/delivery")
def choose_delivery(market: str) -> ResponseReturnValue:
    """Keep the way and the hour that were chosen."""
    slot_id = request.form.get("slot_id", type=int)
    try:
        with unit_of_work() as session:
            cycle = selling(session, market)
            card = _claimed(session, cycle)
            if slot_id is None:
                raise DeliveryMissing(field="slot_id")
            _keep_delivery(session, cycle, card, slot_id)
    except (DeliveryMissing, BelowMinimum, SlotClosed, SlotFull) as refusal:
        with reading() as session:
            cycle_now = enter(session, market)
            view = basket_view(session, cycle_now)
            if cycle_now is None or view is None:
                return see_other("orders.basket")
            choice = _choice(session, cycle_now, view, chosen=slot_id)
        page = render_template(
            "orders/delivery.html",
            cycle=cycle_now,
            view=view,
            choice=choice,
            error=words.of_delivery(refusal),
        )
        return page, 422
    return see_other("orders.checkout_contact")


@bp.route("/<market>/checkout/contact", methods=["GET", "POST"])
def checkout_contact(market: str) -> ResponseReturnValue:
    """Say who orders and, for a home, which door."""
    with reading() as session:
        cycle = enter(session, market)
        view = basket_view(session, cycle)
        if view is None or not view.items or view.card.slot_id is None:
            return see_other("orders.checkout_delivery")
        slot = delivery.slot(session, view.card.slot_id)
    home = slot.option.kind is OptionKind.HOME
    form = (HomeContactForm if home else ContactForm)(data=_known(view.card))
    if form.validate_on_submit():
        found = door.locate(view.card, form.address.data) if home else None
        _keep_contact(market, form, found)
        return see_other(door.next_step(found))
    page = render_template("orders/contact.html", view=view, slot=slot, form=form, home=home)
    return page, 422 if form.is_submitted() else 200


@bp.get("/<market>/checkout/recap")
def checkout_recap(market: str) -> ResponseReturnValue:
    """Everything once more before it counts, each part with the way to correct it."""
    return _recap(market)


@bp.post("/<market>/checkout/recap")
def confirm(market: str) -> ResponseReturnValue:
    """Order, with the obligation to pay; a second press finds the same order."""
    basket_id = request.form.get("basket_id", type=int)
    if basket_id is None:
        raise BasketUnknown
    try:
        with unit_of_work() as session:
            cycle = enter(session, market)
            if cycle is None:
                raise CycleNotOpen
            placed = place_order.place(
                session,
                visitor(),
                g.market,
                cycle,
                basket_id,
                language=chosen_language(),
                terms_accepted=bool(request.form.get("terms")),
                now=g.now,
                wish=wishes.read(),
                advisor=port(DeliveryAdvisor),
            )
    except (VoucherRefused, WayRefused, AccountRefused, PurseTooSmall) as refusal:
        return _recap(market, wish_error=wishes.words_of(refusal))
    except TermsNotAccepted:
        return _recap(market, error=_("Please accept the terms of sale to order."))
    except (SlotClosed, SlotFull, BelowMinimum, DeliveryMissing) as refusal:
        flash(words.of_delivery(refusal), "error")
        return see_other("orders.checkout_delivery")
    except ContactMissing:
        return see_other("orders.checkout_contact")
    except (BasketLapsed, BasketEmpty, CycleNotOpen, OfferUnavailable) as refusal:
        flash(words.of_basket(refusal), "error")
        return see_other("orders.basket")
    remember_unpaid(placed.token)
    return see_other("orders.pay", token=placed.token)


def _recap(market: str, error: str = "", wish_error: str = "") -> ResponseReturnValue:
    with reading() as session:
        cycle = enter(session, market)
        view = basket_view(session, cycle)
        if cycle is None or view is None:
            return see_other("orders.basket")
        try:
            day = g.now.astimezone(ZoneInfo(g.market.timezone)).date()
            slot, sums = place_order.decide(session, view, g.market, day)
            means = wishes.means(session, g.market.id, slot)
        except ContactMissing:
            return see_other("orders.checkout_contact")
        except (DeliveryMissing, BelowMinimum) as refusal:
            flash(words.of_delivery(refusal), "error")
            return see_other("orders.checkout_delivery")
        except (BasketEmpty, OfferUnavailable) as refusal:
            flash(words.of_basket(refusal), "error")
            return see_other("orders.basket")
    page = render_template(
        "orders/recap.html",
        cycle=cycle,
        view=view,
        slot=slot,
        sums=sums,
        error=error,
        means=means,
        round_up=round_up(sums.estimate),
        wish_error=wish_error,
    )
    return page, 422 if error or wish_error else 200


def _claimed(session: Session, cycle: CycleCard) -> BasketCard:
    card = service.claim(session, visitor(), g.market, cycle, g.now)
    if card is None:
        raise BasketUnknown
    return card


def _choice(
    session: Session, cycle: CycleCard, view: BasketView, chosen: int | None = None
) -> ways.Choice:
    asked = request.values.get("q", "").strip()
    insee = request.values.get("insee", "").strip() or ("" if asked else view.card.commune_insee)
    found = communes.search(asked) if asked and not insee else ()
    commune = communes.by_insee(insee) if insee else None
    if commune is None and len(found) == 1:
        commune = found[0]
    every = delivery.slots(session, cycle.id)
    served = set() if commune is None else place_order.homes_served(session, cycle.id, commune)
    day = g.now.astimezone(ZoneInfo(g.market.timezone)).date()
    rules = fee_rules.rules_on(session, g.market.id, day)
    return ways.choice(
        every,
        service=partial(_service, view, rules),
        commune=commune,
        found=found if commune is None else (),
        served=served,
        goods=view.sums.goods,
        chosen=chosen or view.card.slot_id,
        asked=asked,
        language=chosen_language(),
        now=g.now,
        advice=trucks.advice(session, cycle, view, every, commune),
    )


def _service(
    view: BasketView, rules: list[FeeRuleTerms], kind: OptionKind, commune: str | None
) -> Money:
    """What a customer pays on top of the delivery, for that way to deliver."""
    service = place_order.service_of(view, rules, kind, commune)
    return Money.total(each.announced for each in service)


def _keep_delivery(session: Session, cycle: CycleCard, card: BasketCard, slot_id: int) -> None:
    slot = delivery.slot(session, slot_id)
    if slot.cycle_id != cycle.id:
        raise DeliveryMissing(field="slot_id")
    if g.now >= slot.cutoff_at:
        raise SlotClosed(slot_id=slot_id)
    if slot.left <= 0:
        raise SlotFull(slot_id=slot_id)
    view = baskets.view(session, card)
    place_order.sums_with(view, slot)
    insee = request.form.get("insee", "")
    commune = communes.by_insee(insee) if insee else None
    said = trucks.advice(session, cycle, view, [slot], commune).get(slot_id)
    if said is not None and not said.fits:
        raise SlotFull(slot_id=slot_id)
    if slot.option.kind is not OptionKind.HOME:
        service.choose_delivery(session, card.id, slot_id=slot_id)
    elif commune is None or not place_order.serves_home(session, slot, commune.insee):
        raise DeliveryMissing(field="commune")
    else:
        service.choose_delivery(
            session,
            card.id,
            slot_id=slot_id,
            postcode=_postcode(commune),
            commune=commune.name,
            commune_insee=commune.insee,
            **door.kept_pin(card, commune),
        )


def _postcode(commune: communes.Commune) -> str:
    """The one that was typed when it is the commune's, else its first."""
    typed = request.form.get("q", "").strip()
    return typed if typed in commune.postcodes else commune.postcodes[0]


def _keep_contact(market: str, form: FlaskForm, found: Located | None) -> None:
    with unit_of_work() as session:
        cycle = selling(session, market)
        card = _claimed(session, cycle)
        service.note_contact(
            session,
            card.id,
            name=form.name.data,
            email=form.email.data,
            phone=form.phone.data,
            address=form.address.data if "address" in form else None,
            door_code=form.door_code.data or None if "door_code" in form else None,
            note=form.note.data or None,
        )
        if found is not None:
            service.place_pin(session, card.id, lon=found.lon, lat=found.lat, by=found.by)


def _known(card: BasketCard) -> dict[str, str]:
    who = current_identity()
    return {
        "name": card.contact_name or (who.name if who else ""),
        "email": card.contact_email or (who.email if who else ""),
        "phone": card.contact_phone or ((who.phone or "") if who else ""),
        "address": card.address or "",
        "door_code": card.door_code or "",
        "note": card.note or "",
    }
