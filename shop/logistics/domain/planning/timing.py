"""The planner's own clock: from an order of stops to times, loads and cost.

A round leaves as late as it can without ending later, so that nobody is paid for waiting and
goods spend no needless time aboard. An order that cannot be on time still gets times; judging
them is the checker's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from shop.logistics.domain.planning.errors import InvalidPlan
from shop.logistics.domain.planning.goods import NOTHING, Goods, TemperatureClass
from shop.logistics.domain.planning.plan import Cost, Plan, Round, Visit, VisitKind
from shop.logistics.domain.planning.problem import UNREACHABLE, Problem, Travel, Vehicle

FOREVER_S = 10**9
UNREACHABLE_FACTOR = 10
"""A leg without a road is reckoned as so many times the longest real one."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stop to serve or one hub to reload at; ``window`` fixes which window is used."""

    kind: VisitKind
    id: str
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a round does and in which order, before it has times.

    Start and end come from the vehicle, breaks from its rule; neither is among the steps.
    """

    vehicle_id: str
    steps: tuple[Step, ...]
    vehicle_number: int = 0
    layout: int = 0

    @classmethod
    def of_stops(cls, vehicle_id: str, stop_ids: Iterable[str], number: int = 0) -> Draft:
        """A round that serves these stops in this order without reloading."""
        steps = tuple(Step(VisitKind.STOP, stop_id) for stop_id in stop_ids)
        return cls(vehicle_id, steps, number)


def draft_of(problem: Problem, planned: Round) -> Draft:
    """The order a round was built from, with the windows it uses, without its times."""
    steps = tuple(
        Step(VisitKind.STOP, visit.stop_id, _window_used(problem, visit))
        if visit.stop_id is not None
        else Step(VisitKind.RELOAD, visit.hub_id or "")
        for visit in planned.visits
        if visit.kind in (VisitKind.STOP, VisitKind.RELOAD)
    )
    return Draft(planned.vehicle_id, steps, planned.vehicle_number, planned.layout)


def _window_used(problem: Problem, visit: Visit) -> int | None:
    stop = problem.stop_by_id.get(visit.stop_id or "")
    for position, window in enumerate(stop.windows if stop is not None else ()):
        if window.opens_s <= visit.start_s <= window.closes_s:
            return position
    return None


@dataclass(slots=True)
class _Event:
    """A point in time to be placed between ``opens`` and ``closes``."""

    kind: VisitKind
    place: int
    opens: int
    closes: int
    service: int = 0
    drive: int = 0
    """Seconds from the event before."""
    distance: int = 0
    stop_id: str | None = None
    hub_id: str | None = None
    windows: tuple[tuple[int, int], ...] = ()


def time_round(problem: Problem, draft: Draft) -> Round:
    """Give a round its times, loads and cost.

    Raises:
        InvalidPlan: when the draft names a vehicle, stop or hub that the problem does not have.
    """
    vehicle = problem.vehicle_by_id.get(draft.vehicle_id)
    if vehicle is None:
        raise InvalidPlan(field="vehicle_id", reason="unknown", value=draft.vehicle_id)
    events = _events(problem, vehicle, draft.steps)
    events, starts = _place(events)
    rule = vehicle.break_rule
    if rule is not None and starts[-1] - starts[0] > rule.after_s:
        events, starts = _with_breaks(events, rule.after_s, rule.length_s)
    visits = _visits(problem, events, starts)
    planned = Round(vehicle.id, draft.vehicle_number, draft.layout, visits)
    return replace(planned, cost=price_round(vehicle, planned))


def build_plan(problem: Problem, drafts: Sequence[Draft]) -> Plan:
    """Time every draft that has steps and add up; of unserved stops nothing is said."""
    rounds = tuple(time_round(problem, draft) for draft in drafts if draft.steps)
    return Plan(rounds, cost=sum((each.cost for each in rounds), Cost()))


def price_round(vehicle: Vehicle, planned: Round) -> Cost:
    """What a round costs, each component rounded half up to the cent."""
    overtime_s = max(0, planned.duration_s - vehicle.shift_s)
    normal_s = planned.duration_s - overtime_s
    return Cost(
        fixed_cents=vehicle.fixed_cents,
        distance_cents=_half_up(planned.distance_m * vehicle.cents_per_km, 1000),
        time_cents=_half_up(normal_s * vehicle.cents_per_hour, 3600),
        overtime_cents=_half_up(overtime_s * vehicle.overtime_cents_per_hour, 3600),
    )


def leg(travel: Travel, origin: int, target: int) -> tuple[int, int]:
    """Meters and seconds from one place to another; a hole counts as ten times the longest."""
    distance, duration = (
        int(travel.distance_m[origin, target]),
        int(travel.duration_s[origin, target]),
    )
    if distance == UNREACHABLE or duration == UNREACHABLE:
        return (
            UNREACHABLE_FACTOR * max(1, int(travel.distance_m.max())),
            UNREACHABLE_FACTOR * max(1, int(travel.duration_s.max())),
        )
    return distance, duration


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _events(problem: Problem, vehicle: Vehicle, steps: Sequence[Step]) -> list[_Event]:
    """The points of the day in order: day start, loading, stops, reloads, return."""
    start = problem.hub_by_id[vehicle.start_hub]
    end = problem.hub_by_id[vehicle.end_hub]
    last = end.closes_s if vehicle.latest_end_s is None else min(end.closes_s, vehicle.latest_end_s)
    events = [
        _Event(
            VisitKind.START, start.place, vehicle.earliest_start_s, vehicle.latest_start_s,
            hub_id=start.id,
        ),
        _Event(
            VisitKind.START, start.place, start.opens_s, start.closes_s, start.loading_s,
            hub_id=start.id,
        ),
    ]  # fmt: skip
    for position, step in enumerate(steps):
        if step.kind is VisitKind.RELOAD:
            hub = problem.hub_by_id.get(step.id)
            if hub is None:
                raise InvalidPlan(field=f"steps[{position}]", reason="unknown_hub", value=step.id)
            events.append(
                _Event(
                    VisitKind.RELOAD, hub.place, hub.opens_s, hub.closes_s, hub.loading_s,
                    hub_id=hub.id,
                )
            )  # fmt: skip
            continue
        stop = problem.stop_by_id.get(step.id)
        if stop is None:
            raise InvalidPlan(field=f"steps[{position}]", reason="unknown_stop", value=step.id)
        windows = tuple((window.opens_s, window.closes_s) for window in stop.windows)
        if step.window is not None and step.window < len(windows):
            windows = (windows[step.window],)
        opens, closes = windows[0] if windows else (-FOREVER_S, FOREVER_S)
        events.append(
            _Event(
                VisitKind.STOP, stop.place, opens, closes, stop.service_s,
                stop_id=stop.id, windows=windows,
            )
        )  # fmt: skip
    events.append(_Event(VisitKind.END, end.place, end.opens_s, last, hub_id=end.id))
    _bind_trips(problem, events)
    travel = problem.travel_of(vehicle)
    for before, event in pairwise(events):
        event.distance, event.drive = (
            (0, 0) if event.kind is VisitKind.START else leg(travel, before.place, event.place)
        )
    return events


def _bind_trips(problem: Problem, events: list[_Event]) -> None:
    """Let no trip load before its goods are ready nor come back after they are due."""
    loading = events[1]
    due = FOREVER_S
    for event in events[2:]:
        if event.stop_id is None:
            event.closes = min(event.closes, due)
            loading, due = event, FOREVER_S
            continue
        stop = problem.stop_by_id[event.stop_id]
        if stop.release_s is not None:
            loading.opens = max(loading.opens, stop.release_s)
        if stop.due_s is not None and stop.collects:
            due = min(due, stop.due_s)


def _place(events: list[_Event]) -> tuple[list[_Event], list[int]]:
    """Choose windows, then start times: shortest day first, then least time aboard."""
    best: tuple[int, int, list[_Event], list[int]] | None = None
    for chosen in _window_choices(events):
        starts = _schedule(chosen)
        late = sum(
            max(0, start - event.closes) for start, event in zip(starts, chosen, strict=True)
        )
        length = starts[-1] - starts[0]
        if best is None or (late, length) < best[:2]:
            best = (late, length, chosen, starts)
    assert best is not None
    return best[2], best[3]


def _window_choices(events: list[_Event]) -> Iterable[list[_Event]]:
    """Ways of using the windows of stops that have several: as early as can be, then later."""
    several = [event for event in events if len(event.windows) > 1]
    if not several:
        yield events
        return
    departures = {events[0].opens}
    elapsed = 0
    for before, event in pairwise(events):
        elapsed += before.service + event.drive
        if len(event.windows) > 1:
            departures.update(opens - elapsed for opens, _ in event.windows)
    for departure in sorted(departures):
        if events[0].opens <= departure <= events[0].closes:
            yield _with_first_open_windows(events, departure)


def _with_first_open_windows(events: list[_Event], departure: int) -> list[_Event]:
    chosen = []
    now = departure
    for before, event in zip([None, *events], events, strict=False):
        if before is not None:
            now += before.service + event.drive
        if len(event.windows) > 1:
            opens, closes = next(
                (window for window in event.windows if window[1] >= now), event.windows[-1]
            )
            event = replace(event, opens=opens, closes=closes)
        now = max(now, event.opens)
        chosen.append(event)
    return chosen


def _forward(events: Sequence[_Event], first: int) -> list[int]:
    """Earliest starts when the first event happens at ``first``."""
    starts = [first]
    for before, event in pairwise(events):
        starts.append(max(event.opens, starts[-1] + before.service + event.drive))
    return starts


def _backward(events: Sequence[_Event], starts: Sequence[int]) -> list[int]:
    """Latest starts that keep the last one; an event already late stays as it is."""
    latest = [starts[-1]]
    for position in range(len(events) - 2, -1, -1):
        event, after = events[position], events[position + 1]
        bound = latest[-1] - after.drive - event.service
        latest.append(max(starts[position], min(event.closes, bound)))
    latest.reverse()
    return latest


def _schedule(events: list[_Event]) -> list[int]:
    """Shortest day; within it each trip leaves as late as its last stop allows."""
    starts = _forward(events, events[0].opens)
    starts = _forward(events, _backward(events, starts)[0])
    position = 1
    while position < len(events) - 1:
        end = position + 1
        while events[end].stop_id is not None or events[end].kind is VisitKind.BREAK:
            end += 1
        trip = slice(position, end)
        if end - position > 1:
            latest = _backward(events[trip], starts[trip])
            starts[trip] = _forward(events[trip], latest[0])
        position = end
    return starts


def _with_breaks(
    events: list[_Event], after_s: int, length_s: int
) -> tuple[list[_Event], list[int]]:
    """Put breaks where they cost least; a day without room for them comes out late."""
    placed: list[_Event] = events
    starts = _schedule(events)
    for _ in range(4):
        since = _first_overwork(placed, starts, after_s)
        if since is None:
            break
        best: tuple[int, int, int, list[_Event], list[int]] | None = None
        for position in range(since + 1, len(placed)):
            if placed[position].kind is VisitKind.START:
                continue
            before = placed[position - 1]
            pause = _Event(
                VisitKind.BREAK, before.place, -FOREVER_S, FOREVER_S, length_s, hub_id=None
            )
            tried = [*placed[:position], pause, *placed[position:]]
            times = _schedule(tried)
            if times[position] - _work_start(tried, times, position) > after_s:
                break
            late = sum(max(0, at - each.closes) for at, each in zip(times, tried, strict=True))
            found = (late, times[-1] - times[0], -position, tried, times)
            if best is None or found[:3] < best[:3]:
                best = found
        if best is None:
            break
        placed, starts = best[3], best[4]
    return placed, starts


def _work_start(events: list[_Event], starts: list[int], position: int) -> int:
    """When the stretch of work that reaches ``position`` began."""
    for earlier in range(position - 1, -1, -1):
        if events[earlier].kind is VisitKind.BREAK:
            return starts[earlier] + events[earlier].service
    return starts[0]


def _first_overwork(events: list[_Event], starts: list[int], after_s: int) -> int | None:
    """Where the first stretch of work longer than allowed begins; ``None`` when there is none."""
    begin, since = 0, starts[0]
    for position, event in enumerate(events):
        rests = event.kind in (VisitKind.BREAK, VisitKind.END)
        if starts[position] + (0 if rests else event.service) - since > after_s:
            return begin
        if event.kind is VisitKind.BREAK:
            begin, since = position, starts[position] + event.service
    return None


def _visits(problem: Problem, events: list[_Event], starts: list[int]) -> tuple[Visit, ...]:
    """Visits with arrivals and loads; the day's start and the first loading are one visit."""
    loads = _loads(problem, events)
    visits = []
    for position in range(1, len(events)):
        event, start = events[position], starts[position]
        if position == 1:
            arrival = starts[0]
        else:
            arrival = starts[position - 1] + events[position - 1].service + event.drive
        visits.append(
            Visit(
                kind=event.kind,
                place=event.place,
                arrival_s=arrival,
                start_s=start,
                departure_s=start + event.service,
                stop_id=event.stop_id,
                hub_id=event.hub_id,
                distance_m=event.distance if position > 1 else 0,
                aboard=loads[position],
            )
        )
    return tuple(visits)


