"""The sheets of a cycle, filled from its goods: picking three ways, labels, relay lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from shop.catalog.queries.delivery import PickupCard
from shop.kernel.quantity import Quantity
from shop.logistics.domain.sheets import (
    crate_labels,
    picking_by_order,
    picking_by_producer,
    picking_by_product,
    relay_sheet,
)
from shop.logistics.queries.cycle_goods import CrateCard, CycleGoods
from shop.orders.queries.demand import OrderLoad
from shop.orders.queries.lines import PickLine

Packaging = Callable[[PickLine], str]
"""How one piece is packed, in the reader's language: « 250 g », « about 1.4 kg », « loose »."""


def by_order(goods: CycleGoods, packaging: Packaging) -> picking_by_order.PickingByOrder:
    """One block per order, in loading order."""
    return picking_by_order.PickingByOrder(
        heading=goods.heading,
        orders=tuple(_order(goods, load, packaging) for load in goods.in_loading_order()),
    )


def by_product(goods: CycleGoods, packaging: Packaging) -> picking_by_product.PickingByProduct:
    """One block per product: who wants how much of it."""
    wanted: dict[int, list[tuple[OrderLoad, PickLine]]] = defaultdict(list)
    for load in goods.in_loading_order():
        for line in goods.lines[load.order_id]:
            wanted[line.offer_id].append((load, line))
    products = []
    for shares in wanted.values():
        line = shares[0][1]
        products.append(
            picking_by_product.ProductToPick(
                product=line.product_name,
                packaging=packaging(line),
                producer=goods.makers[line.producer_id].name,
                zone="",
                temperature=line.temperature_class,
                shares=tuple(
                    picking_by_product.ProductShare(
                        order_line_id=each.line_id,
                        order_number=load.number,
                        customer=load.contact_name,
                        place=goods.place_of(load),
                        quantity=Quantity(each.expected, each.unit),
                        crate=_crate_for(goods, each),
                        picked=_picked(each),
                    )
                    for load, each in shares
                ),
                reference=line.reference,
                by_weight=line.is_weighed,
            )
        )
    products.sort(key=lambda p: (_RANK[p.temperature], p.producer, p.product))
    return picking_by_product.PickingByProduct(goods.heading, tuple(products))


def by_producer(goods: CycleGoods, packaging: Packaging) -> picking_by_producer.PickingByProducer:
    """One block per producer: what should come."""
    wanted: dict[int, dict[int, list[PickLine]]] = defaultdict(lambda: defaultdict(list))
    for found in goods.lines.values():
        for line in found:
            wanted[line.producer_id][line.offer_id].append(line)
    producers = []
    for producer_id, offers in wanted.items():
        maker = goods.makers[producer_id]
        products = [_expected(offer, packaging) for offer in offers.values()]
        products.sort(key=lambda p: (_RANK[p.temperature], p.product))
        producers.append(
            picking_by_producer.ProducerGoods(
                producer_id=producer_id,
                producer=maker.name,
                purchase_order=f"{goods.market.id}-{goods.cycle.code}-{producer_id:03d}",
                products=tuple(products),
                phone=maker.phone,
                arrival=maker.commune,
            )
        )
    producers.sort(key=lambda p: p.producer)
    return picking_by_producer.PickingByProducer(goods.heading, tuple(producers))


def labels(
    goods: CycleGoods, address: Callable[[str], str], skip: int = 0
) -> crate_labels.CrateLabels:
    """A label for each crate, in loading order; ``address`` is what the code of a crate opens."""
    found = []
    for load in goods.in_loading_order():
        passage = goods.passages.get(load.order_id)
        for crate in goods.crates.get(load.order_id, []):
            found.append(
                crate_labels.CrateLabel(
                    crate_id=crate.id,
                    number=crate.code,
                    url=address(crate.code),
                    order_number=load.number,
                    customer=load.contact_name,
                    place=goods.place_of(load),
                    rank=crate.position,
                    count=crate.total,
                    temperature=crate.temperature_class,
                    round_name=passage.round_name if passage else "",
                    stop_rank=passage.rank if passage else None,
                )
            )
    return crate_labels.CrateLabels(goods.heading, tuple(found), skip)


