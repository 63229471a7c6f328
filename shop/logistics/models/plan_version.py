"""What the desk made of a plan, step by step, and what drivers and customers are told of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.append_only import APPEND_ONLY
from shop.infra.db import Row


class PlanVersion(Row):
    """The plan of a cycle after one deed: found, edited, undone, published."""

    __tablename__ = "plan_versions"
    __table_args__ = (UniqueConstraint("cycle_id", "number"), {"info": APPEND_ONLY})

    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    number: Mapped[int] = mapped_column(Integer)
    """From 1; two people who change the same version cannot both get the next number."""
    parent: Mapped[int | None] = mapped_column(Integer)
    """Number of the version it was made from; undo goes there."""
    same_as: Mapped[int | None] = mapped_column(Integer)
    """An undo, a redo or a publication: number of the version whose board it shows."""
    edit: Mapped[str]
    facts: Mapped[dict[str, Any]]
    """Names of the stops and vehicles concerned, and what the edit cost."""
    board: Mapped[dict[str, Any]]
    cost_cents: Mapped[int] = mapped_column(Integer)
    distance_m: Mapped[int] = mapped_column(Integer)
    duration_s: Mapped[int] = mapped_column(Integer)
    faults: Mapped[int] = mapped_column(Integer)
    unserved: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str | None]
    """Why it was published although it breaks rules."""
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class RoundChange(Row):
    """What changed for one driver after publication; shown until they say they saw it."""

    __tablename__ = "round_changes"
    __table_args__ = (Index(None, "round_id"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("truck_rounds.id", ondelete="CASCADE"))
    facts: Mapped[dict[str, Any]]
    """Names of stops ``added``, ``removed`` and ``moved``, and the new end."""
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    seen_at: Mapped[datetime | None]


class PromisePlan(Row):
    """Rounds kept for a sale that is still open: what one more stop would cost is read off them."""

    __tablename__ = "promise_plans"

    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"), unique=True)
    stamp: Mapped[str]
    """Changes with the orders it was made from."""
    board: Mapped[dict[str, Any]]
    made_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class EmissionFactor(Row):
    """Greenhouse gases of a liter of fuel, from a day on."""

    __tablename__ = "emission_factors"
    __table_args__ = (
        UniqueConstraint("fuel", "valid_from"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="dates"),
    )

    fuel: Mapped[str]
    grams_per_litre: Mapped[int] = mapped_column(Integer)
    """Grams of CO2 equivalent, from the well to the wheel."""
    source: Mapped[str]
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
