"""The round sheet of a round, for screen and paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.money import Money
from shop.kernel.sheet import Heading
from shop.logistics.domain.sheets import round_sheet
from shop.logistics.domain.sheets import words as sheet_words
from shop.logistics.domain.terms import StopKind
from shop.logistics.queries.cycle_goods import CrateCard
from shop.logistics.queries.rounds import RoundCard, StopCard
from shop.orders.queries import demand
from shop.orders.queries.demand import Fill


def brought(session: Session, cycle_id: int) -> dict[int, Fill]:
    """What each producer brings to a cycle: thousandths of a crate by temperature class."""
    return {each.producer_id: each.fill for each in demand.supply_loads(session, cycle_id)}


def sheet(
    card: RoundCard,
    heading: Heading,
    *,
    departs_from: str,
    desk_phone: str,
    url: str,
    supplies: Mapping[int, Fill] | None = None,
    due: Mapping[int, Money] | None = None,
) -> round_sheet.RoundSheet:
    """The round sheet of a round; ``supplies`` is what is to be collected, by producer.

    ``due`` is what is to be taken for an order; at a relay point its host takes it.
    """
    classes = [kind for kind in TemperatureClass if card.capacity.get(kind.value, {}).get("crates")]
    return round_sheet.RoundSheet(
        round_id=card.id,
        name=card.name,
        heading=heading,
        vehicle=card.vehicle,
        plate=card.plate,
        driver=card.driver,
        departs_at=card.starts_at,
        departs_from=departs_from,
        stops=tuple(_sheet_stop(stop, supplies or {}, due or {}) for stop in card.stops),
        compartments=tuple(
            round_sheet.CompartmentLimit(kind, *_LIMITS_DC.get(kind, (None, None)))
            for kind in classes
        ),
        distance_m=card.distance_m,
        desk_phone=desk_phone,
        url=url,
    )


_LIMITS_DC: dict[TemperatureClass, tuple[int | None, int | None]] = {
    TemperatureClass.CHILLED: (30, 40),
    TemperatureClass.FROZEN: (-200, -180),
}
"""Set-point and highest temperature, in tenths of a degree: raw milk 4 °C, frozen −18 °C."""


_SHEET_KIND = {
    StopKind.COLLECT: sheet_words.StopKind.FARM,
    StopKind.RELAY: sheet_words.StopKind.RELAY,
    StopKind.DRIVE: sheet_words.StopKind.DRIVE,
    StopKind.HOME: sheet_words.StopKind.HOME,
    StopKind.HUB: sheet_words.StopKind.HUB,
    StopKind.EXTRA: sheet_words.StopKind.EXTRA,
}


def _crates(stop: StopCard, supplies: Mapping[int, Fill]) -> dict[TemperatureClass, int]:
    """Whole crates that change hands at a stop, each class by itself."""
    if stop.kind is not StopKind.COLLECT:
        return dict(stop.crates_by_class)
    fill = supplies.get(stop.producer_id or 0, {})
    return {kind: -(-fill[kind] // 1000) for kind in TemperatureClass if fill.get(kind)}


def _sheet_stop(
    stop: StopCard, supplies: Mapping[int, Fill], due: Mapping[int, Money]
) -> round_sheet.RoundStop:
    takes = stop.kind in (StopKind.HOME, StopKind.DRIVE)
    amounts = [due[each.order_id] for each in stop.orders if takes and each.order_id in due]
    crates_of: dict[int, list[CrateCard]] = defaultdict(list)
    for crate in stop.crates:
        crates_of[crate.order_id].append(crate)
    return round_sheet.RoundStop(
        stop_id=stop.id,
        rank=stop.position,
        kind=_SHEET_KIND[stop.kind],
        name=stop.name,
        planned_at=stop.arrives_at,
        address=tuple(part.strip() for part in stop.address.split(",", 1)),
        phone=stop.phone,
        access=stop.access,
        to_collect=Money.total(amounts) if amounts else None,
        window_from_at=stop.window_from,
        window_until_at=stop.window_until,
        crates=tuple(
            round_sheet.CrateCount(kind, count) for kind, count in _crates(stop, supplies).items()
        ),
        orders=tuple(
            round_sheet.StopOrder(
                order.order_id,
                order.number,
                order.contact_name,
                tuple(
                    round_sheet.StopCrate(crate.id, crate.code, crate.temperature_class)
                    for crate in crates_of[order.order_id]
                ),
            )
            for order in stop.orders
        ),
    )
