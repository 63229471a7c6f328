"""The driver's phone: the rounds of today, the next stop, what was handed over to whom."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import holds, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.catalog.queries import cycles, markets
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.terms import StopKind
from shop.logistics.errors import ReceiverMissing, RoundUnknown, StopUnknown
from shop.logistics.queries import arrivals as known
from shop.logistics.queries import fleet, receipts, round_changes, rounds
from shop.logistics.queries.rounds import RoundCard, StopCard
from shop.logistics.services import arrivals, driving, publishing
from shop.logistics.views import forms, navigation, receiving
from shop.logistics.views.receiving import Typed
from shop.orders.queries import lines, purchase_orders, tenders
from shop.orders.queries.lines import PickLine
from shop.orders.queries.purchase_orders import PurchaseOrderPage

TAKES_MONEY = (StopKind.HOME, StopKind.DRIVE)
"""Where the driver takes money; at a relay point its host does."""

bp = Blueprint("driver", __name__, url_prefix="/driver", template_folder="../templates")
bp.app_template_filter("geo_link")(navigation.geo_link)
bp.app_template_filter("map_links")(navigation.map_links)


@bp.get("/")
@holds(Role.DRIVER)
def home() -> ResponseReturnValue:
    """The rounds of the driver, those that are not over first."""
    with reading() as session:
        found = rounds.of_driver(session, signed_in_identity().person_id)
    ahead = [card for card in found if card.state != "done"]
    return render_template(
        "logistics/driver_home.html",
        ahead=sorted(ahead, key=lambda card: (card.starts_at, card.id)),
        over=[card for card in found if card.state == "done"],
    )


@bp.get("/rounds/<int:round_id>", endpoint="round")
@holds(Role.DRIVER)
def round_page(round_id: int) -> ResponseReturnValue:
    """One round: what to load, the next stop, every stop."""
    with reading() as session:
        card = round_of_mine(session, round_id)
        hub = fleet.hub(session, g.market.id, card.hub_id)
        following = card.next_stop if card.state == "underway" else None
        asked = _asked(session, card, following) if following else None
        changes = round_changes.unseen(session, round_id)
        counts = receipts.of_purchase(session, asked).counts if asked else {}
        expected = known.of_stops(session, [each.id for each in card.stops], clock.now())
        late = known.told_late(session, [round_id]).get(round_id)
        bought = [order.order_id for order in following.orders] if following else []
        owed, ways = tenders.standings(session, bought), tenders.spot_ways(session, bought)
    loading = [stop for stop in reversed(card.stops) if stop.crates]
    return render_template(
        "logistics/driver_round.html",
        owed=owed,
        ways=ways,
        new_key=forms.new_key,
        round=card,
        hub=hub,
        changes=changes,
        expected=expected,
        late=late,
        stop=following,
        asked=asked,
        counts=counts,
        counted=Typed(),
        reasons=receiving.REASONS,
        loading=loading,
        ready=sum(crate.state == "received" for stop in loading for crate in stop.crates),
        waiting=sum(crate.state == "expected" for stop in loading for crate in stop.crates),
        aboard=sum(crate.state == "loaded" for stop in loading for crate in stop.crates),
        key=forms.new_key(),
        typed={},
    )


@bp.post("/rounds/<int:round_id>/seen")
@holds(Role.DRIVER)
def see_changes(round_id: int) -> ResponseReturnValue:
    """The driver has seen what the desk changed."""
    with unit_of_work() as session:
        publishing.see(session, round_id, driver_id=signed_in_identity().person_id, at=clock.now())
    return _back_to(round_id)


@bp.post("/rounds/<int:round_id>/late")
@holds(Role.DRIVER)
def tell_late(round_id: int) -> ResponseReturnValue:
    """The driver is late: whoever waits is told in time."""
    try:
        with unit_of_work() as session:
            arrivals.tell_late(
                session,
                round_id,
                request.form.get("minutes", -1, type=int),
                driver_id=signed_in_identity().person_id,
                reason=forms.text_of(request.form, "reason", forms.NAME_LENGTH),
                at=clock.now(),
            )
    except InvalidInput:
        flash(_("Say how many minutes, at most ten hours."), "error")
        return _back_to(round_id)
    flash(_("Noted. The desk and those who wait for you see it."), "success")
    return _back_to(round_id)


@bp.post("/rounds/<int:round_id>/load")
@holds(Role.DRIVER)
def load(round_id: int) -> ResponseReturnValue:
    """Everything that is ready is aboard."""
    with unit_of_work() as session:
        driving.load(session, round_id, driver_id=signed_in_identity().person_id, at=clock.now())
    return _back_to(round_id)


@bp.post("/rounds/<int:round_id>/depart")
@holds(Role.DRIVER)
def depart(round_id: int) -> ResponseReturnValue:
    """The truck leaves."""
    with unit_of_work() as session:
        driving.depart(session, round_id, driver_id=signed_in_identity().person_id, at=clock.now())
    return _back_to(round_id)


@bp.get("/stops/<int:stop_id>")
@holds(Role.DRIVER)
def stop(stop_id: int) -> ResponseReturnValue:
    """One stop: who, where, what to hand over or to fetch."""
    return _stop_page(stop_id)


@bp.post("/stops/<int:stop_id>/arrive")
@holds(Role.DRIVER)
def arrive(stop_id: int) -> ResponseReturnValue:
    """The truck stands there."""
    with unit_of_work() as session:
        driving.arrive(session, stop_id, driver_id=signed_in_identity().person_id, at=clock.now())
        round_id = rounds.round_of_stop(session, stop_id)
    return _back_to(round_id)


@bp.post("/stops/<int:stop_id>/serve")
@holds(Role.DRIVER)
def serve(stop_id: int) -> ResponseReturnValue:
    """Handed over to somebody with a name; or, at a farm, fetched."""
    me, now = signed_in_identity().person_id, clock.now()
    counted = _counted(stop_id)
    if counted.errors:
        return _stop_page(stop_id, counted=counted), 422
    try:
        with unit_of_work() as session:
            new = driving.serve(
                session,
                stop_id,
                forms.deed_of(request.form, now, me),
                driver_id=me,
                receiver=forms.text_of(request.form, "receiver", forms.NAME_LENGTH),
                refused=request.form.getlist("refused", type=int),
                brought=counted.brought,
                note=_note(),
                at=now,
            )
            round_id = rounds.round_of_stop(session, stop_id)
    except ReceiverMissing:
        said = _("Please write who took or gave the goods.")
        return _stop_page(stop_id, error=said, counted=counted), 422
    except InvalidInput as refusal:
        receiving.note_refusal(counted, refusal)
        return _stop_page(stop_id, counted=counted), 422
    if new:
        flash(_("Noted: %(name)s.", name=forms.text_of(request.form, "receiver")), "success")
    if _is_to_collect(stop_id, round_id):
        return redirect(url_for("driver.stop", stop_id=stop_id), code=303)
    return _back_to(round_id)


@bp.post("/stops/<int:stop_id>/fail")
@holds(Role.DRIVER)
def fail(stop_id: int) -> ResponseReturnValue:
    """Nobody there, or no way to get there."""
    me, now = signed_in_identity().person_id, clock.now()
    reason = forms.text_of(request.form, "note")
    if not reason:
        return _stop_page(stop_id, failure=_("Please say what happened.")), 422
    with unit_of_work() as session:
        driving.fail(
            session,
            stop_id,
            forms.deed_of(request.form, now, me),
            driver_id=me,
            note=reason,
            at=now,
        )
        round_id = rounds.round_of_stop(session, stop_id)
    flash(_("Noted. The goods stay aboard, nobody pays for them."), "warning")
    return _back_to(round_id)


def _is_to_collect(stop_id: int, round_id: int) -> bool:
    """Whether money is still to be taken for what was handed over at a home or a drive."""
    with reading() as session:
        card = round_of_mine(session, round_id)
        stop = next(each for each in card.stops if each.id == stop_id)
        if stop.kind not in TAKES_MONEY:
            return False
        standings = tenders.standings(session, [order.order_id for order in stop.orders])
    return any(standing.to_collect for standing in standings.values())


def _counted(stop_id: int) -> Typed:
    """What the form says of goods that a farm gave; nothing where it counts nothing."""
    if "counts" not in request.form:
        return Typed()
    with reading() as session:
        card = round_of_mine(session, rounds.round_of_stop(session, stop_id))
        asked = _asked(session, card, next(each for each in card.stops if each.id == stop_id))
    return receiving.read(asked, request.form) if asked else Typed()


def _asked(session: Session, card: RoundCard, stop: StopCard) -> PurchaseOrderPage | None:
    """What the farm of a stop was asked to bring."""
    if stop.kind is not StopKind.COLLECT or stop.producer_id is None:
        return None
    return purchase_orders.of_producer_in(session, card.cycle_id, stop.producer_id)


def _stop_page(
    stop_id: int, *, error: str = "", failure: str = "", counted: Typed | None = None
) -> str:
    with reading() as session:
        try:
            card = round_of_mine(session, rounds.round_of_stop(session, stop_id))
        except RoundUnknown:
            raise StopUnknown(stop_id=stop_id) from None
        found = next(each for each in card.stops if each.id == stop_id)
        goods = _to_fetch(session, card, found)
        expected = known.of_stops(session, [stop_id], clock.now())
        stop_orders = [order.order_id for order in found.orders]
        owed = tenders.standings(session, stop_orders)
        ways = tenders.spot_ways(session, stop_orders)
        asked = _asked(session, card, found)
        counts = receipts.of_purchase(session, asked).counts if asked else {}
    return render_template(
        "logistics/driver_stop.html",
        owed=owed,
        ways=ways,
        new_key=forms.new_key,
        round=card,
        stop=found,
        goods=goods,
        expected=expected,
        asked=asked,
        counts=counts,
        counted=counted or Typed(),
        reasons=receiving.REASONS,
        key=request.form.get("key") or forms.new_key(),
        typed=request.form,
        error=error,
        failure=failure,
    )


def round_of_mine(session: Session, round_id: int) -> RoundCard:
    """A round that this driver drives; for anybody else there is none."""
    card = rounds.one(session, round_id)
    if card.driver_id != signed_in_identity().person_id or card.state == "draft":
        raise RoundUnknown(round_id=round_id)
    g.market = markets.by_id(session, cycles.by_id(session, card.cycle_id).market_id)
    return card


def _to_fetch(session: Session, card: RoundCard, stop: StopCard) -> list[tuple[PickLine, int, int]]:
    """What a farm gives: each product with how much of it, and for how many orders."""
    if stop.kind is not StopKind.COLLECT or stop.producer_id is None:
        return []
    found: dict[int, list[PickLine]] = {}
    for line in lines.to_pick(session, card.cycle_id, producer_id=stop.producer_id):
        found.setdefault(line.offer_id, []).append(line)
    goods = [(each[0], sum(line.expected for line in each), len(each)) for each in found.values()]
    return sorted(goods, key=lambda entry: entry[0].product_name)


def _note() -> str | None:
    """What the driver writes, and how many crates a farm gave."""
    parts = [forms.text_of(request.form, "note")]
    crates = request.form.get("crates", type=int)
    if crates is not None:
        parts.insert(0, f"{max(0, crates)} ☐")
    return " · ".join(part for part in parts if part) or None


def _back_to(round_id: int) -> ResponseReturnValue:
    return redirect(url_for("driver.round", round_id=round_id), code=303)
