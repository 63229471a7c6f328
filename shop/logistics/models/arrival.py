"""When trucks are expected, what people were told of it, and how far off it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.db import Row


class StopEstimate(Row):
    """When a truck is expected at a stop, as of its last event."""

    __tablename__ = "stop_estimates"
    __table_args__ = (
        CheckConstraint("earliest_at <= expected_at AND expected_at <= latest_at", name="order"),
    )

    stop_id: Mapped[int] = mapped_column(ForeignKey("stops.id", ondelete="CASCADE"), unique=True)
    made_at: Mapped[datetime]
    expected_at: Mapped[datetime]
    earliest_at: Mapped[datetime]
    latest_at: Mapped[datetime]
    """Eight arrivals of ten come between the two."""
    base_at: Mapped[datetime]
    """The middle before anything was learned from earlier days."""
    spread_s: Mapped[int] = mapped_column(Integer)
    work_s: Mapped[int] = mapped_column(Integer)
    """Driving and service ahead when it was made, as planned."""
    paced_s: Mapped[int] = mapped_column(Integer)
    """The same at the pace of the day."""
    waits: Mapped[bool] = mapped_column(server_default="false")
    """The truck is expected before the door opens."""
    left_base_at: Mapped[datetime | None]
    """What was expected when the round left."""
    left_spread_s: Mapped[int | None] = mapped_column(Integer)
    left_work_s: Mapped[int | None] = mapped_column(Integer)
    left_paced_s: Mapped[int | None] = mapped_column(Integer)
    left_waits: Mapped[bool | None]
    told_from: Mapped[datetime | None]
    """The interval that customers have been written."""
    told_until: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    told_count: Mapped[int] = mapped_column(Integer, server_default="0")
    scored_at: Mapped[datetime | None]


class ArrivalScore(Row):
    """How far off an estimate was: made when the round left, or after the last event before."""

    __tablename__ = "arrival_scores"
    __table_args__ = (
        UniqueConstraint("stop_id", "horizon"),
        CheckConstraint("horizon IN ('left', 'last')", name="horizon"),
        Index(None, "market_id", "id"),
        Index(None, "round_id"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("truck_rounds.id", ondelete="CASCADE"))
    stop_id: Mapped[int] = mapped_column(ForeignKey("stops.id", ondelete="CASCADE"))
    horizon: Mapped[str]
    work_s: Mapped[int] = mapped_column(Integer)
    off_s: Mapped[int] = mapped_column(Integer)
    """Arrival less the base of the estimate; negative: early."""
    spread_s: Mapped[int] = mapped_column(Integer)
    took_s: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class RoundDelay(Row):
    """A driver says to be late; it counts until the next stop says better."""

    __tablename__ = "round_delays"
    __table_args__ = (
        CheckConstraint("minutes >= 0 AND minutes <= 600", name="minutes"),
        Index(None, "round_id"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("truck_rounds.id", ondelete="CASCADE"))
    minutes: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str | None]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
