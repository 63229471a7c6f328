"""Broken rules, as codes and figures: turning them into words is for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shop.logistics.domain.planning.plan import Fact


class ViolationCode(StrEnum):
    """Which rule is broken."""

    UNKNOWN_VEHICLE = "unknown_vehicle"
    UNKNOWN_STOP = "unknown_stop"
    VEHICLE_USED_TWICE = "vehicle_used_twice"
    VEHICLE_NUMBER = "vehicle_number"
    """There are not that many equal vehicles."""
    LAYOUT = "layout"
    """The vehicle has no such arrangement of compartments."""
    SHAPE = "shape"
    """A round must start at its hub, end at its hub, and reload only at hubs in between."""
    STOP_SERVED_TWICE = "stop_served_twice"
    STOP_LOST = "stop_lost"
    """Neither served nor named as unserved."""
    STOP_SERVED_AND_UNSERVED = "stop_served_and_unserved"
    NOT_ALLOWED = "not_allowed"
    """The vehicle lacks a skill, a permission, or does not work for the hub of the goods."""
    WRONG_PLACE = "wrong_place"
    TOO_FAST = "too_fast"
    """Arrives earlier than the road allows."""
    TIMES_REVERSED = "times_reversed"
    WRONG_DISTANCE = "wrong_distance"
    NO_ROAD = "no_road"
    SERVICE_CUT_SHORT = "service_cut_short"
    OUTSIDE_WINDOW = "outside_window"
    BEFORE_RELEASE = "before_release"
    """Loaded before the goods are ready."""
    AFTER_DUE = "after_due"
    """Collected goods come back to the hub too late."""
    HUB_CLOSED = "hub_closed"
    START_OUTSIDE_HOURS = "start_outside_hours"
    END_TOO_LATE = "end_too_late"
    SHIFT_EXCEEDED = "shift_exceeded"
    TOO_FAR = "too_far"
    TOO_MANY_RELOADS = "too_many_reloads"
    RELOAD_NOT_ALLOWED = "reload_not_allowed"
    OVER_CAPACITY = "over_capacity"
    OVER_PAYLOAD = "over_payload"
    WRONG_LOAD = "wrong_load"
    """What the plan says is aboard is not what the stops add up to."""
    ABOARD_TOO_LONG = "aboard_too_long"
    UNCERTIFIED_TOO_FAR = "uncertified_too_far"
    TRANSFER_BROKEN = "transfer_broken"
    """Taken and handed over by different vehicles, in the wrong order, past a hub, or half only."""
    KEPT_TOGETHER_SPLIT = "kept_together_split"
    BREAK_MISSING = "break_missing"
    WRONG_COST = "wrong_cost"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule, where, and the figures; turning it into words is for the page."""

    code: ViolationCode
    round: int | None = None
    """Position of the round in the plan."""
    stop_id: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
