"""Truck rounds: found by a search, published by the desk, driven by a driver."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.append_only import APPEND_ONLY
from shop.infra.column_types import text_enum
from shop.infra.db import Row
from shop.logistics.domain.terms import HandoverKind, StopKind


class PlanRun(Row):
    """One search for the rounds of a cycle: what was asked, how far it is, what it found."""

    __tablename__ = "plan_runs"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'abandoned')", name="state"
        ),
        Index(
            "uq_plan_runs_live",
            "cycle_id",
            unique=True,
            postgresql_where=text("state IN ('queued', 'running') AND variant IS NULL"),
        ),
    )

    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    state: Mapped[str] = mapped_column(server_default="queued")
    seed: Mapped[int] = mapped_column(Integer)
    seconds: Mapped[int] = mapped_column(Integer)
    """Time given to the search."""
    progress: Mapped[dict[str, Any]]
    """Best cost in cents, unserved, violations, seconds left, as last heard."""
    problem: Mapped[dict[str, Any] | None]
    plan: Mapped[dict[str, Any] | None]
    """The best kept so far; a search that was killed goes on from it."""
    facts: Mapped[dict[str, Any]]
    """Solver version, iterations, hash of the matrix, who left what out and why."""
    variant: Mapped[dict[str, Any] | None]
    """What-if: what is different from the cycle as it is; it replaces no rounds by itself."""
    rest_of: Mapped[int | None] = mapped_column(Integer)
    """During the day: number of the plan version of which it searches what is not yet driven."""
    ask_key: Mapped[uuid.UUID | None] = mapped_column(unique=True)
    """Of the form that asked: sent twice, it is one search."""
    error: Mapped[str | None]
    stop_asked_at: Mapped[datetime | None]
    """Somebody pressed « stop and keep the best »."""
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    started_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class TruckRound(Row):
    """One vehicle's work of one day."""

    __tablename__ = "truck_rounds"
    __table_args__ = (
        UniqueConstraint("plan_run_id", "number"),
        CheckConstraint(
            "state IN ('draft', 'published', 'loading', 'underway', 'done', 'discarded')",
            name="state",
        ),
        Index(None, "cycle_id", "state"),
        Index(None, "driver_id"),
    )

    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    plan_run_id: Mapped[int | None] = mapped_column(ForeignKey("plan_runs.id"))
    number: Mapped[int] = mapped_column(Integer)
    plan_key: Mapped[str | None]
    """The planner's name of the vehicle and day."""
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"))
    hub_id: Mapped[int | None] = mapped_column(ForeignKey("hubs.id"))
    """Where it begins and ends; None: where the market prepares every week."""
    driver_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(server_default="draft")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    distance_m: Mapped[int] = mapped_column(Integer)
    cost_cents: Mapped[int] = mapped_column(Integer)


class Stop(Row):
    """One stop of a round."""

    __tablename__ = "stops"
    __table_args__ = (
        UniqueConstraint("round_id", "position"),
        CheckConstraint("state IN ('planned', 'arrived', 'served', 'failed')", name="state"),
        Index(None, "again_of_id"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("truck_rounds.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    plan_key: Mapped[str | None] = mapped_column(index=True)
    """The planner's name of the stop."""
    kind: Mapped[StopKind] = mapped_column(text_enum(StopKind))
    producer_id: Mapped[int | None] = mapped_column(ForeignKey("producers.id"))
    pickup_point_id: Mapped[int | None] = mapped_column(ForeignKey("pickup_points.id"))
    name: Mapped[str]
    address: Mapped[str]
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    arrives_at: Mapped[datetime]
    departs_at: Mapped[datetime]
    window_from: Mapped[datetime | None]
    window_until: Mapped[datetime | None]
    distance_m: Mapped[int] = mapped_column(Integer)
    """From the stop before."""
    state: Mapped[str] = mapped_column(server_default="planned")
    arrived_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    again_of_id: Mapped[int | None] = mapped_column(ForeignKey("stops.id", ondelete="SET NULL"))
    """The failed stop whose goods leave once more with this one."""


class StopOrder(Row):
    """An order that a stop hands over."""

    __tablename__ = "stop_orders"
    __table_args__ = (UniqueConstraint("stop_id", "order_id"), Index(None, "order_id"))

    stop_id: Mapped[int] = mapped_column(ForeignKey("stops.id", ondelete="CASCADE"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    given_up_why: Mapped[str | None]
    """Why the desk brings what failed here no more."""


class Handover(Row):
    """What a driver or a host says about one order at the moment of handing over."""

    __tablename__ = "handovers"
    __table_args__ = (Index(None, "order_id"), Index(None, "stop_id"), {"info": APPEND_ONLY})

    key: Mapped[uuid.UUID] = mapped_column(unique=True)
    """Given by the phone: said twice, noted once."""
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    stop_id: Mapped[int | None] = mapped_column(ForeignKey("stops.id"))
    """None: handed over by the host of a pick-up point."""
    pickup_point_id: Mapped[int | None] = mapped_column(ForeignKey("pickup_points.id"))
    kind: Mapped[HandoverKind] = mapped_column(text_enum(HandoverKind))
    receiver: Mapped[str | None]
    note: Mapped[str | None]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    device_at: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
