"""Orders of a neighboring shop that the desk planned this morning."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files

from sqlalchemy.orm import Session

from shop.adapters.dfc_orders import DfcExchange
from shop.logistics.domain.exchange.routes import routes_of
from shop.logistics.domain.exchange.summary import summary_of
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from shop.logistics.queries import exchange as queries
from shop.logistics.services import exchange
from shop.logistics.services.exchange import Wishes

FILE = "halle-voisine.json"
ITERATIONS = 200


def plan(session: Session, market_id: int, desk_id: int, *, now: datetime) -> None:
    """Keep the file with its routes; the same days give the same routes."""
    content = files("shop.demo").joinpath(f"data/{FILE}").read_bytes()
    dfc, wishes = DfcExchange(), Wishes()
    orders = dfc.read(content)
    run_id = exchange.keep(session, market_id, FILE, content, orders, wishes, by=desk_id)
    exchange.start(session, run_id, at=now)
    day, used = queries.outside_day(
        session, market_id, orders, fleet=wishes.fleet, service_s=wishes.service_s, now=now
    )
    routes = routes_of(day, solve(day.problem, StopRule(iterations=ITERATIONS), 1))
    exchange.finish(
        session, run_id, summary_of(orders, routes, used), dfc.write(orders, routes), at=now
    )
