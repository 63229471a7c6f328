"""Whether a vehicle can surely serve a stop alone, seen at a glance: for thousands of stops."""

from __future__ import annotations

from shop.logistics.domain.planning.goods import Goods, Layout, Measure, TemperatureClass
from shop.logistics.domain.planning.problem import UNREACHABLE, Hub, Problem, Stop, Vehicle, Window

FOREVER = Window(-(10**9), 10**9)


def is_simple(problem: Problem, vehicle: Vehicle, stop: Stop) -> bool:
    """True only when a round without any wait serves the stop alone; false says nothing."""
    if (
        vehicle.break_rule is not None
        or stop.id in problem.transfer_of
        or not problem.may_call(vehicle, stop)
        or not _holds(vehicle.layouts[0], stop.delivers)
        or not _holds(vehicle.layouts[0], stop.collects)
    ):
        return False
    travel = problem.travel_of(vehicle)
    start, end = problem.hub_by_id[vehicle.start_hub], problem.hub_by_id[vehicle.end_hub]
    out_m, out_s = (
        int(each[start.place, stop.place]) for each in (travel.distance_m, travel.duration_s)
    )
    back_m, back_s = (
        int(each[stop.place, end.place]) for each in (travel.distance_m, travel.duration_s)
    )
    if UNREACHABLE in (out_m, out_s, back_m, back_s):
        return False
    cold = not vehicle.certified_cold and max(out_m, back_m) >= problem.uncertified_limit_m
    longest = vehicle.max_distance_m
    worked = start.loading_s + out_s + stop.service_s + back_s
    return (
        not cold
        and (longest is None or out_m + back_m <= longest)
        and worked <= vehicle.shift_s + vehicle.max_overtime_s
        and _stays_cold(problem, stop.delivers, out_s + stop.service_s)
        and _stays_cold(problem, stop.collects, stop.service_s + back_s)
        and any(
            _is_on_time(vehicle, (start, end), stop, window, (out_s, back_s))
            for window in stop.windows or (FOREVER,)
        )
    )


def _holds(layout: Layout, goods: Goods) -> bool:
    """Whether the first arrangement of a vehicle has room for goods."""
    if not goods:
        return True
    if layout.payload_g is not None and goods.weight_g > layout.payload_g:
        return False
    for temperature in TemperatureClass:
        amount, room = goods.of(temperature), layout.of(temperature)
        for measure in Measure if amount else ():
            limit = room.of(measure)
            if limit is not None and amount.of(measure) > limit:
                return False
    return True


def _stays_cold(problem: Problem, goods: Goods, aboard_s: int) -> bool:
    limits = (problem.aboard.of(each) for each in goods.classes())
    return all(limit is None or aboard_s <= limit for limit in limits)


def _is_on_time(
    vehicle: Vehicle, hubs: tuple[Hub, Hub], stop: Stop, window: Window, drives: tuple[int, int]
) -> bool:
    """Whether the day can begin so that the stop is reached when it is open, without a wait."""
    start, end = hubs
    out_s = start.loading_s + drives[0]
    earliest = max(vehicle.earliest_start_s, start.opens_s)
    if stop.release_s is not None:
        earliest = max(earliest, stop.release_s)
    service = max(window.opens_s, earliest + out_s)
    begin, back = service - out_s, service + stop.service_s + drives[1]
    return (
        service <= window.closes_s
        and begin <= min(vehicle.latest_start_s, start.closes_s)
        and end.opens_s <= back <= end.closes_s
        and (vehicle.latest_end_s is None or back <= vehicle.latest_end_s)
        and (stop.due_s is None or not stop.collects or back <= stop.due_s)
    )
