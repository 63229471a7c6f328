"""Orders in the terms of the Data Food Consortium, in any version whose terms we know.

An order line points at goods that wait (line → physical product → stock → place); the order says
where they are handed over (order → pick-up or delivery option → place).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from hashlib import sha256

from shop.adapters.dfc_routes import written
from shop.adapters.linked_data import Graph, Node, read_graph
from shop.kernel.quantity import Quantity, Unit
from shop.logistics.domain.exchange.orders import (
    Fault,
    FileProblem,
    OutsideLine,
    OutsideOrders,
    OutsidePlace,
)
from shop.logistics.domain.exchange.routes import OutsideRoutes
from shop.logistics.domain.planning.goods import TemperatureClass
from shop.logistics.errors import FileRefused

UNITS: dict[str, tuple[Decimal, Unit]] = {
    "milligram": (Decimal("0.001"), Unit.GRAM),
    "gram": (Decimal(1), Unit.GRAM),
    "kilogram": (Decimal(1000), Unit.GRAM),
    "tonne": (Decimal(1_000_000), Unit.GRAM),
    "millilitre": (Decimal(1), Unit.MILLILITER),
    "centilitre": (Decimal(10), Unit.MILLILITER),
    "decilitre": (Decimal(100), Unit.MILLILITER),
    "litre": (Decimal(1000), Unit.MILLILITER),
}
"""Measures of the consortium, as smallest units."""

COUNTED = frozenset(
    {
        "piece", "unit", "package", "pack", "4pack", "6pack", "bag", "basket", "bottle", "box",
        "bunch", "bundle", "can", "carton", "crate", "cup", "dozen", "halfdozen", "jar", "net",
        "packet", "pot", "pouch", "punnet", "tin", "tray", "tub", "tube",
    }
)  # fmt: skip
"""Measures that say how many and not how much: what one weighs is said by the product."""

LONGEST = timedelta(days=13)
"""Opening hours of one file lie within two weeks, or nobody can drive to all on one day."""


class DfcExchange:
    """The ``OrderExchange`` of the application."""

    def read(self, content: bytes) -> OutsideOrders:
        """The orders of a file; every fault in it is told at once.

        Raises:
            FileRefused: ``reason`` says why, ``problems`` where.
        """
        graph = read_graph(content)
        if not graph.vocabulary:
            raise FileRefused(reason="other_ontology")
        reader = _Reader(graph)
        for order in graph.of_type("Order"):
            reader.add(order)
        reader.look_at_hours()
        if reader.problems:
            raise FileRefused(
                reason="problems", problems=[each.plain() for each in reader.problems]
            )
        if not reader.lines:
            raise FileRefused(reason="no_orders")
        return OutsideOrders(
            places=tuple(reader.places.values()),
            lines=tuple(reader.lines),
            vocabulary=graph.vocabulary,
            fingerprint=sha256(content).hexdigest()[:16],
            unweighed=tuple(
                line.id
                for line in reader.lines
                if line.quantity.unit is Unit.PIECE and line.piece_g is None
            ),
        )

    def write(self, orders: OutsideOrders, routes: OutsideRoutes) -> bytes:
        """The routes as a document of its own that points at the things of the orders."""
        return written(orders, routes)


class _FaultyError(Exception):
    """What is wrong with the thing that is looked at."""

    def __init__(self, fault: Fault, value: str = "") -> None:
        super().__init__(fault)
        self.fault = fault
        self.value = value


class _Reader:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.lines: list[OutsideLine] = []
        self.places: dict[str, OutsidePlace] = {}
        self.problems: list[FileProblem] = []
        self.looked_at: set[str] = set()
        self.order = ""
        self.hours: list[tuple[datetime, OutsidePlace]] = []

    def add(self, order: Node) -> None:
        """An order with its lines."""
        self.order = self.graph.text(order, "orderNumber") or order.id
        parts = self.graph.follow(order, "hasPart") or [
            line
            for line in self.graph.of_type("OrderLine")
            if self.graph.text(line, "partOf") == order.id
        ]
        lines = [part for part in parts if "OrderLine" in part.types]
        if not lines:
            self._tell(Fault.NO_LINES)
        option = self.graph.one(order, "selects")
        end = self.graph.one(option, "pickedUpAt", "deliveredAt")
        if end is None:
            self._tell(Fault.NO_DESTINATION)
        handed = None if end is None else self._place(end)
        for line in lines:
            found = self._line(line, order, handed)
            if found is not None:
                self.lines.append(found)

    def _line(self, line: Node, order: Node, handed: OutsidePlace | None) -> OutsideLine | None:
        goods = self.graph.one(line, "fulfilledBy", "isFulfilledBy")
        stock = self.graph.one(goods, "constitutedBy", "constituedBy")
        start = self.graph.one(stock, "isStoredIn", "storedIn")
        if start is None:
            self._tell(Fault.NO_STOCK, line)
        taken = None if start is None else self._place(start)
        amount = None
        try:
            amount = self._quantity(line)
        except _FaultyError as error:
            self._tell(error.fault, line, error.value)
        if stock is None or taken is None or handed is None or amount is None:
            return None
        offer = self.graph.one(line, "concerns")
        item = self.graph.one(offer, "offers")
        product = self.graph.one(item, "references")
        return OutsideLine(
            id=line.id,
            order_id=order.id,
            order_number=self.order,
            stock_id=stock.id,
            from_place=taken.id,
            to_place=handed.id,
            quantity=amount,
            piece_g=self._piece_g(product),
            temperature=self._temperature(product, goods),
            product=self.graph.text(product, "name") or self.graph.text(goods, "name"),
        )

    def _quantity(self, line: Node) -> Quantity:
        said = self.graph.one(line, "hasQuantity")
        number = self.graph.text(said, "value") or self.graph.text(line, "quantity")
        unit = _bare(self.graph.text(said, "hasUnit"))
        if not number:
            raise _FaultyError(Fault.NO_QUANTITY)
        if not unit:
            raise _FaultyError(Fault.NO_UNIT)
        amount = _decimal(number)
        if amount is None:
            raise _FaultyError(Fault.NOT_A_NUMBER, number)
        if amount <= 0:
            raise _FaultyError(Fault.NOT_POSITIVE, number)
        if unit in COUNTED:
            return Quantity.pieces(_whole(amount))
        if unit not in UNITS:
            raise _FaultyError(Fault.UNKNOWN_UNIT, unit)
        scale, smallest = UNITS[unit]
        return Quantity(_whole(amount * scale), smallest)

    def _piece_g(self, product: Node | None) -> int | None:
        said = self.graph.one(product, "hasQuantity")
        unit = UNITS.get(_bare(self.graph.text(said, "hasUnit")))
        amount = _decimal(self.graph.text(said, "value"))
        if unit is None or amount is None or amount <= 0:
            return None
        return _whole(amount * unit[0])

    def _temperature(self, *goods: Node | None) -> TemperatureClass:
        for word, found in (
            ("frozen", TemperatureClass.FROZEN),
            ("refrigerated", TemperatureClass.CHILLED),
        ):
            if any(self.graph.text(each, word).lower() in ("true", "1") for each in goods):
                return found
        return TemperatureClass.AMBIENT

    def _place(self, node: Node) -> OutsidePlace | None:
        """A place, looked at once: its fault is told once too."""
        if node.id not in self.looked_at:
            self.looked_at.add(node.id)
            try:
                self.places[node.id] = self._new_place(node)
            except _FaultyError as error:
                self._tell(error.fault, place=node, value=error.value)
        return self.places.get(node.id)

    def _new_place(self, node: Node) -> OutsidePlace:
        address = self.graph.one(node, "hasAddress") or node
        lon, lat = (_degrees(self.graph.text(address, each)) for each in ("longitude", "latitude"))
        if lon is None or lat is None:
            raise _FaultyError(Fault.NO_COORDINATES)
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise _FaultyError(Fault.OUT_OF_RANGE, f"{lat}, {lon}")
        opens_at, closes_at = self._hours(node)
        if opens_at is not None and closes_at is not None and opens_at > closes_at:
            raise _FaultyError(
                Fault.UPSIDE_DOWN, f"{opens_at.isoformat()} > {closes_at.isoformat()}"
            )
        return OutsidePlace(
            id=node.id,
            lon=lon,
            lat=lat,
            street=self.graph.text(address, "street", "hasStreet"),
            postcode=self.graph.text(address, "postcode", "hasPostalCode"),
            city=self.graph.text(address, "city", "hasCity"),
            opens_at=opens_at,
            closes_at=closes_at,
        )

    def look_at_hours(self) -> None:
        """Opening hours of different weeks cannot be driven on one day."""
        for place in self.places.values():
            told = [at for at in (place.opens_at, place.closes_at) if at is not None]
            self.hours.extend((at, place) for at in told)
        if self.hours and max(self.hours, key=_at)[0] - min(self.hours, key=_at)[0] > LONGEST:
            at, place = max(self.hours, key=_at)
            self.problems.append(FileProblem(Fault.FAR_APART, place=place.id, value=at.isoformat()))

    def _hours(self, node: Node) -> tuple[datetime | None, datetime | None]:
        hours = self.graph.one(node, "isOpeningDuring", "isOpenDuring")
        opens, closes = (self.graph.text(hours, each) for each in ("start", "end"))
        return _instant(opens), _instant(closes)

    def _tell(
        self, fault: Fault, line: Node | None = None, value: str = "", *, place: Node | None = None
    ) -> None:
        self.problems.append(
            FileProblem(
                fault,
                order=self.order,
                line="" if line is None else line.id,
                place="" if place is None else place.id,
                value=value[:80],
            )
        )


def _bare(iri: str) -> str:
    """The name at the end of an address, in small letters."""
    for mark in ("#", "/", ":"):
        iri = iri.rpartition(mark)[2]
    return iri.lower()


def _decimal(text: str) -> Decimal | None:
    """A finite number that a vehicle could carry; None for anything else."""
    try:
        found = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < 10**9 else None


def _whole(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_UP))


def _degrees(text: str) -> float | None:
    found = _decimal(text)
    return None if found is None else float(found)


def _at(told: tuple[datetime, OutsidePlace]) -> datetime:
    return told[0]


def _instant(text: str) -> datetime | None:
    """An instant; one without a zone is meant as UTC."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _FaultyError(Fault.BAD_TIME, text) from error
