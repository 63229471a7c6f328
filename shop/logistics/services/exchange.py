"""Plan the orders of another platform: keep the file, follow the search, keep what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.exchange.orders import OutsideOrders
from shop.logistics.domain.lifecycles import EXCHANGE_RUN
from shop.logistics.errors import ExchangeRunUnknown
from shop.logistics.models import ExchangeRun

EXCHANGE_TOPIC = "logistics.plan_exchange"
FLEETS = ("theirs", "ours")
LEAST_SECONDS, MOST_SECONDS = 2, 120
LONGEST_SERVICE_S = 4 * 3600
KEPT = 20
"""Files of a market that are kept; the oldest goes when another comes."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a file is to be planned."""

    fleet: str = "theirs"
    service_s: int = 600
    seconds: int = 10


def ask(
    session: Session,
    market_id: int,
    name: str,
    content: bytes,
    orders: OutsideOrders,
    wishes: Wishes,
    *,
    by: int | None,
) -> int:
    """Ask for routes for the orders of a file that was read; the key of the search.

    Raises:
        InvalidInput: an unknown fleet, or times nobody can mean; ``field`` says which.
    """
    run_id = keep(session, market_id, name, content, orders, wishes, by=by)
    outbox.post(session, EXCHANGE_TOPIC, key=f"{EXCHANGE_TOPIC}:{run_id}", exchange_run_id=run_id)
    return run_id


def keep(
    session: Session,
    market_id: int,
    name: str,
    content: bytes,
    orders: OutsideOrders,
    wishes: Wishes,
    *,
    by: int | None,
) -> int:
    """Keep a file that was read, for whoever looks for its routes; its key.

    Raises:
        InvalidInput: an unknown fleet, or times nobody can mean; ``field`` says which.
    """
    if wishes.fleet not in FLEETS:
        raise InvalidInput(field="fleet")
    if not LEAST_SECONDS <= wishes.seconds <= MOST_SECONDS:
        raise InvalidInput(field="seconds", least=LEAST_SECONDS, most=MOST_SECONDS)
    if not 0 <= wishes.service_s <= LONGEST_SERVICE_S:
        raise InvalidInput(field="minutes", least=0, most=LONGEST_SERVICE_S // 60)
    run = ExchangeRun(
        market_id=market_id,
        name=name[:200],
        content=content,
        orders=len(orders.order_numbers),
        lines=len(orders.lines),
        fleet=wishes.fleet,
        service_s=wishes.service_s,
        seconds=wishes.seconds,
        asked_by_id=by,
    )
    session.add(run)
    session.flush()
    _forget_oldest(session, market_id)
    return run.id


@dataclass(frozen=True, slots=True)
class Asked:
    """A file to plan."""

    market_id: int
    content: bytes
    wishes: Wishes


def start(session: Session, run_id: int, *, at: datetime) -> Asked | None:
    """Begin a search, or begin again one that was cut; None when it ended or was thrown away."""
    run = session.get(ExchangeRun, run_id, with_for_update=True)
    if run is None or run.state in ("done", "failed"):
        return None
    if run.state == "queued":
        advance(session, EXCHANGE_RUN, run, "start", at=at)
    content = session.scalars(select(ExchangeRun.content).where(ExchangeRun.id == run_id)).one()
    return Asked(run.market_id, content, Wishes(run.fleet, run.service_s, run.seconds))


def finish(
    session: Session, run_id: int, result: Mapping[str, Any], written: bytes, *, at: datetime
) -> None:
    """Keep the routes that were found; a second time changes nothing."""
    run = session.get(ExchangeRun, run_id, with_for_update=True)
    if run is None or run.state != "running":
        return
    run.result = dict(result)
    run.written = written
    run.finished_at = at
    advance(session, EXCHANGE_RUN, run, "finish", at=at)


def fail(session: Session, run_id: int, *, error: str, at: datetime) -> None:
    """Note that a file cannot be planned, and why."""
    run = session.get(ExchangeRun, run_id, with_for_update=True)
    if run is None or run.state not in ("queued", "running"):
        return
    run.error = error
    run.finished_at = at
    advance(session, EXCHANGE_RUN, run, "fail", at=at, reason=error)


def forget(session: Session, market_id: int, run_id: int) -> None:
    """Throw a file away with all that was found for it: it may tell where people live.

    Raises:
        ExchangeRunUnknown: this market has no such file.
    """
    gone = session.scalar(
        delete(ExchangeRun)
        .where(ExchangeRun.id == run_id, ExchangeRun.market_id == market_id)
        .returning(ExchangeRun.id)
        .execution_options(synchronize_session=False)
    )
    if gone is None:
        raise ExchangeRunUnknown(exchange_run_id=run_id)


def _forget_oldest(session: Session, market_id: int) -> None:
    newest = (
        select(ExchangeRun.id)
        .where(ExchangeRun.market_id == market_id)
        .order_by(ExchangeRun.id.desc())
        .limit(KEPT)
    )
    session.execute(
        delete(ExchangeRun)
        .where(ExchangeRun.market_id == market_id, ExchangeRun.id.not_in(newest))
        .execution_options(synchronize_session=False)
    )
