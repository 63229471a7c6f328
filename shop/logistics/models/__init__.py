"""Tables of crates, places and trucks."""

from shop.logistics.models.arrival import ArrivalScore, RoundDelay, StopEstimate
from shop.logistics.models.calendar_feed import CalendarFeed
from shop.logistics.models.crate import Crate, PickingEntry
from shop.logistics.models.exchange import ExchangeRun
from shop.logistics.models.fleet import Hub, Vehicle
from shop.logistics.models.plan_version import (
    EmissionFactor,
    PlanVersion,
    PromisePlan,
    RoundChange,
)
from shop.logistics.models.receipt import GoodsReceipt
from shop.logistics.models.roads import RoadLeg, RoadMap
from shop.logistics.models.truck_round import (
    Handover,
    PlanRun,
    Stop,
    StopOrder,
    TruckRound,
)

__all__ = [
    "ArrivalScore",
    "CalendarFeed",
    "Crate",
    "EmissionFactor",
    "ExchangeRun",
    "GoodsReceipt",
    "Handover",
    "Hub",
    "PickingEntry",
    "PlanRun",
    "PlanVersion",
    "PromisePlan",
    "RoadLeg",
    "RoadMap",
    "RoundChange",
    "RoundDelay",
    "Stop",
    "StopEstimate",
    "StopOrder",
    "TruckRound",
    "Vehicle",
]
