"""How a market delivers, at its desk: ways and places."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.domain.terms import OptionKind
from shop.catalog.errors import PickupUnknown
from shop.catalog.queries import cycles, delivery
from shop.catalog.queries import desk as queries
from shop.catalog.queries.delivery import OptionCard, PickupCard
from shop.catalog.services import delivery as service
from shop.catalog.services.delivery import OptionTerms, PointFacts
from shop.catalog.views.desk import bp, enter
from shop.catalog.views.forms import OptionForm, PointForm, option_kinds
from shop.infra.places import communes
from shop.infra.places.communes import Commune
from shop.infra.places.pins import FARTHEST_M, meters_between
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput

__all__ = ["bp"]


@bp.get("/<market>/delivery", endpoint="delivery")
@holds(Role.DESK)
def delivery_page(market: str) -> ResponseReturnValue:
    """Ways to deliver, places, and the slots of the coming cycles."""
    with reading() as session:
        enter(session, market)
        options = delivery.options(session, g.market.id)
        places = delivery.pickup_points(session, g.market.id)
        served = {
            option.id: len(queries.communes_of(session, option.id))
            for option in options
            if option.kind is OptionKind.HOME
        }
        recent = cycles.recent(session, g.market.id, 8)
    coming = [card for card in recent if card.state in ("draft", "open")]
    return render_template(
        "catalog/desk_delivery.html",
        options=options,
        places=places,
        served=served,
        coming=sorted(coming, key=lambda card: card.opens_at),
    )


@bp.route("/<market>/delivery/ways/new", methods=["GET", "POST"])
@holds(Role.DESK)
def new_option(market: str) -> ResponseReturnValue:
    """Open a way to deliver."""
    return _option_page(market, None)


@bp.route("/<market>/delivery/ways/<int:option_id>", methods=["GET", "POST"])
@holds(Role.DESK)
def option(market: str, option_id: int) -> ResponseReturnValue:
    """Change a way to deliver."""
    return _option_page(market, option_id)


@bp.post("/<market>/delivery/ways/<int:option_id>/end")
@holds(Role.DESK)
def end_option(market: str, option_id: int) -> ResponseReturnValue:
    """End a way to deliver."""
    with unit_of_work() as session:
        enter(session, market)
        service.retire_option(session, g.market.id, option_id, at=g.now)
    flash(_("Nobody can choose this way any more. Orders that did keep it."), "good")
    return redirect(url_for("desk.delivery", market=market), code=303)


@bp.route("/<market>/delivery/places/new", methods=["GET", "POST"])
@holds(Role.DESK)
def new_point(market: str) -> ResponseReturnValue:
    """Open a relay point or a drive."""
    return _point_page(market, None)


@bp.route("/<market>/delivery/places/<int:point_id>", methods=["GET", "POST"])
@holds(Role.DESK)
def point(market: str, point_id: int) -> ResponseReturnValue:
    """Correct a relay point or a drive."""
    return _point_page(market, point_id)


@bp.post("/<market>/delivery/places/<int:point_id>/end")
@holds(Role.DESK)
def end_point(market: str, point_id: int) -> ResponseReturnValue:
    """Close a relay point or a drive."""
    with unit_of_work() as session:
        enter(session, market)
        service.retire_point(session, g.market.id, point_id, at=g.now)
    flash(_("The place is closed: later cycles do not offer it."), "good")
    return redirect(url_for("desk.delivery", market=market), code=303)


def _option_page(market: str, option_id: int | None) -> ResponseReturnValue:
    with reading() as session:
        enter(session, market)
        card = None if option_id is None else delivery.option(session, g.market.id, option_id)
    form = OptionForm(data=_option_values(card) if card else {"kind": "relay", "position": 0})
    form.kind.choices = option_kinds()
    if form.validate_on_submit():
        terms = OptionTerms(
            name_fr=form.name_fr.data,
            name_en=form.name_en.data or "",
            description_fr=form.description_fr.data or "",
            description_en=form.description_en.data or "",
            minimum_cents=form.minimum.data,
            fee_cents=form.fee.data,
            free_from_cents=form.free_from.data,
            position=form.position.data or 0,
        )
        try:
            with unit_of_work() as session:
                enter(session, market)
                if card is None:
                    kind = OptionKind(form.kind.data)
                    service.add_option(session, g.market.id, kind, terms)
                else:
                    service.change_option(session, g.market.id, card.id, terms)
        except InvalidInput:
            form.free_from.errors = [_("Not below the minimum basket.")]
        else:
            flash(_("Saved."), "good")
            return redirect(url_for("desk.delivery", market=market), code=303)
    page = render_template("catalog/desk_option.html", form=form, option=card)
    return page, 422 if form.errors else 200


def _point_page(market: str, point_id: int | None) -> ResponseReturnValue:
    with reading() as session:
        enter(session, market)
        card = None
        if point_id is not None:
            card = delivery.pickup_by_ids(session, [point_id]).get(point_id)
            if card is None or card.market_id != g.market.id:
                raise PickupUnknown(pickup_point_id=point_id)
    form = PointForm(data=_point_values(card) if card else {"kind": "relay"})
    form.kind.choices = option_kinds(homes=False)
    if form.validate_on_submit():
        place = _commune_of(form)
        if place is not None and _stands_in(form, place):
            try:
                with unit_of_work() as session:
                    enter(session, market)
                    facts = _point_facts(form, place)
                    if card is None:
                        service.add_point(session, g.market.id, facts)
                    else:
                        service.change_point(session, g.market.id, card.id, facts)
            except InvalidInput as refusal:
                _refuse_point(form, refusal)
            else:
                flash(_("Saved."), "good")
                return redirect(url_for("desk.delivery", market=market) + "#places", code=303)
    page = render_template("catalog/desk_point.html", form=form, point=card)
    return page, 422 if form.errors else 200


def _option_values(card: OptionCard) -> dict[str, object]:
    name, description = card.texts.get("name", {}), card.texts.get("description", {})
    return {
        "kind": card.kind.value,
        "name_fr": name.get("fr", ""),
        "name_en": name.get("en", ""),
        "description_fr": description.get("fr", ""),
        "description_en": description.get("en", ""),
        "minimum": card.minimum_cents,
        "fee": card.fee_cents,
        "free_from": card.free_from_cents,
    }


def _point_values(card: PickupCard) -> dict[str, object]:
    hours = card.texts.get("hours", {})
    return {
        "kind": card.kind.value,
        "name": card.name,
        "host_name": card.host_name,
        "phone": card.phone,
        "address": card.address,
        "postcode": card.postcode,
        "commune": card.commune,
        "lat": Decimal(f"{card.lat:.6f}"),
        "lon": Decimal(f"{card.lon:.6f}"),
        "hours_fr": hours.get("fr", ""),
        "hours_en": hours.get("en", ""),
        "has_cold": card.has_cold,
        "crate_capacity": card.crate_capacity,
        "deliver_from": _clock(card.deliver_from_s),
        "deliver_until": _clock(card.deliver_until_s),
        "service_minutes": card.service_s // 60,
    }


def _point_facts(form: PointForm, place: Commune) -> PointFacts:
    given = form.lat.data is not None and form.lon.data is not None
    return PointFacts(
        kind=OptionKind(form.kind.data),
        name=form.name.data,
        host_name=form.host_name.data,
        phone=form.phone.data,
        address=form.address.data,
        postcode=form.postcode.data,
        commune=place.name,
        commune_insee=place.insee,
        lon=float(form.lon.data) if given else place.lon,
        lat=float(form.lat.data) if given else place.lat,
        hours_fr=form.hours_fr.data or "",
        hours_en=form.hours_en.data or "",
        has_cold=form.has_cold.data,
        crate_capacity=form.crate_capacity.data,
        deliver_from_s=_seconds(form.deliver_from.data),
        deliver_until_s=_seconds(form.deliver_until.data),
        service_s=form.service_minutes.data * 60,
    )


def _stands_in(form: PointForm, place: Commune) -> bool:
    """Whether the point given, if any, is in the commune; an error at its field when not."""
    if form.lat.data is None or form.lon.data is None:
        return True
    spot = (float(form.lon.data), float(form.lat.data))
    if meters_between(spot, (place.lon, place.lat)) <= FARTHEST_M:
        return True
    form.lat.errors = [_("This place is not in %(commune)s.", commune=place.name)]
    return False


def _commune_of(form: PointForm) -> Commune | None:
    """The commune that the form names, by name and postcode; an error at its field when unclear."""
    found = communes.search(form.commune.data, form.postcode.data, limit=1)
    if found:
        return found[0]
    if communes.by_postcode(form.postcode.data):
        form.commune.errors = [_("No commune of this name has this postcode.")]
    else:
        form.postcode.errors = [_("We do not know this postcode.")]
    return None


def _refuse_point(form: PointForm, refusal: InvalidInput) -> None:
    field = form[refusal.facts["field"]]
    field.errors = [
        _("It must end after it starts.")
        if refusal.facts.get("reason") == "before_start"
        else _("At least one crate.")
    ]


def _seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60


def _clock(seconds: int) -> time:
    hours, rest = divmod(min(seconds, 86_399), 3600)
    return time(hours, int(timedelta(seconds=rest).total_seconds()) // 60)
