"""What the logistics need from outside: who knows the roads, who speaks to other platforms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from shop.logistics.domain.exchange.orders import OutsideOrders
from shop.logistics.domain.exchange.routes import OutsideRoutes
from shop.logistics.domain.roads import Point, RoadTable


class RoadSource(Protocol):
    """One server, or one map read here, that knows distances and times by road."""

    @property
    def name(self) -> str:
        """What it is called where its answers are kept: « osrm », « valhalla »."""

    @property
    def largest(self) -> int:
        """How many places one question may have on a side."""

    def data_date(self, near: Point) -> str:
        """Of which day its map is, as far as it says; a word that changes when the map does.

        Raises:
            GatewayUnavailable: it does not answer.
            GatewayRefused: it answers, but not as a road server does.
        """

    def table(self, rows: Sequence[Point], columns: Sequence[Point]) -> RoadTable:
        """Meters and seconds from each row to each column; ``NO_ROAD`` where it knows none.

        Raises:
            GatewayUnavailable: it does not answer in time.
            GatewayRefused: it will not; ``too_large`` among the facts when fewer may be asked.
        """


class RoadMatrix(Protocol):
    """Every source of road distances of this installation, the one to ask first in front."""

    @property
    def sources(self) -> Sequence[RoadSource]:
        """In the order of the settings; empty: distances are estimated."""


class OrderExchange(Protocol):
    """Whoever reads orders as another platform writes them, and writes routes as it reads them."""

    def read(self, content: bytes) -> OutsideOrders:
        """The orders of a file.

        Raises:
            FileRefused: it cannot be used; ``problems`` name each order, line and place at fault.
        """

    def write(self, orders: OutsideOrders, routes: OutsideRoutes) -> bytes:
        """The routes found for ``orders``; the same ones give the same bytes."""
