"""The demo's sales cycles: what each offers, and when and where its goods can be had."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from shop.catalog.domain.cycle import SALES_CYCLE
from shop.catalog.domain.terms import OptionKind
from shop.catalog.models import Cycle, DeliverySlot, Offer
from shop.demo.catalogue import Catalogue
from shop.demo.files import Entry, load
from shop.demo.market import Ground
from shop.demo.rows import Rows, Values
from shop.demo.weeks import Week, after_midnight, name_of
from shop.kernel.quantity import Unit

HALF_HOUR_S = 1_800
DRIVE_PLACES = 8
HOME_PLACES = 60
HOME_HOURS = ((9, 12), (14, 17), (17, 20))


@dataclass(slots=True)
class Offered:
    """An offer with its product, and what the data says of that."""

    offer: Values
    product: Values
    entry: Entry

    @property
    def left(self) -> int:
        """What can still be ordered, in the order unit."""
        left: int = self.offer["allotted"] - self.offer["committed"]
        return left


@dataclass(slots=True)
class Sale:
    """A cycle with everything that belongs to it."""

    week: Week
    cycle: Values
    offers: list[Offered] = field(default_factory=list)
    relay_slots: dict[int, Values] = field(default_factory=dict)
    """By pick-up point."""
    drive_slots: dict[int, list[Values]] = field(default_factory=lambda: defaultdict(list))
    """By pick-up point."""
    home_slots: list[Values] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    """How much the offers are liked, added up."""


def open_sales(
    rows: Rows, ground: Ground, catalogue: Catalogue, calendar: list[Week], by: int
) -> list[Sale]:
    """Make every cycle with its offers and slots; ``by`` is the person at the desk."""
    special = {each["iso_week"]: each["name_fr"] for each in load("texts")["cycles"]["special"]}
    taken: set[str] = set()
    found = []
    for week in calendar:
        sale = Sale(week, _cycle(rows, ground, week, name_of(week, special, taken), by))
        if week.phase != "coming":
            _offers(rows, sale, catalogue)
        _slots(rows, ground, sale)
        found.append(sale)
    return found


def _cycle(rows: Rows, ground: Ground, week: Week, name: str, by: int) -> Values:
    is_closed = week.phase in {"past", "delivering"}
    cycle = rows.add(
        Cycle,
        market_id=ground.market["id"],
        code=week.code,
        name=name,
        state=SALES_CYCLE.initial,
        opens_at=week.opens_at,
        closes_at=week.closes_at,
        answers_by=week.answers_by,
        collects_on=week.collects_on,
        delivers_on=week.delivers_on,
        closed_at=week.closes_at if is_closed else None,
    )
    events: list[tuple[str, datetime]] = []
    if week.phase != "coming":
        events.append(("open", week.opens_at))
    if is_closed:
        events.append(("close", week.closes_at))
    rows.live(SALES_CYCLE, cycle, events)
    if week.phase == "past":
        archived_at = after_midnight(week.delivers_on + timedelta(days=2), 36_000)
        rows.live(SALES_CYCLE, cycle, [("archive", archived_at)], by=by)
    return cycle


def _offers(rows: Rows, sale: Sale, catalogue: Catalogue) -> None:
    month = sale.week.delivers_on.month
    chance = Random(f"offers {sale.week.delivers_on}")
    for product, entry in catalogue.products:
        if month not in entry["months"]:
            continue
        step = entry["order_step"]
        usual = entry["usual_allotment"] * chance.randint(70, 130) // 100
        offer = rows.add(
            Offer,
            cycle_id=sale.cycle["id"],
            product_id=product["id"],
            price_cents=product["price_cents"],
            unit=Unit(entry["order_unit"]),
            allotted=max(step, usual // step * step),
            held=0,
            committed=0,
        )
        sale.offers.append(Offered(offer, product, entry))
    # A few products are in many baskets, most are in some.
    ranks = list(range(len(sale.offers)))
    chance.shuffle(ranks)
    sale.weights = list(accumulate(1 / (rank + 3) ** 0.9 for rank in ranks))


def _slots(rows: Rows, ground: Ground, sale: Sale) -> None:
    week = sale.week

    def slot(
        kind: OptionKind, place_id: int | None, from_s: int, until_s: int, capacity: int
    ) -> Values:
        return rows.add(
            DeliverySlot,
            cycle_id=sale.cycle["id"],
            option_id=ground.options[kind]["id"],
            pickup_point_id=place_id,
            starts_at=after_midnight(week.delivers_on, from_s),
            ends_at=after_midnight(week.delivers_on, until_s),
            cutoff_at=week.closes_at,
            capacity=capacity,
            taken=0,
        )

    for relay in ground.relays.values():
        hours = ground.pickup_hours[relay["id"]]
        sale.relay_slots[relay["id"]] = slot(
            OptionKind.RELAY, relay["id"], *hours, relay["crate_capacity"]
        )
    for drive in ground.drives:
        from_s, until_s = ground.pickup_hours[drive["id"]]
        for start_s in range(from_s, until_s, HALF_HOUR_S):
            made = slot(OptionKind.DRIVE, drive["id"], start_s, start_s + HALF_HOUR_S, DRIVE_PLACES)
            sale.drive_slots[drive["id"]].append(made)
    for from_hour, until_hour in HOME_HOURS:
        sale.home_slots.append(
            slot(OptionKind.HOME, None, from_hour * 3600, until_hour * 3600, HOME_PLACES)
        )


def make_scarce(sale: Sale) -> None:
    """Leave nothing of some offers that are liked, and little of others."""
    liked = [each for each in sale.offers if each.offer["committed"] >= 3 * _step(each)]
    for place, each in enumerate(sorted(liked, key=lambda one: -one.offer["committed"])[:40]):
        promised = each.offer["committed"]
        left = 0 if place % 3 == 1 else max(1, promised // _step(each) // 10) * _step(each)
        each.offer["allotted"] = promised + left


def _step(each: Offered) -> int:
    step: int = each.entry["order_step"]
    return step
