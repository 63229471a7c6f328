"""A market with a cycle that sells, for tests of baskets, orders and payments."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.models import Person
from shop.catalog.domain.terms import (
    LogisticsPack,
    OptionKind,
    TaxClass,
    TaxRegime,
    TemperatureClass,
)
from shop.catalog.models import (
    Category,
    Cycle,
    DeliveryCommune,
    DeliveryOption,
    DeliverySlot,
    Market,
    MarketProducer,
    Offer,
    PickupPoint,
    Producer,
    Product,
    TaxRate,
)
from shop.catalog.queries import cycles, markets
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.markets import MarketCard
from shop.kernel.quantity import Unit
from shop.orders.queries.basket import Visitor
from shop.orders.services import basket, place_order
from shop.orders.services.place_order import Placed
from shop.orders.services.tenders import CARD_ONLY, Wish

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday morning, while the cycle sells."""

_numbers = itertools.count(1)


@dataclass
class Scene:
    """What a test buys from: two producers, three ways to deliver, one cycle."""

    market: MarketCard
    cycle: CycleCard
    offers: dict[str, int] = field(default_factory=dict)
    """Key by name: chicken (weighed), honey (fixed), carrots (loose), yogurt (deposit)."""
    slots: dict[str, int] = field(default_factory=dict)
    """Key by name: relay, drive, home."""
    producers: list[int] = field(default_factory=list)


def make_scene(
    session: Session, *, allotted: int = 100, capacity: int = 500, now: datetime = NOW
) -> Scene:
    """A market that sells at ``now``, delivers three days later, in the commune 83023."""
    number = next(_numbers)
    market = Market(
        slug=f"marche-{number}",
        name="Marché du Var",
        territory="FR",
        pack=LogisticsPack.FULL,
        email="bonjour@marche.fr",
        phone="04 94 00 00 00",
        texts={},
        terms_version="2026-10",
    )
    session.add(market)
    session.flush()
    cycle = Cycle(
        market_id=market.id,
        code="2026-48",
        name="Semaine 48",
        state="open",
        opens_at=now - timedelta(days=3),
        closes_at=now + timedelta(hours=14),
        answers_by=now + timedelta(days=1),
        collects_on=(now + timedelta(days=3)).date(),
        delivers_on=(now + timedelta(days=3)).date(),
    )
    session.add(cycle)
    session.flush()
    makers = [make_producer(session, market.id, name) for name in ("Ferme des Avens", "Le Rucher")]
    offers = {
        "chicken": make_offer(
            session,
            cycle.id,
            makers[0],
            "Poulet fermier",
            price_cents=1890,
            price_unit=Unit.GRAM,
            nominal_g=1200,
            allotted=allotted,
        ),
        "honey": make_offer(
            session,
            cycle.id,
            makers[1],
            "Miel de lavande",
            price_cents=950,
            content_amount=500,
            content_unit=Unit.GRAM,
            allotted=allotted,
        ),
        "carrots": make_offer(
            session,
            cycle.id,
            makers[0],
            "Carottes",
            price_cents=280,
            price_unit=Unit.GRAM,
            unit=Unit.GRAM,
            step=100,
            allotted=allotted * 1000,
        ),
        "yogurt": make_offer(
            session,
            cycle.id,
            makers[0],
            "Yaourt de brebis",
            price_cents=320,
            deposit_cents=20,
            content_amount=400,
            content_unit=Unit.GRAM,
            allotted=allotted,
        ),
    }
    return Scene(
        market=markets.by_id(session, market.id),
        cycle=cycles.by_id(session, cycle.id),
        offers=offers,
        slots=_make_slots(session, market.id, cycle.id, capacity, now),
        producers=makers,
    )


def make_producer(
    session: Session, market_id: int, name: str, *, regime: TaxRegime = TaxRegime.RSA
) -> int:
    """A producer of a market; its key."""
    producer = Producer(
        slug=f"producteur-{next(_numbers)}",
        name=name,
        sort_key=name.lower(),
        contact_name="Camille Roux",
        email="ferme@exemple.fr",
        phone="06 00 00 00 00",
        address="Chemin des Avens",
        postcode="83170",
        commune="Brignoles",
        commune_insee="83023",
        lon=6.06,
        lat=43.4,
        texts={},
        grows="",
        labels=[],
        picture="farm",
        siret="73282932000074",
        tax_regime=regime,
        collect_from_s=6 * 3600,
        collect_until_s=9 * 3600,
    )
    session.add(producer)
    session.flush()
    session.add(MarketProducer(market_id=market_id, producer_id=producer.id))
    session.flush()
    return producer.id


def make_offer(
    session: Session,
    cycle_id: int,
    producer_id: int,
    name: str,
    *,
    price_cents: int,
    price_unit: Unit = Unit.PIECE,
    unit: Unit = Unit.PIECE,
    step: int = 1,
    allotted: int = 100,
    nominal_g: int | None = None,
    content_amount: int | None = None,
    content_unit: Unit | None = None,
    deposit_cents: int = 0,
) -> int:
    """A product and its offer in a cycle; the key of the offer."""
    product = Product(
        producer_id=producer_id,
        category_id=_category(session),
        reference=f"R{next(_numbers)}",
        slug="produit",
        name=name,
        sort_key=name.lower(),
        search_text=name.lower(),
        order_unit=unit,
        order_step=step,
        price_unit=price_unit,
        price_cents=price_cents,
        content_amount=content_amount,
        content_unit=content_unit,
        nominal_g=nominal_g,
        min_g=nominal_g and nominal_g - 300,
        max_g=nominal_g and nominal_g + 300,
        deposit_cents=deposit_cents,
        tax_class=TaxClass.FOOD,
        temperature_class=TemperatureClass.CHILLED,
        labels=[],
        allergens=[],
        picture="carrot",
    )
    session.add(product)
    session.flush()
    offer = Offer(
        cycle_id=cycle_id,
        product_id=product.id,
        price_cents=price_cents,
        unit=unit,
        allotted=allotted,
    )
    session.add(offer)
    session.flush()
    return offer.id


