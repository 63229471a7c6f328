"""What the code on a crate opens, for whoever scans it."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from shop.accounts.access import signed_in, signed_in_identity
from shop.accounts.domain.roles import Identity
from shop.catalog.queries import cycles
from shop.infra.unit_of_work import reading
from shop.logistics.errors import CrateUnknown
from shop.logistics.queries import relay_point
from shop.logistics.queries.relay_point import ScannedCrate

bp = Blueprint("crates", __name__, template_folder="../templates")


@bp.get("/c/<code>")
@signed_in
def show(code: str) -> ResponseReturnValue:
    """The page about this crate of the person who scans it; for anybody else there is none.

    A visitor is sent to the door, whether or not there is such a crate.
    """
    who = signed_in_identity()
    with reading() as session:
        crate = relay_point.scanned(session, code)
        cycle = cycles.by_id(session, crate.cycle_id)
    where = _page_for(who, crate, cycle.code)
    if where is None:
        raise CrateUnknown(crate=code)
    return redirect(where, code=303)


def _page_for(who: Identity, crate: ScannedCrate, cycle_code: str) -> str | None:
    """On the road the driver comes first, at the hub whoever prepares."""
    drives = crate.stop_id is not None and crate.driver_id == who.person_id
    if drives and crate.round_state in ("loading", "underway"):
        return url_for("driver.stop", stop_id=crate.stop_id)
    hosts = crate.pickup_point_id in who.pickup_points
    if hosts and crate.order_state in ("fulfilled", "settled"):
        return _host_page(crate, cycle_code)
    if crate.market_id in who.preparer_markets:
        return url_for(
            "picker.order", market=crate.market_slug, code=cycle_code, order_id=crate.order_id
        )
    if drives and crate.round_state in ("published", "done"):
        return url_for("driver.stop", stop_id=crate.stop_id)
    if hosts:
        return _host_page(crate, cycle_code)
    if crate.person_id == who.person_id:
        return url_for("orders.order", market=crate.market_slug, token=crate.order_token)
    return None


def _host_page(crate: ScannedCrate, cycle_code: str) -> str:
    return url_for(
        "relay.point",
        pickup_point_id=crate.pickup_point_id,
        cycle=cycle_code,
        q=crate.order_number,
    )
