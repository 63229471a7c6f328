"""Orders of another platform as a planning problem: each line is taken and handed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from shop.logistics.domain.exchange.orders import OutsideLine, OutsideOrders, OutsidePlace
from shop.logistics.domain.planning.goods import NOTHING, Amount, Capacity, Goods, Layout
from shop.logistics.domain.planning.problem import (
    DAY_S,
    AboardLimits,
    Hub,
    Place,
    Problem,
    Stop,
    Transfer,
    Travel,
    Vehicle,
    Window,
)
from shop.logistics.domain.planning.travel import estimate_travel
from shop.logistics.domain.planning.validation import validate

ANY = Capacity(None, None, None)
FIRST_S, LAST_S = 6 * 3600, 20 * 3600
"""Between these seconds after midnight vehicles leave, where no place has opening hours."""

SERVICE_S = 600
"""Parking, finding the door, handing over: what is asked where the file says nothing."""

TAKE, HAND = "take:", "hand:"
"""Begin the planner's names of the two stops of a line."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the file does not say: how long a stop takes, what driving costs, which day."""

    on: date
    """The day of driving where no place has opening hours."""
    zone: ZoneInfo
    service_s: int = SERVICE_S
    shift_s: int = 36_000
    fixed_cents: int = 0
    cents_per_km: int = 0
    cents_per_hour: int = 1900
    aboard: AboardLimits = field(default_factory=AboardLimits)


@dataclass(frozen=True, slots=True)
class OutsideDay:
    """The problem, and midnight of its day."""

    problem: Problem
    midnight: datetime

    def second(self, at: datetime) -> int:
        """The planner's second of an instant."""
        return int(at.timestamp() - self.midnight.timestamp())


def day_of(orders: OutsideOrders, terms: Terms) -> date:
    """The day on which the first place opens."""
    opens = [place.opens_at for place in orders.places if place.opens_at is not None]
    return min(opens).astimezone(terms.zone).date() if opens else terms.on


def places_of(orders: OutsideOrders) -> tuple[Place, ...]:
    """Every place, in the order of the file."""
    return tuple(Place(each.id, each.lon, each.lat, each.label) for each in orders.places)


def problem_of(
    orders: OutsideOrders,
    terms: Terms,
    *,
    travel: Travel | None = None,
    fleet: Sequence[Vehicle] = (),
    hubs: Sequence[tuple[Hub, Place]] = (),
) -> OutsideDay:
    """Each line is taken where its goods wait and handed over by the same vehicle.

    Without a ``fleet`` a vehicle of any size waits at each place where goods are taken, and goes
    back there. ``hubs`` are those of the fleet, each with its place, which comes after the places
    of the file; ``travel`` is between all of them (none: estimated).

    Raises:
        InvalidProblem: naming the field that cannot be meant.
    """
    midnight = datetime.combine(day_of(orders, terms), time(), terms.zone)
    places = (*places_of(orders), *(place for _hub, place in hubs))
    row = {place.id: at for at, place in enumerate(places)}
    by_id = {place.id: place for place in orders.places}
    stops: list[Stop] = []
    for line in orders.lines:
        stops += _stops(line, by_id, row, midnight, terms)
    own_hubs, own_fleet = _own(orders, row, midnight, terms)
    problem = Problem(
        places=places,
        hubs=tuple(_at(hub, row[place.id]) for hub, place in hubs) if fleet else own_hubs,
        vehicles=tuple(fleet) or own_fleet,
        stops=tuple(stops),
        travel=estimate_travel(places) if travel is None else travel,
        transfers=tuple(Transfer(f"{TAKE}{line.id}", f"{HAND}{line.id}") for line in orders.lines),
        aboard=terms.aboard,
        name=str(midnight.date()),
    )
    validate(problem)
    return OutsideDay(problem, midnight)


def _at(hub: Hub, row: int) -> Hub:
    return Hub(hub.id, row, hub.opens_s, hub.closes_s, hub.loading_s, hub.name)


def _stops(
    line: OutsideLine,
    by_id: dict[str, OutsidePlace],
    row: dict[str, int],
    midnight: datetime,
    terms: Terms,
) -> tuple[Stop, Stop]:
    amount = Amount(weight_g=line.weight_g)
    goods = Goods(**{line.temperature.value: amount})
    taken, handed = by_id[line.from_place], by_id[line.to_place]
    name = f"{line.order_number} {line.product}".strip()
    return (
        Stop(
            id=f"{TAKE}{line.id}",
            place=row[taken.id],
            collects=goods,
            windows=_windows(taken, midnight),
            service_s=terms.service_s,
            name=name,
        ),
        Stop(
            id=f"{HAND}{line.id}",
            place=row[handed.id],
            collects=NOTHING,
            delivers=goods,
            windows=_windows(handed, midnight),
            service_s=terms.service_s,
            name=name,
        ),
    )


def _windows(place: OutsidePlace, midnight: datetime) -> tuple[Window, ...]:
    if place.opens_at is None and place.closes_at is None:
        return ()
    start = midnight.timestamp()
    return (
        Window(
            0 if place.opens_at is None else int(place.opens_at.timestamp() - start),
            DAY_S if place.closes_at is None else int(place.closes_at.timestamp() - start),
        ),
    )


def _own(
    orders: OutsideOrders, row: dict[str, int], midnight: datetime, terms: Terms
) -> tuple[tuple[Hub, ...], tuple[Vehicle, ...]]:
    """A vehicle at each place where goods are taken; its day begins when the first place opens."""
    windows = [window for place in orders.places for window in _windows(place, midnight)]
    opens_s = min((window.opens_s for window in windows), default=FIRST_S)
    closes_s = max((window.closes_s for window in windows), default=LAST_S)
    bases = dict.fromkeys(line.from_place for line in orders.lines)
    hubs = tuple(Hub(base, row[base], opens_s, closes_s + DAY_S) for base in bases)
    return hubs, tuple(
        Vehicle(
            id=base,
            start_hub=base,
            end_hub=base,
            layouts=(Layout(ANY, ANY, ANY),),
            earliest_start_s=opens_s,
            latest_start_s=closes_s,
            shift_s=terms.shift_s,
            fixed_cents=terms.fixed_cents,
            cents_per_km=terms.cents_per_km,
            cents_per_hour=terms.cents_per_hour,
        )
        for base in bases
    )
