"""Slots of a cycle at the desk of a market: how many orders each takes, and new ones."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.errors import CycleOver, SlotTaken
from shop.catalog.queries import cycles, delivery
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.delivery import OptionCard
from shop.catalog.services import delivery_slots as service
from shop.catalog.services.delivery_slots import SlotPlan
from shop.catalog.views.desk import bp, enter
from shop.catalog.views.forms import SlotsForm
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.web.formats import day
from shop.web.locale import chosen_language

__all__ = ["bp"]


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
