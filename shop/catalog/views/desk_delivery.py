"""How a market delivers, at its desk: ways, communes, places, slots of a cycle."""

from __future__ import annotations

import re
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.domain.terms import OptionKind
from shop.catalog.errors import CycleOver, OptionUnknown, PickupUnknown, SlotTaken
from shop.catalog.queries import cycles, delivery
from shop.catalog.queries import desk as queries
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.delivery import OptionCard, PickupCard
from shop.catalog.services import delivery as service
from shop.catalog.services.delivery import OptionTerms, PointFacts, SlotPlan
from shop.catalog.views.desk import bp, enter
from shop.catalog.views.forms import CommunesForm, OptionForm, PointForm, SlotsForm, option_kinds
from shop.infra.places import communes
from shop.infra.places.communes import Commune
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.kernel.folding import fold
from shop.web.formats import day
from shop.web.locale import chosen_language

__all__ = ["bp"]

_BETWEEN = re.compile(r"[,;\n\t]+")


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


@bp.route("/<market>/delivery/ways/<int:option_id>/communes", methods=["GET", "POST"])
@holds(Role.DESK)
def communes_page(market: str, option_id: int) -> ResponseReturnValue:
    """Communes that a home option serves: found one by one, or pasted."""
    words = request.args.get("q", "").strip()[:80]
    form = CommunesForm()
    with reading() as session:
        enter(session, market)
        card = _option_card(session, option_id)
        served = [communes.by_insee(code) for code in queries.communes_of(session, option_id)]
        places = delivery.pickup_points(session, g.market.id)
    unknown: list[str] = []
    if form.validate_on_submit():
        around = {each.commune_insee[:2] for each in places}
        around |= {each.insee[:2] for each in served if each}
        found, unknown = _understood(form.communes.data, around)
        if unknown:
            form.communes.errors = [_("We do not know these: %(words)s.", words=", ".join(unknown))]
        else:
            with unit_of_work() as session:
                enter(session, market)
                added = service.add_communes(session, g.market.id, option_id, found)
            text = ngettext("%(num)s commune added.", "%(num)s communes added.", added)
            flash(text if added else _("These are served already."), "good" if added else "info")
            target = url_for("desk.communes_page", market=market, option_id=option_id)
            return redirect(target, code=303)
    known = {each.insee for each in served if each}
    page = render_template(
        "catalog/desk_communes.html",
        option=card,
        served=sorted((each for each in served if each), key=lambda each: each.name),
        found=[each for each in communes.search(words, limit=8) if words],
        known=known,
        words=words,
        form=form,
    )
    return page, 422 if form.errors else 200


@bp.post("/<market>/delivery/ways/<int:option_id>/communes/change")
@holds(Role.DESK)
def change_communes(market: str, option_id: int) -> ResponseReturnValue:
    """Serve one commune, or no longer."""
    codes = request.form.getlist("insee")
    with unit_of_work() as session:
        enter(session, market)
        if request.form.get("remove"):
            service.remove_communes(session, g.market.id, option_id, codes)
            text = _("These communes are no longer served.")
        elif any(communes.by_insee(code) is None for code in codes):
            raise InvalidInput(field="insee", reason="unknown")
        else:
            service.add_communes(session, g.market.id, option_id, codes)
            text = _("This commune is served.")
    flash(text, "good")
    target = url_for("desk.communes_page", market=market, option_id=option_id)
    return redirect(target, code=303)


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


@bp.route("/<market>/cycles/<code>/slots", methods=["GET", "POST"])
@holds(Role.DESK)
def slots(market: str, code: str) -> ResponseReturnValue:
    """Slots of a cycle: how many orders each takes, and new ones."""
    with reading() as session:
        enter(session, market)
        card = cycles.by_code(session, g.market.id, code)
        ways = delivery.options(session, g.market.id)
        found = delivery.slots(session, card.id)
    zone = ZoneInfo(g.market.timezone)
    form = _slots_form(card, ways)
    if form.validate_on_submit():
        plan = SlotPlan(
            starts_at=form.starts_at.data,
            ends_at=form.ends_at.data,
            every=form.part,
            capacity=form.capacity.data,
            cutoff_at=form.cutoff_at.data,
        )
        try:
            with unit_of_work() as session:
                enter(session, market)
                made = service.make_slots(
                    session, g.market.id, card.id, form.option_id.data, plan, zone
                )
        except InvalidInput as refusal:
            _refuse_slots(form, refusal)
        except CycleOver:
            flash(_("This sale is closed: its slots can no longer change."), "bad")
            return redirect(url_for("desk.slots", market=market, code=code), code=303)
        else:
            text = ngettext("%(num)s slot opened.", "%(num)s slots opened.", made)
            nothing = _("No slot was added: they are there already, or there is no place for them.")
            flash(text if made else nothing, "good" if made else "look")
            return redirect(url_for("desk.slots", market=market, code=code), code=303)
    page = render_template(
        "catalog/desk_slots.html", cycle=card, slots=found, form=form, errors={}, typed={}
    )
    return page, 422 if form.errors else 200


