"""Distances and times by road that a server told once, kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.db import Base, Row


class RoadMap(Row):
    """The map of one source at one date; the one that answered last is planned by."""

    __tablename__ = "road_maps"
    __table_args__ = (UniqueConstraint("source", "data_date"), Index(None, "answered_at"))

    source: Mapped[str]
    data_date: Mapped[str]
    """As the source says it; empty when it does not."""
    answered_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class RoadLeg(Base):
    """From one rounded point to another, on one map."""

    __tablename__ = "road_legs"

    map_id: Mapped[int] = mapped_column(
        ForeignKey("road_maps.id", ondelete="CASCADE"), primary_key=True
    )
    from_key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    to_key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    distance_m: Mapped[int] = mapped_column(Integer)
    """Negative: the source knows no road."""
    duration_s: Mapped[int] = mapped_column(Integer)
