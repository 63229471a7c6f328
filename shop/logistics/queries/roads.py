"""What is known of roads without asking anybody: the kept answers of the last map that answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.logistics.domain.planning.problem import Place
from shop.logistics.domain.planning.travel import ESTIMATE, estimate_travel
from shop.logistics.domain.roads import Filled, Point, RoadTable, distinct, filled, key_of
from shop.logistics.models import RoadLeg, RoadMap


@dataclass(frozen=True, slots=True)
class MapCard:
    """A map whose answers are kept."""

    id: int
    source: str
    data_date: str
    answered_at: datetime


def last_map(session: Session) -> MapCard | None:
    """The map that answered last; None when no road server ever did."""
    row = session.execute(
        select(RoadMap.id, RoadMap.source, RoadMap.data_date, RoadMap.answered_at)
        .order_by(RoadMap.answered_at.desc(), RoadMap.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else MapCard(*row)


def kept(session: Session, map_id: int, points: Sequence[Point]) -> RoadTable:
    """What is kept of a map between ``points``, each rounded and once; one question."""
    table = RoadTable.empty(len(points), len(points))
    keys = [key_of(point) for point in points]
    column = {key: at for at, key in enumerate(keys)}
    rows = session.execute(
        select(
            RoadLeg.from_key,
            func.array_agg(RoadLeg.to_key),
            func.array_agg(RoadLeg.distance_m),
            func.array_agg(RoadLeg.duration_s),
        )
        .where(RoadLeg.map_id == map_id, RoadLeg.from_key.in_(keys), RoadLeg.to_key.in_(keys))
        .group_by(RoadLeg.from_key)
    )
    for from_key, to_keys, meters, seconds in rows:
        at = [column[key] for key in to_keys]
        row = column[from_key]
        table.distance_m[row, at] = meters
        table.duration_s[row, at] = seconds
    np.fill_diagonal(table.distance_m, 0)
    np.fill_diagonal(table.duration_s, 0)
    return table


def between(session: Session, places: Sequence[Place]) -> Filled:
    """The matrix between ``places``: kept roads, the estimate where there are none.

    Never leaves this machine, so that a page may ask. :mod:`shop.logistics.services.roads` asks
    the road servers beforehand.
    """
    estimate = estimate_travel(places)
    points, at = distinct([(place.lon, place.lat) for place in places])
    found = last_map(session)
    if found is None:
        nothing = RoadTable.empty(len(places), len(places))
        return filled(nothing, estimate, ESTIMATE, "")
    table = kept(session, found.id, points)
    whole = RoadTable(table.distance_m[np.ix_(at, at)], table.duration_s[np.ix_(at, at)])
    return filled(whole, estimate, found.source, found.data_date)
