"""The desk's failed stops: what could not be handed over is called off, or leaves once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.accounts.queries.identity import drivers
from shop.catalog.doors import enter_desk
from shop.catalog.queries import cycles
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.logistics.errors import AgainBreaksRules, GoodsAboard, NotToBringAgain, RoundUnknown
from shop.logistics.queries import failed_stops
from shop.logistics.queries.failed_stops import FailedStop
from shop.logistics.queries.rounds import RoundCard
from shop.logistics.services import redelivery
from shop.logistics.services.redelivery import Again, NewRound
from shop.logistics.views import board_words, forms
from shop.web import formats

bp = Blueprint(
    "failed_stops", __name__, url_prefix="/desk/<market>/failed", template_folder="../templates"
)

CYCLES = 8
"""So many cycles back a failed stop is still shown."""

NEW = "new"


@dataclass(slots=True)
class Typed:
    """What was typed for one stop, and what is wrong with it."""

    stop_id: int = 0
    form: Mapping[str, str] = field(default_factory=dict)
    orders: list[int] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    """Rules that the second try would break, in words."""


@bp.get("/")
@holds(Role.DESK)
def page(market: str) -> ResponseReturnValue:
    """Every failed stop that waits for a decision, with the two ways out."""
    return _page(market, Typed())


@bp.post("/<int:stop_id>")
@holds(Role.DESK)
def decide(market: str, stop_id: int) -> ResponseReturnValue:
    """Call the chosen orders off, or let them leave once more."""
    typed = Typed(stop_id, request.form, request.form.getlist("order", type=int))
    off = request.form.get("do") == "off"
    try:
        with unit_of_work() as session:
            by = _enter(session, market)
            if off:
                _call_off(session, typed, by)
            else:
                _send_again(session, typed, by)
    except InvalidInput as refusal:
        typed.errors[str(refusal.facts.get("field", "way"))] = _words_of(refusal)
    except GoodsAboard:
        typed.errors["way"] = _(
            "The crates are still in the truck: choose its round, or wait until it is back."
        )
    except AgainBreaksRules:
        with reading() as session:
            _enter(session, market)
            typed.faults = _faults(session, typed)
    except NotToBringAgain:
        if typed.orders or request.form.get("farm"):
            flash(_("This was decided already."), "warning")
            return redirect(url_for("failed_stops.page", market=market), code=303)
        typed.errors["order"] = _("Choose at least one order.")
    except RoundUnknown:
        typed.errors["way"] = _("This round is over: choose another one.")
    if typed.errors or typed.faults:
        return _page(market, typed), 422
    if off:
        flash(_("Called off. The customer is told, and nothing is charged."), "success")
    else:
        flash(_("It leaves once more. The customer is told when."), "success")
    return redirect(url_for("failed_stops.page", market=market), code=303)


def _enter(session: Session, slug: str) -> int:
    """The desk of this market only; the person's key."""
    return enter_desk(session, slug).person_id


def _call_off(session: Session, typed: Typed, by: int) -> None:
    why = forms.text_of(request.form, "why", 200)
    if len(why) < 3:
        raise InvalidInput(field="why", reason="missing")
    redelivery.call_off(
        session, g.market.id, typed.stop_id, typed.orders, why=why, at=clock.now(), by=by
    )


def _send_again(session: Session, typed: Typed, by: int) -> None:
    now = clock.now()
    redelivery.send_again(
        session,
        g.market.id,
        typed.stop_id,
        typed.orders,
        _again(session, now),
        sure=request.form.get("sure") == "1",
        at=now,
        by=by,
    )


def _faults(session: Session, typed: Typed) -> list[str]:
    """What the second try that was asked for would break."""
    now = clock.now()
    again = _again(session, now)
    found = redelivery.judge(session, g.market.id, typed.stop_id, typed.orders, again, at=now)
    said = [
        _(
            "%(name)s is on round %(round)s from %(start)s to %(end)s",
            name=each.name,
            round=each.round,
            start=formats.clock_time(each.starts_at),
            end=formats.clock_time(each.ends_at),
        )
        for each in found.overlaps
    ]
    if found.desk is not None and found.trial is not None:
        said += [board_words.fault(found.desk, each) for each in found.trial.violations]
    return said


