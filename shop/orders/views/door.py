"""Where the door of a home is: taken from the address, or shown by the customer on a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from flask import flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from structlog import get_logger

from shop.catalog.domain.terms import OptionKind
from shop.catalog.errors import CycleNotOpen
from shop.catalog.queries import delivery
from shop.infra.places import communes
from shop.infra.places.communes import Commune
from shop.infra.places.geocoding import Geocoder, Located, PinBy, judge
from shop.infra.places.pins import PinRefused, read_pin
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayError
from shop.orders.errors import BasketUnknown
from shop.orders.queries import basket as baskets
from shop.orders.queries.basket import BasketCard
from shop.orders.services import basket as service
from shop.orders.views.visiting import bp, enter, see_other, visitor

__all__ = ["bp"]

log = get_logger()


class Pin(TypedDict):
    """What a basket keeps of its door."""

    lon: float
    lat: float
    pin_by: PinBy | None


def kept_pin(card: BasketCard, commune: Commune) -> Pin:
    """The pin of a basket whose delivery is chosen anew: the same as long as the commune is."""
    if card.commune_insee == commune.insee and card.lon is not None and card.lat is not None:
        return Pin(lon=card.lon, lat=card.lat, pin_by=card.pin_by)
    return Pin(lon=commune.lon, lat=commune.lat, pin_by=None)


def locate(card: BasketCard, address: str) -> Located | None:
    """Where an address is; None when the pin that is there already stays.

    A geocoder that does not answer costs nobody their order: the commune's point then counts.
    """
    commune = communes.by_insee(card.commune_insee or "")
    if commune is None or (card.pin_by is PinBy.PERSON and card.address == address):
        return None
    return found_for(address, commune)


def found_for(address: str, commune: Commune) -> Located:
    """What the geocoder makes of an address, or the commune's point."""
    try:
        spots = port(Geocoder).search(address, commune)
    except GatewayError as error:
        log.warning("geocoder_silent", error=str(error))
        spots = ()
    return judge(spots, commune)


def next_step(found: Located | None) -> str:
    """The page after the contact: where the door is, when a geocoder is not sure of it."""
    if found is None or found.is_sure or not port(Geocoder).knows_streets:
        return "orders.checkout_recap"
    return "orders.checkout_pin"


@dataclass(frozen=True, slots=True)
class _Home:
    """The basket of a home delivery that has an address."""

    card: BasketCard
    address: str
    commune: Commune


@bp.get("/<market>/checkout/pin")
def checkout_pin(market: str) -> ResponseReturnValue:
    """The door on a map, to be moved, and what else the address may mean."""
    home = _home(market)
    if home is None:
        return see_other("orders.checkout_contact")
    return _page(home)


@bp.post("/<market>/checkout/pin")
def keep_pin(market: str) -> ResponseReturnValue:
    """Keep where the customer says that the door is."""
    home = _home(market)
    if home is None:
        return see_other("orders.checkout_contact")
    try:
        lon, lat = read_pin(request.form, home.commune)
    except PinRefused as refusal:
        return _page(home, error=refusal.code), 422
    with unit_of_work() as session:
        cycle = enter(session, market)
        if cycle is None or not g.selling:
            raise CycleNotOpen
        card = service.claim(session, visitor(), g.market, cycle, g.now)
        if card is None:
            raise BasketUnknown
        service.place_pin(session, card.id, lon=lon, lat=lat, by=PinBy.PERSON)
    flash(_("Thank you: the driver will come to this place."), "success")
    return see_other("orders.checkout_recap")


def _home(market: str) -> _Home | None:
    with reading() as session:
        cycle = enter(session, market)
        view = None if cycle is None else baskets.seen_by(session, cycle.id, visitor())
        g.basket_badge = None if view is None else baskets.badge_of(view)
        if view is None or view.card.slot_id is None or not view.card.address:
            return None
        slot = delivery.slot(session, view.card.slot_id)
    commune = communes.by_insee(view.card.commune_insee or "")
    if slot.option.kind is not OptionKind.HOME or commune is None:
        return None
    return _Home(view.card, view.card.address, commune)


def _page(home: _Home, error: str = "") -> str:
    found = found_for(home.address, home.commune)
    card = home.card
    return render_template(
        "orders/pin.html",
        card=card,
        commune=home.commune,
        lon=request.form.get("lon") or card.lon or home.commune.lon,
        lat=request.form.get("lat") or card.lat or home.commune.lat,
        proposals=found.proposals,
        is_middle=card.pin_by in (None, PinBy.COMMUNE),
        error=error,
        back=url_for("orders.checkout_contact", market=g.market.slug),
    )