def _loads(problem: Problem, events: list[_Event]) -> list[Goods]:
    """What is aboard after each event."""
    loads: list[Goods] = []
    aboard = NOTHING
    for position, event in enumerate(events):
        if event.kind in (VisitKind.START, VisitKind.RELOAD):
            aboard = _loaded(problem, events, position)
        elif event.kind is VisitKind.END:
            aboard = NOTHING
        elif event.stop_id is not None:
            stop = problem.stop_by_id[event.stop_id]
            aboard = aboard - stop.delivers + stop.collects
        loads.append(aboard)
    return loads


def _loaded(problem: Problem, events: list[_Event], position: int) -> Goods:
    """What the trip that leaves at ``position`` must take along."""
    goods = NOTHING
    for event in events[position + 1 :]:
        if event.kind in (VisitKind.RELOAD, VisitKind.END):
            break
        if event.stop_id is not None and event.stop_id not in problem.transfer_of:
            goods = goods + problem.stop_by_id[event.stop_id].delivers
    return goods


def aboard_times(problem: Problem, planned: Round) -> dict[tuple[str, TemperatureClass], int]:
    """How long each stop's goods of each class are aboard, in seconds."""
    times: dict[tuple[str, TemperatureClass], int] = {}
    for trip in planned.trips():
        leaves, back = trip[0].departure_s, trip[-1].arrival_s
        began = {visit.stop_id: visit.start_s for visit in trip if visit.stop_id is not None}
        for visit in trip:
            if visit.stop_id is None:
                continue
            stop = problem.stop_by_id[visit.stop_id]
            transfer = problem.transfer_of.get(stop.id)
            since = leaves if transfer is None else began.get(transfer.collect, leaves)
            for each in stop.delivers.classes():
                times[stop.id, each] = visit.departure_s - since
            if transfer is None:
                for each in stop.collects.classes():
                    aboard = back - visit.start_s
                    times[stop.id, each] = max(aboard, times.get((stop.id, each), 0))
    return times
