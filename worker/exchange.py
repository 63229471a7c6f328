"""Search for the routes of another platform's orders; safe to run twice."""

from __future__ import annotations

from structlog import get_logger

from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.domain.exchange.orders import OutsideOrders
from shop.logistics.domain.exchange.problem import OutsideDay
from shop.logistics.domain.exchange.routes import routes_of
from shop.logistics.domain.exchange.summary import summary_of
from shop.logistics.domain.planning.errors import InvalidProblem, SearchFailed
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.roads import RoadsUsed
from shop.logistics.errors import FileRefused, HubMissing
from shop.logistics.ports import OrderExchange, RoadMatrix
from shop.logistics.queries import exchange as queries
from shop.logistics.services import exchange, roads
from worker.handlers import handles
from worker.search_process import SearchProcess

log = get_logger()

SEED = 1


@handles(exchange.EXCHANGE_TOPIC, long=True)
def plan_exchange(exchange_run_id: int) -> None:
    """Find the routes of a file and keep them; one that ended or was thrown away is left alone."""
    with unit_of_work() as session:
        asked = exchange.start(session, exchange_run_id, at=clock.now())
    if asked is None:
        return
    try:
        orders = port(OrderExchange).read(asked.content)
        day, used = _day(asked, orders)
        points = [(place.lon, place.lat) for place in day.problem.places]
        books = roads.Books(reading, unit_of_work)
        if roads.measure(port(RoadMatrix), points, books).source is not None:
            day, used = _day(asked, orders)
    except (FileRefused, HubMissing, InvalidProblem) as refusal:
        with unit_of_work() as session:
            exchange.fail(session, exchange_run_id, error=refusal.code, at=clock.now())
        return
    routes = routes_of(day, _find(day.problem, asked.wishes.seconds))
    written = port(OrderExchange).write(orders, routes)
    with unit_of_work() as session:
        exchange.finish(
            session, exchange_run_id, summary_of(orders, routes, used), written, at=clock.now()
        )
    log.info("exchange_planned", run=exchange_run_id, routes=len(routes.routes))


def _day(asked: exchange.Asked, orders: OutsideOrders) -> tuple[OutsideDay, RoadsUsed]:
    with reading() as session:
        return queries.outside_day(
            session,
            asked.market_id,
            orders,
            fleet=asked.wishes.fleet,
            service_s=asked.wishes.service_s,
            now=clock.now(),
        )


def _find(problem: Problem, seconds: int) -> Plan:
    """The plan that a process of its own finds.

    Raises:
        SearchFailed: it ended without one.
    """
    with SearchProcess(problem, seconds, SEED) as process:
        for message in process.messages():
            if isinstance(message, Plan):
                return message
    raise SearchFailed(seconds=seconds)