def _again(session: Session, now: datetime) -> Again:
    starts_at, ends_at = _hours(now)
    way = request.form.get("way", "")
    chosen: int | NewRound
    if way == NEW:
        driver = request.form.get("driver", type=int)
        if driver not in {person for person, _name in drivers(session, g.market.id)}:
            raise InvalidInput(field="driver", reason="missing")
        chosen = NewRound(request.form.get("vehicle", 0, type=int), driver or 0)
    elif way.isdecimal():
        chosen = int(way)
    else:
        raise InvalidInput(field="way", reason="missing")
    return Again(starts_at, ends_at, chosen)


def _hours(now: datetime) -> tuple[datetime, datetime]:
    """From when to when, today or tomorrow: fresh goods wait no longer."""
    zone = ZoneInfo(g.market.timezone)
    days = 1 if request.form.get("day") == "tomorrow" else 0
    on = now.astimezone(zone).date() + timedelta(days=days)
    moments = []
    for name in ("starts_at", "ends_at"):
        try:
            at = time.fromisoformat(request.form.get(name, ""))
        except ValueError:
            raise InvalidInput(field=name, reason="missing") from None
        moments.append(datetime.combine(on, at.replace(tzinfo=None), zone))
    return moments[0], moments[1]


def _words_of(refusal: InvalidInput) -> str:
    sentences: dict[tuple[str, str], str] = {
        ("why", "missing"): _("Say why in a few words: the customer reads it."),
        ("starts_at", "missing"): _("Give an hour, such as 17:30."),
        ("ends_at", "missing"): _("Give an hour, such as 17:30."),
        ("starts_at", "past"): _("This hour is past."),
        ("ends_at", "before_start"): _("This is before the beginning."),
        ("driver", "missing"): _("Choose who drives."),
        ("vehicle_id", "unknown"): _("Choose a vehicle."),
        ("way", "missing"): _("Choose a round, or a new one."),
    }
    key = (str(refusal.facts.get("field", "")), str(refusal.facts.get("reason", "")))
    return sentences.get(key) or _("This could not be kept. Please try again.")


def _page(market: str, typed: Typed) -> str:
    now = clock.now()
    with reading() as session:
        _enter(session, market)
        recent = cycles.recent(session, g.market.id, CYCLES)
        found = failed_stops.waiting(session, recent)
        joinable = failed_stops.rounds_to_join(session, {each.cycle.id for each in found})
        vehicles = failed_stops.vehicles(session, g.market.id)
        people = drivers(session, g.market.id)
    zone = ZoneInfo(g.market.timezone)
    return render_template(
        "logistics/failed_stops.html",
        found=found,
        hours={each.stop.id: _usual_hours(each, zone) for each in found},
        ways={each.stop.id: _ways(each, joinable) for each in found},
        vehicles=vehicles,
        drivers=people,
        typed=typed,
        today=now.astimezone(zone).date(),
        tomorrow=now.astimezone(zone).date() + timedelta(days=1),
    )


def _usual_hours(each: FailedStop, zone: ZoneInfo) -> tuple[str, str]:
    """The hours that were promised, as a proposal for the next day; one from the arrival on."""
    first = next(iter(each.waiting), None)
    starts_at = first.slot_starts_at if first else each.stop.arrives_at
    ends_at = first.slot_ends_at if first else each.stop.arrives_at + timedelta(hours=1)
    return f"{starts_at.astimezone(zone):%H:%M}", f"{ends_at.astimezone(zone):%H:%M}"


def _ways(each: FailedStop, joinable: list[RoundCard]) -> list[tuple[str, str]]:
    """A new round, and those that can take these goods along."""
    ways = [] if each.is_aboard else [(NEW, _("A new round"))]
    for card in joinable:
        same = card.id == each.round.id
        if card.cycle_id != each.cycle.id or (card.state == "underway" and not same):
            continue
        if each.is_aboard and not same:
            continue
        label = _("Round %(name)s, as its last stop", name=card.name)
        ways.append((str(card.id), f"{label} · {card.driver}" if card.driver else label))
    return ways
