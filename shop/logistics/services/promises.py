"""Keep rounds for a sale that is still open, and say from them whether one more order fits.

The kept rounds follow the orders within a minute; the capacity of each slot stands behind them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.money import Money
from shop.logistics.domain.desk.assess import assess
from shop.logistics.domain.desk.board import Board, Row, drafts_of, read_board, row_of, write_board
from shop.logistics.domain.desk.quote import (
    Prepared,
    Quote,
    more_at,
    prepare,
    quote,
    with_more,
    with_stop,
)
from shop.logistics.domain.desk.trips import fit_in
from shop.logistics.domain.planning.problem import Problem, Stop, StopKind, Window
from shop.logistics.domain.planning.search.repair import lawful
from shop.logistics.errors import HubMissing, NothingToPlan
from shop.logistics.models import PromisePlan
from shop.logistics.queries.day_problem import (
    CRATE_SERVICE_S,
    HOME_SERVICE_S,
    PREPARED_BY_S,
    DayProblem,
    crates_in,
    day_problem,
    goods_of_fill,
)
from shop.logistics.queries.desk_plan import apart
from shop.orders.ports.delivering import SlotAdvice, SlotAsk
from shop.orders.queries import demand
from shop.orders.queries.demand import Fill

PROMISED = ("awaiting_payment", "placed", "firm")
"""Orders that a truck will have to bring, as far as one knows."""

LONGEST_KEPT = 8
"""Sales whose rounds one process keeps laid out."""

ASKED = "asked"

AT_ONCE = 200
"""More orders than that are never made at the same moment."""

MOST_SINCE = 20
"""Orders of one minute that are fitted in while somebody waits for an answer."""


def refresh(session: Session, cycle_id: int, *, at: datetime) -> bool:
    """Fit the orders of an open sale into the rounds kept for it; whether anything changed."""
    stamp = demand.stamp(session, cycle_id, PROMISED)
    kept = session.execute(
        select(PromisePlan.stamp, PromisePlan.board).where(PromisePlan.cycle_id == cycle_id)
    ).one_or_none()
    if kept is not None and kept.stamp == stamp:
        return False
    try:
        day = apart(day_problem(session, cycle_id, states=PROMISED))
    except (HubMissing, NothingToPlan):
        return False
    board = fitted(day.problem, read_board(kept.board) if kept else Board())
    values = {"stamp": stamp, "board": write_board(board), "made_at": at}
    session.execute(
        insert(PromisePlan)
        .values(cycle_id=cycle_id, **values)
        .on_conflict_do_update(index_elements=["cycle_id"], set_=values)
    )
    return True


def fitted(problem: Problem, board: Board) -> Board:
    """The board with every stop of the problem that still fits; those that are gone leave it."""
    known = {stop.id for stop in problem.stops}
    vehicles = problem.vehicle_by_id
    rows = tuple(
        Row(row.vehicle, tuple(step for step in row.steps if step in known), row.layout)
        for row in board.rows
        if row.vehicle in vehicles
    )
    drafts, rounds = lawful(problem, drafts_of(Board(rows=tuple(r for r in rows if r.steps))))
    served = {stop_id for planned in rounds for stop_id in planned.stop_ids}
    missing = sorted(
        (stop for stop in problem.stops if stop.id not in served),
        key=lambda stop: (stop.kind is StopKind.HOME, stop.id),
    )
    fit_in(problem, drafts, rounds, missing)
    return Board(rows=tuple(row_of(draft) for draft in drafts))


@dataclass(frozen=True, slots=True)
class _Kept:
    made_at: datetime
    prepared: Prepared
    day: DayProblem
    orders: frozenset[int]
    """Orders that are in them."""


_kept: dict[int, _Kept] = {}
_lock = Lock()


class RoundAdvisor:
    """Answers the checkout off the rounds kept for a sale."""

    def advise(
        self,
        session: Session,
        cycle_id: int,
        asks: Sequence[SlotAsk],
        *,
        lon: float | None,
        lat: float | None,
        fill: Mapping[TemperatureClass, int],
    ) -> Mapping[int, SlotAdvice]:
        """What the kept rounds say of each hour; nothing where no rounds are kept."""
        kept = laid_out(session, cycle_id)
        if kept is None:
            return {}
        kept = caught_up(session, cycle_id, kept)
        found = {}
        for ask in asks:
            said = ask_one(kept.prepared, kept.day, ask, lon=lon, lat=lat, fill=fill)
            if said is not None:
                found[ask.slot_id] = SlotAdvice(said.fits, Money(said.cents), said.passes_by)
        return found

    def promise(
        self,
        session: Session,
        cycle_id: int,
        ask: SlotAsk,
        *,
        lon: float | None,
        lat: float | None,
        fill: Mapping[TemperatureClass, int],
        order_id: int,
    ) -> SlotAdvice | None:
        """What the kept rounds say at the moment an hour is promised; promises wait in line."""
        # What takes long is done before others have to wait.
        if laid_out(session, cycle_id) is None:
            return None
        session.execute(
            select(PromisePlan.id).where(PromisePlan.cycle_id == cycle_id).with_for_update()
        ).all()
        kept = laid_out(session, cycle_id)
        if kept is None:
            return None
        kept = caught_up(session, cycle_id, kept, but=order_id)
        said = ask_one(kept.prepared, kept.day, ask, lon=lon, lat=lat, fill=fill)
        return None if said is None else SlotAdvice(said.fits, Money(said.cents), said.passes_by)


def ask_one(
    prepared: Prepared,
    day: DayProblem,
    ask: SlotAsk,
    *,
    lon: float | None,
    lat: float | None,
    fill: Mapping[TemperatureClass, int],
) -> Quote | None:
    """One hour: None when nothing can be said of it."""
    goods, service_s = goods_of_fill(dict(fill)), CRATE_SERVICE_S * crates_in(dict(fill))
    if ask.pickup_point_id is not None:
        name = f"point:{ask.pickup_point_id}"
        if name not in prepared.problem.stop_by_id:
            return None
        if name not in prepared.position_of:
            return Quote(fits=False)
        return more_at(prepared, name, goods, service_s)[0]
    if lon is None or lat is None:
        return None
    stop = _home(ASKED, day, ask.starts_at, ask.ends_at, dict(fill))
    return quote(prepared, stop, lon, lat)[0]


def _home(name: str, day: DayProblem, starts_at: datetime, ends_at: datetime, fill: Fill) -> Stop:
    goods = goods_of_fill(fill)
    return Stop(
        id=name,
        place=0,
        kind=StopKind.HOME,
        delivers=goods,
        windows=(Window(day.second(starts_at), day.second(ends_at)),),
        service_s=HOME_SERVICE_S + CRATE_SERVICE_S * crates_in(fill),
        release_s=PREPARED_BY_S if goods else None,
        hub="hub",
    )


def caught_up(session: Session, cycle_id: int, kept: _Kept, *, but: int = 0) -> _Kept:
    """The kept rounds with the orders that were made since they were laid out.

    Each goes where it costs least, as it was promised; ``but`` is the order that asks.
    """
    # An order gets its number some moments before it is promised: look a little farther back.
    since = max(kept.orders, default=0) - AT_ONCE
    unknown = demand.keys(session, cycle_id, PROMISED, after=since) - kept.orders - {but}
    if not unknown:
        return kept
    loads = demand.order_loads(session, cycle_id, PROMISED, after=min(unknown) - 1)
    new = [load for load in loads if load.order_id in unknown]
    prepared = kept.prepared
    for load in new:
        if load.pickup_point_id is None:
            stop = _home(
                f"home:{load.order_id}", kept.day, load.slot_starts_at, load.slot_ends_at, load.fill
            )
            prepared = with_stop(prepared, stop, load.lon, load.lat)
            continue
        name = f"point:{load.pickup_point_id}"
        if name in prepared.position_of:
            service_s = CRATE_SERVICE_S * crates_in(load.fill)
            prepared = with_more(prepared, name, goods_of_fill(load.fill), service_s)
    made = replace(kept, prepared=prepared, orders=kept.orders | unknown)
    with _lock:
        if _kept.get(cycle_id) is kept:
            _kept[cycle_id] = made
    return made


def laid_out(session: Session, cycle_id: int) -> _Kept | None:
    """The kept rounds of a sale ready for questions; laid out once per change and process."""
    row = session.execute(
        select(PromisePlan.made_at, PromisePlan.board).where(PromisePlan.cycle_id == cycle_id)
    ).one_or_none()
    if row is None:
        return None
    known = _kept.get(cycle_id)
    if known is not None and known.made_at == row.made_at:
        return known
    try:
        day = apart(day_problem(session, cycle_id, states=PROMISED))
    except (HubMissing, NothingToPlan):
        return None
    orders = frozenset(order for inside in day.orders_of.values() for order in inside)
    made = _Kept(row.made_at, prepared_of(day.problem, read_board(row.board)), day, orders)
    with _lock:
        while len(_kept) >= LONGEST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[cycle_id] = made
    return made


def prepared_of(problem: Problem, board: Board) -> Prepared:
    """Rounds laid out; what the checker refuses meanwhile is mended first."""
    known = {stop.id for stop in problem.stops}
    rows = tuple(
        replace(row, steps=tuple(step for step in row.steps if step in known)) for row in board.rows
    )
    drafts, rounds = lawful(problem, drafts_of(Board(rows=tuple(r for r in rows if r.steps))))
    served = {stop_id for planned in rounds for stop_id in planned.stop_ids}
    # Homes promised since the rounds were fitted come last in the problem.
    since = [stop for stop in problem.stops if stop.id not in served][-MOST_SINCE:]
    fit_in(problem, drafts, rounds, since)
    return prepare(problem, assess(problem, Board(rows=tuple(map(row_of, drafts)))).plan)
