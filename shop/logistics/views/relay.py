"""The relay host's list: who comes, which crates, who has been there."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import demand, holds, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.catalog.queries import cycles, delivery, markets
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.delivery import PickupCard
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics import papers
from shop.logistics.errors import ReceiverMissing
from shop.logistics.queries import arrivals, relay_point
from shop.logistics.queries.cycle_goods import cycle_goods
from shop.logistics.services import driving
from shop.logistics.views import forms, printing
from shop.orders.queries import handing, tenders

bp = Blueprint("relay", __name__, url_prefix="/relay", template_folder="../templates")

WEEKS = 6
"""Cycles that a host can look back at."""


@bp.get("/")
@holds(Role.RELAY_HOST)
def home() -> ResponseReturnValue:
    """The only pick-up point of the host, or a choice."""
    mine = signed_in_identity().places(Role.RELAY_HOST)
    with reading() as session:
        points = sorted(delivery.pickup_by_ids(session, mine).values(), key=lambda each: each.name)
    if len(points) == 1:
        return redirect(url_for("relay.point", pickup_point_id=points[0].id))
    return render_template("logistics/relay_home.html", points=points)


@bp.get("/<int:pickup_point_id>/")
@holds(Role.RELAY_HOST)
def point(pickup_point_id: int) -> ResponseReturnValue:
    """Who comes for what, by surname."""
    return _page(pickup_point_id)


@bp.post("/<int:pickup_point_id>/orders/<int:order_id>/hand-over")
@holds(Role.RELAY_HOST)
def hand_over(pickup_point_id: int, order_id: int) -> ResponseReturnValue:
    """Somebody has taken an order: its customer, or whoever they sent."""
    now = clock.now()
    receiver = forms.text_of(request.form, "receiver", forms.NAME_LENGTH)
    try:
        with unit_of_work() as session:
            _enter(session, pickup_point_id)
            new = driving.hand_over_at_point(
                session,
                order_id,
                forms.deed_of(request.form, now, signed_in_identity().person_id),
                pickup_point_id=pickup_point_id,
                receiver=receiver,
                at=now,
            )
    except ReceiverMissing:
        return _page(pickup_point_id, missing=order_id), 422
    if new:
        flash(_("Handed over to %(name)s.", name=receiver), "success")
    else:
        flash(_("This order was handed over before."), "info")
    where = url_for(
        "relay.point", pickup_point_id=pickup_point_id, cycle=request.form.get("cycle") or None
    )
    return redirect(where, code=303)


@bp.get("/<int:pickup_point_id>/list.pdf")
@holds(Role.RELAY_HOST)
def printed(pickup_point_id: int) -> ResponseReturnValue:
    """The list on paper, for a place without network."""
    with reading() as session:
        card = _enter(session, pickup_point_id)
        cycle, _others = _cycle(session, pickup_point_id)
        if cycle is None:
            abort(404)
        goods = cycle_goods(session, cycle.id, printed_at=clock.now())
    return printing.pdf(papers.relay(goods, card), cycle.code)


def _page(pickup_point_id: int, *, missing: int | None = None) -> str:
    with reading() as session:
        card = _enter(session, pickup_point_id)
        cycle, known = _cycle(session, pickup_point_id)
        day = relay_point.day_at_point(session, pickup_point_id, cycle.id) if cycle else None
        stops = [each.stop_id for each in day.arrivals] if day else []
        expected = arrivals.of_stops(session, stops, clock.now())
        visited = [visit.order.order_id for visit in day.visits] if day else []
        owed, ways = tenders.standings(session, visited), tenders.spot_ways(session, visited)
    query = request.args.get("q", "").strip()
    visits = day.visits if day else []
    return render_template(
        "logistics/relay_point.html",
        point=card,
        cycle=cycle,
        cycles=known,
        day=day,
        visits=[visit for visit in visits if not query or visit.answers(query)],
        query=query,
        missing=missing,
        new_key=forms.new_key,
        expected=expected,
        owed=owed,
        ways=ways,
    )


def _enter(session: Session, pickup_point_id: int) -> PickupCard:
    """The hosts of this pick-up point only."""
    demand(Role.RELAY_HOST, pickup_point_id)
    card = delivery.pickup_by_ids(session, [pickup_point_id])[pickup_point_id]
    g.market = markets.by_id(session, card.market_id)
    return card


def _cycle(session: Session, pickup_point_id: int) -> tuple[CycleCard | None, list[CycleCard]]:
    """The cycle asked for, else the one whose delivery is nearest; and those to choose from."""
    keys = handing.cycles_at_point(session, pickup_point_id)[:WEEKS]
    known = [cycles.by_id(session, key) for key in keys]
    known.sort(key=lambda each: each.delivers_on, reverse=True)
    code = request.values.get("cycle")
    if code:
        chosen = next((each for each in known if each.code == code), None)
        if chosen is None:
            abort(404)
        return chosen, known
    return (known[0] if known else None), known