def make_person(session: Session, name: str = "Jeanne Martin", *, email: str = "") -> int:
    """Somebody with an account; their key. Nobody knows the password."""
    person = Person(
        email=email or f"personne-{next(_numbers)}@exemple.fr", password_hash="!", name=name
    )
    session.add(person)
    session.flush()
    return person.id


def make_order(
    session: Session,
    scene: Scene,
    wanted: dict[str, int] | None = None,
    *,
    slot: str = "relay",
    person_id: int | None = None,
    at: datetime = NOW,
    name: str = "Jeanne Martin",
    wish: Wish = CARD_ONLY,
) -> Placed:
    """An order that waits for its payment, made the way people make one."""
    visitor = Visitor(person_id=person_id)
    amounts = {
        scene.offers[key]: amount for key, amount in (wanted or {"chicken": 1, "honey": 2}).items()
    }
    kept = basket.set_lines(session, visitor, scene.market, scene.cycle, amounts, at)
    fill_in(session, scene, kept.basket_id, slot=slot, name=name)
    return place_order.place(
        session,
        Visitor(token=kept.token, person_id=person_id),
        scene.market,
        scene.cycle,
        kept.basket_id,
        language="fr",
        terms_accepted=True,
        now=at,
        wish=wish,
    )


def fill_in(
    session: Session,
    scene: Scene,
    basket_id: int,
    *,
    slot: str = "relay",
    name: str = "Jeanne Martin",
) -> None:
    """Say of a basket how it shall come and for whom."""
    home = slot == "home"
    basket.choose_delivery(
        session,
        basket_id,
        slot_id=scene.slots[slot],
        postcode="83170" if home else None,
        commune="Brignoles" if home else None,
        commune_insee="83023" if home else None,
        lon=6.06 if home else None,
        lat=43.4 if home else None,
    )
    basket.note_contact(
        session,
        basket_id,
        name=name,
        email="jeanne@exemple.fr",
        phone="0611223344",
        address="3 rue des Tilleuls" if home else None,
    )


def _category(session: Session) -> int:
    found = session.scalar(select(Category.id).where(Category.slug == "divers"))
    if found is not None:
        return found
    category = Category(
        slug="divers",
        name_fr="Divers",
        name_en="Other",
        position=1,
        tax_class=TaxClass.FOOD,
        temperature_class=TemperatureClass.AMBIENT,
        picture="basket",
    )
    session.add(category)
    if session.scalar(select(TaxRate.id).limit(1)) is None:
        session.add_all(
            TaxRate(tax_class=kind, rate_bp=rate, valid_from=date(2014, 1, 1))
            for kind, rate in (
                (TaxClass.FOOD, 550),
                (TaxClass.PREPARED, 1000),
                (TaxClass.FULL, 2000),
            )
        )
    session.flush()
    return category.id


def _make_slots(
    session: Session, market_id: int, cycle_id: int, capacity: int, now: datetime
) -> dict[str, int]:
    starts_at = datetime.combine((now + timedelta(days=3)).date(), time(15), UTC)
    made = {}
    for kind, minimum, fee, free_from in (
        (OptionKind.RELAY, 1500, 0, None),
        (OptionKind.DRIVE, 1000, 150, None),
        (OptionKind.HOME, 2500, 490, 6000),
    ):
        option = DeliveryOption(
            market_id=market_id,
            kind=kind,
            texts={"name": {"fr": kind.value, "en": kind.value}},
            minimum_cents=minimum,
            fee_cents=fee,
            free_from_cents=free_from,
        )
        session.add(option)
        session.flush()
        point = None
        if kind is OptionKind.HOME:
            session.add(DeliveryCommune(option_id=option.id, insee="83023"))
        else:
            point = PickupPoint(
                market_id=market_id,
                slug=f"{kind.value}-{next(_numbers)}",
                kind=kind,
                name=f"Point {kind.value}",
                sort_key=f"point {kind.value}",
                host_name="Odile",
                phone="04 94 00 00 01",
                address="Place Carami",
                postcode="83170",
                commune="Brignoles",
                commune_insee="83023",
                lon=6.061,
                lat=43.405,
                texts={},
                has_cold=True,
                crate_capacity=60,
                deliver_from_s=14 * 3600,
                deliver_until_s=17 * 3600,
                service_s=600,
            )
            session.add(point)
            session.flush()
        slot = DeliverySlot(
            cycle_id=cycle_id,
            option_id=option.id,
            pickup_point_id=point.id if point else None,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=3),
            cutoff_at=now + timedelta(hours=14),
            capacity=capacity,
        )
        session.add(slot)
        session.flush()
        made[kind.value] = slot.id
    return made