@bp.post("/<market>/cycles/<code>/slots/room")
@holds(Role.DESK)
def save_slots(market: str, code: str) -> ResponseReturnValue:
    """Say how many orders the slots take, all or none."""
    errors: dict[int, str] = {}
    try:
        with unit_of_work() as session:
            enter(session, market)
            card = cycles.by_code(session, g.market.id, code)
            wanted: dict[int, int] = {}
            for slot in delivery.slots(session, card.id):
                given = request.form.get(f"capacity-{slot.id}")
                if given is None:
                    continue
                if not given.strip().isdigit() or int(given) > 10_000:
                    errors[slot.id] = _("Give a number of orders, zero or more.")
                elif int(given) != slot.capacity:
                    wanted[slot.id] = int(given)
            if not errors:
                service.set_capacities(session, g.market.id, card.id, wanted)
    except SlotTaken as refusal:
        errors[refusal.facts["slot_id"]] = ngettext(
            "%(num)s order counts on this slot already: not less.",
            "%(num)s orders count on this slot already: not less.",
            refusal.facts["taken"],
        )
    except CycleOver:
        flash(_("This sale is closed: its slots can no longer change."), "bad")
        return redirect(url_for("desk.slots", market=market, code=code), code=303)
    if errors:
        return _slots_page(market, code, errors), 422
    flash(_("Saved."), "good")
    return redirect(url_for("desk.slots", market=market, code=code), code=303)


def _slots_page(market: str, code: str, errors: dict[int, str]) -> str:
    with reading() as session:
        enter(session, market)
        card = cycles.by_code(session, g.market.id, code)
        ways = delivery.options(session, g.market.id)
        found = delivery.slots(session, card.id)
    return render_template(
        "catalog/desk_slots.html",
        cycle=card,
        slots=found,
        form=_slots_form(card, ways),
        errors=errors,
        typed=request.form,
    )


def _slots_form(card: CycleCard, ways: list[OptionCard]) -> SlotsForm:
    form = SlotsForm(
        None if request.form.get("option_id") is None else request.form,
        data={
            "starts_at": time(16),
            "ends_at": time(19),
            "capacity": 40,
            "cutoff_at": card.closes_at,
            "every": 0,
        },
    )
    form.cutoff_at.zone = ZoneInfo(g.market.timezone)
    language = chosen_language()
    form.offer([(way.id, way.text("name", language)) for way in ways])
    return form


def _option_page(market: str, option_id: int | None) -> ResponseReturnValue:
    with reading() as session:
        enter(session, market)
        card = None if option_id is None else _option_card(session, option_id)
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
        if place is not None:
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


def _option_card(session: object, option_id: int) -> OptionCard:
    found = delivery.options(session, g.market.id)  # type: ignore[arg-type]
    for card in found:
        if card.id == option_id:
            return card
    raise OptionUnknown(option_id=option_id)


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
        "lat": card.lat,
        "lon": card.lon,
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


def _understood(text: str, around: set[str]) -> tuple[list[str], list[str]]:
    """INSEE codes of pasted communes, and the pieces that name none.

    Of communes with the same name those in the departments ``around`` are meant.
    """
    codes: list[str] = []
    unknown: list[str] = []
    for piece in _BETWEEN.split(text):
        bare = piece.strip()
        if not bare:
            continue
        by_code = communes.by_insee(bare)
        if by_code is not None:
            codes.append(by_code.insee)
            continue
        if bare.isdigit() and (there := communes.by_postcode(bare)):
            codes += [each.insee for each in there]
            continue
        named = [each for each in communes.search(bare, limit=40) if fold(each.name) == fold(bare)]
        near = [each for each in named if each.insee[:2] in around]
        if near or named:
            codes.append((near or named)[0].insee)
        else:
            unknown.append(bare)
    return codes, unknown


def _refuse_slots(form: SlotsForm, refusal: InvalidInput) -> None:
    sentences = {
        "before_start": _("It must end after it starts."),
        "after_closing": _(
            "Not after the sale closes; you chose %(day)s.", day=day(form.cutoff_at.data)
        ),
        "too_small": _("At least one order."),
        "too_short": _("At least a quarter of an hour."),
    }
    field = form[refusal.facts["field"]]
    field.errors = [sentences.get(refusal.facts.get("reason", ""), _("This cannot be used."))]


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