def relay_list(goods: CycleGoods, point: PickupCard) -> relay_sheet.RelaySheet:
    """Who fetches what at one pick-up point."""
    loads = [load for load in goods.orders.values() if load.pickup_point_id == point.id]
    first = min((load.slot_starts_at for load in loads), default=None)
    last = max((load.slot_ends_at for load in loads), default=None)
    arrivals = [
        goods.passages[load.order_id].arrives_at
        for load in loads
        if load.order_id in goods.passages
    ]
    return relay_sheet.RelaySheet(
        relay_id=point.id,
        relay=point.name,
        heading=goods.heading,
        orders=tuple(_relay_order(goods, load) for load in loads),
        address=(point.address, f"{point.postcode} {point.commune}"),
        host=point.host_name,
        arrives_at=min(arrivals, default=None),
        opens_at=first,
        closes_at=last,
        desk_phone=goods.market.phone,
    )


_RANK = {"ambient": 0, "chilled": 1, "frozen": 2}


def _relay_order(goods: CycleGoods, load: OrderLoad) -> relay_sheet.RelayOrder:
    first_name, _, surname = load.contact_name.partition(" ")
    return relay_sheet.RelayOrder(
        order_id=load.order_id,
        number=load.number,
        surname=surname or first_name,
        first_name=first_name if surname else "",
        crates=tuple(
            relay_sheet.RelayCrate(crate.id, crate.code, crate.temperature_class)
            for crate in goods.crates.get(load.order_id, [])
        ),
        phone=load.contact_phone,
        due=goods.due.get(load.order_id),
    )


def _order(goods: CycleGoods, load: OrderLoad, packaging: Packaging) -> picking_by_order.PickOrder:
    passage = goods.passages.get(load.order_id)
    return picking_by_order.PickOrder(
        order_id=load.order_id,
        number=load.number,
        customer=load.contact_name,
        place=goods.place_of(load),
        crates=tuple(
            picking_by_order.PickCrate(
                crate.id, crate.code, crate.position, crate.total, crate.temperature_class
            )
            for crate in goods.crates.get(load.order_id, [])
        ),
        lines=tuple(
            picking_by_order.PickLine(
                order_line_id=line.line_id,
                product=line.product_name,
                packaging=packaging(line),
                producer=goods.makers[line.producer_id].name,
                zone=goods.makers[line.producer_id].name,
                temperature=line.temperature_class,
                quantity=Quantity(line.expected, line.unit),
                reference=line.reference,
                by_weight=line.is_weighed,
                lightest=None if line.min_g is None else Quantity.grams(line.min_g * line.expected),
                heaviest=None if line.max_g is None else Quantity.grams(line.max_g * line.expected),
                crate=_crate_for(goods, line),
                picked=_picked(line),
            )
            for line in goods.lines[load.order_id]
        ),
        round_name=passage.round_name if passage else "",
        stop_rank=passage.rank if passage else None,
        leaves_at=passage.leaves_at if passage else None,
        note=load.note or "",
    )


def _expected(offer: list[PickLine], packaging: Packaging) -> picking_by_producer.ExpectedProduct:
    line = offer[0]
    answered = all(each.confirmed is not None for each in offer)
    return picking_by_producer.ExpectedProduct(
        product=line.product_name,
        packaging=packaging(line),
        zone="",
        temperature=line.temperature_class,
        ordered=Quantity(sum(each.ordered for each in offer), line.unit),
        orders=len(offer),
        reference=line.reference,
        confirmed=(Quantity(sum(each.expected for each in offer), line.unit) if answered else None),
    )


def _crate_for(goods: CycleGoods, line: PickLine) -> str:
    """The crate of a line where there is only one of its temperature class."""
    fitting: list[CrateCard] = [
        crate
        for crate in goods.crates.get(line.order_id, [])
        if crate.temperature_class is line.temperature_class
    ]
    return f"{fitting[0].position}/{fitting[0].total}" if len(fitting) == 1 else ""


def _picked(line: PickLine) -> Quantity | None:
    if line.picked is None:
        return None
    if line.picked_g is not None:
        return Quantity.grams(line.picked_g)
    return Quantity(line.picked, line.unit)
