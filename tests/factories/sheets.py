"""Sheets as a market in Provence fills them: long names, accents, many lines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shop.catalog.domain.terms import TemperatureClass
from shop.infra.formats import LocaleFormats
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice
from shop.kernel.sheet import Heading
from shop.logistics.domain.sheets.crate_labels import CrateLabel, CrateLabels
from shop.logistics.domain.sheets.picking_by_order import (
    PickCrate,
    PickingByOrder,
    PickLine,
    PickOrder,
)
from shop.logistics.domain.sheets.picking_by_producer import (
    ExpectedProduct,
    PickingByProducer,
    ProducerGoods,
)
from shop.logistics.domain.sheets.picking_by_product import (
    PickingByProduct,
    ProductShare,
    ProductToPick,
)
from shop.logistics.domain.sheets.relay_sheet import RelayCrate, RelayOrder, RelaySheet
from shop.logistics.domain.sheets.round_sheet import (
    CompartmentLimit,
    CrateCount,
    RoundSheet,
    RoundStop,
    StopCrate,
    StopOrder,
)
from shop.logistics.domain.sheets.words import StopKind
from shop.orders.domain.purchase_sheet import Delivery, Party, PurchaseLine, PurchaseSheet

FRENCH = LocaleFormats("fr", ZoneInfo("Europe/Paris"))
ENGLISH = LocaleFormats("en", ZoneInfo("Europe/Paris"))
CLASSES = (TemperatureClass.AMBIENT, TemperatureClass.CHILLED, TemperatureClass.FROZEN)
HEADING = Heading(
    market="Marché paysan de la Provence Verte",
    cycle="Semaine 48",
    delivery_on=date(2026, 11, 26),
    printed_at=datetime(2026, 11, 24, 5, 12, tzinfo=UTC),
)
FARMS = (
    "GAEC des Trois Chênes",
    "La Ferme du Vallon de l’Œuf",
    "EARL Bœuf & Compagnie",
    "Chèvrerie de la Haute Bastide — Marie-Françoise Delacroix-Beaumont",
)
PRODUCTS = (
    ("Tomate cœur de bœuf", "kg", Unit.GRAM, "Légumes", 0),
    ("Œufs plein air calibre moyen", "boîte de 6", Unit.PIECE, "Épicerie", 0),
    ("Crottin de chèvre mi-sec", "pièce", Unit.PIECE, "Chambre froide 1", 1),
    (
        "Poulet fermier prêt à cuire, abattu à la ferme, élevé 110 jours en plein air",
        "≈ 1,8 kg",
        Unit.GRAM,
        "Chambre froide 2",
        1,
    ),
    ("Steaks hachés surgelés", "sachet de 4 × 125 g", Unit.PIECE, "Congélateur", 2),
)
PEOPLE = (
    ("Gœury-Lefèvre", "Anne-Sophie"),
    ("de la Rochefoucauld-Montbazon", "Marie-Charlotte"),
    ("Œillet", "Maël"),
    ("N’Guyen", "Thị Hương"),
    ("Özdemir", "Gül"),
    ("Bénézet", "Loïc"),
)
PLACES = (
    "Épicerie du Cours, Brignoles",
    "Maison de la Presse « Le Papyrus », Saint-Maximin-la-Sainte-Baume",
    "Cotignac",
)


def at(hour: int, minute: int = 0, day: int = 26) -> datetime:
    """An instant of that winter week, given as the clock in Provence shows it."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


def person(index: int) -> str:
    surname, first_name = PEOPLE[index % len(PEOPLE)]
    return f"{first_name} {surname}"


def quantity(index: int, unit: Unit) -> Quantity:
    return Quantity(250 + 123 * (index % 17) if unit is Unit.GRAM else 1 + index % 12, unit)


def purchase_sheet(lines: int = 40) -> PurchaseSheet:
    def line(index: int) -> PurchaseLine:
        product, packaging, unit, _, _ = PRODUCTS[index % len(PRODUCTS)]
        price = UnitPrice(1890 - index, unit)
        ordered = quantity(index, unit) * 8
        return PurchaseLine(
            line_id=index,
            reference=f"R{1000 + index}",
            product=product,
            packaging=packaging,
            ordered=ordered,
            price=price,
            total=price.of(ordered),
            note="Bien mûres" if index == 2 else "",
            confirmed=ordered if index == 5 else None,
        )

    return PurchaseSheet(
        purchase_order_id=480,
        number="BC-2026-0480",
        heading=HEADING,
        producer=Party(FARMS[3], ("2310, route de Mazaugues", "83136 La Roquebrussanne")),
        buyer=Party(HEADING.market, ("83170 Brignoles",), "04 94 00 00 00", "bonjour@example.org"),
        delivery=Delivery("Quai 2, Brignoles", at(7, day=25), at(8, 30, 25)),
        answer_by=at(14, day=24),
        answer_url="https://provence.example/fr/bons/8Zk2-Qm41-Xr97",
        lines=tuple(line(index) for index in range(lines)),
        note="Merci pour les courges de la semaine dernière !",
    )


def pick_line(index: int) -> PickLine:
    product, packaging, unit, zone, kept = PRODUCTS[index % len(PRODUCTS)]
    wanted = quantity(index, unit)
    weighed = unit is Unit.GRAM
    return PickLine(
        order_line_id=index,
        product=product,
        packaging=packaging,
        producer=FARMS[index % len(FARMS)],
        zone=zone,
        temperature=CLASSES[kept],
        quantity=wanted,
        by_weight=weighed,
        lightest=Quantity.grams(wanted.amount * 8 // 10) if weighed else None,
        heaviest=Quantity.grams(wanted.amount * 115 // 100) if weighed else None,
        crate=f"C{9000 + kept}",
        note="Pas trop mûres" if index % 11 == 3 else "",
    )


def pick_order(index: int, lines: int = 12) -> PickOrder:
    return PickOrder(
        order_id=index,
        number=str(1040 + index),
        customer=person(index),
        place=PLACES[index % len(PLACES)],
        crates=tuple(
            PickCrate(3 * index + rank, f"C{9000 + 3 * index + rank}", rank + 1, 3, CLASSES[rank])
            for rank in range(3)
        ),
        lines=tuple(pick_line(index * 7 + place) for place in range(lines)),
        round_name="Brignoles nord",
        stop_rank=1 + index,
        leaves_at=at(6, 40),
        note="Allergique aux fruits à coque : ne rien substituer." if index == 1 else "",
    )


def picking_by_order(orders: int = 4) -> PickingByOrder:
    return PickingByOrder(
        HEADING, tuple(pick_order(index, 40 if index == 2 else 12) for index in range(orders))
    )


def picking_by_product(orders: int = 60) -> PickingByProduct:
    def product(index: int) -> ProductToPick:
        name, packaging, unit, zone, kept = PRODUCTS[index]
        return ProductToPick(
            product=name,
            packaging=packaging,
            producer=FARMS[index % len(FARMS)],
            zone=zone,
            temperature=CLASSES[kept],
            by_weight=unit is Unit.GRAM,
            shares=tuple(
                ProductShare(
                    order_line_id=order,
                    order_number=str(1040 + order),
                    customer=person(order),
                    place=PLACES[order % len(PLACES)],
                    quantity=quantity(order, unit),
                    crate=f"C{9000 + order}",
                )
                for order in range(orders if index == 0 else 2)
            ),
        )

    return PickingByProduct(HEADING, tuple(product(index) for index in range(len(PRODUCTS))))


def picking_by_producer(products: int = 40) -> PickingByProducer:
    def expected(index: int) -> ExpectedProduct:
        product, packaging, unit, zone, kept = PRODUCTS[index % len(PRODUCTS)]
        ordered = quantity(index, unit) * 7
        return ExpectedProduct(
            product=product,
            packaging=packaging,
            zone=zone,
            temperature=CLASSES[kept],
            ordered=ordered,
            orders=7,
            reference=f"R{1000 + index}",
            confirmed=ordered - Quantity(1, unit) if index % 5 == 0 else None,
        )

    return PickingByProducer(
        HEADING,
        tuple(
            ProducerGoods(
                producer_id=rank,
                producer=farm,
                purchase_order=f"BC-2026-{480 + rank}",
                products=tuple(expected(index) for index in range(products if rank == 1 else 3)),
                phone="06 12 34 56 78",
                arrival="Tournée de collecte 2 vers 07:40",
            )
            for rank, farm in enumerate(FARMS)
        ),
    )


def crate_url(index: int) -> str:
    return f"https://provence.example/fr/caisses/K7Q2M9XD{index:04}"


def crate_labels(labels: int = 19, skip: int = 3) -> CrateLabels:
    return CrateLabels(
        HEADING,
        tuple(
            CrateLabel(
                crate_id=9000 + index,
                number=f"C{9000 + index}",
                url=crate_url(index),
                order_number=str(1040 + index),
                customer=person(index),
                place=PLACES[index % len(PLACES)],
                rank=1 + index % 3,
                count=3,
                temperature=CLASSES[index % 3],
                round_name="Sainte-Baume et vallée de l’Huveaune" if index % 2 else "",
                stop_rank=index if index % 2 else None,
                note="Fragile : œufs" if index == 1 else "",
            )
            for index in range(labels)
        ),
        skip,
    )


def round_stop(rank: int, kind: StopKind, orders: int = 0) -> RoundStop:
    handed = tuple(
        StopOrder(
            order_id=100 * rank + index,
            number=str(1040 + 100 * rank + index),
            customer=person(index),
            crates=tuple(
                StopCrate(0, f"C{1000 * rank + 3 * index + kept}", CLASSES[kept])
                for kept in range(1 + index % 3)
            ),
        )
        for index in range(orders)
    )
    counts = tuple(
        CrateCount(
            kept, sum(crate.temperature is kept for order in handed for crate in order.crates)
        )
        for kept in CLASSES
    )
    if kind is StopKind.FARM:
        counts = (CrateCount(TemperatureClass.CHILLED, 12, weight_g=86_500),)
    return RoundStop(
        stop_id=rank,
        rank=rank,
        kind=kind,
        name=PLACES[rank % len(PLACES)] if orders != 1 else person(rank),
        planned_at=at(7 + rank, 13),
        address=("1284, chemin du Vallon de la Font de l’Orme", "83170 Brignoles"),
        phone="06 12 34 56 78",
        access="Portail vert, code 4A-1927" if kind is StopKind.HOME else "",
        window_from_at=at(7 + rank),
        window_until_at=at(8 + rank),
        crates=counts,
        orders=handed,
        to_collect=Money(1250) if kind is StopKind.HOME else None,
        note="Le chien est gentil." if kind is StopKind.HOME else "",
    )


def round_sheet() -> RoundSheet:
    return RoundSheet(
        round_id=3,
        name="Brignoles nord",
        heading=HEADING,
        vehicle="Fourgon frigorifique 2",
        plate="FZ-218-KD",
        driver="Jean-Baptiste Lœuillet",
        departs_at=at(6, 40),
        departs_from="Plateforme de Brignoles, quai 2",
        stops=(
            round_stop(1, StopKind.FARM),
            round_stop(2, StopKind.RELAY, 44),
            round_stop(3, StopKind.HOME, 1),
            round_stop(4, StopKind.BREAK),
            round_stop(5, StopKind.DRIVE, 9),
        ),
        compartments=(
            CompartmentLimit(TemperatureClass.FROZEN, -200, -180),
            CompartmentLimit(TemperatureClass.CHILLED, 20, 40),
            CompartmentLimit(TemperatureClass.AMBIENT),
        ),
        returns_at=at(13, 25),
        distance_m=142_600,
        desk_phone="04 94 00 00 00",
        url="https://provence.example/fr/tournees/3",
        note="Travaux sur la D560 : passer par Bras.",
    )


def relay_order(index: int) -> RelayOrder:
    surname, first_name = PEOPLE[index % len(PEOPLE)]
    return RelayOrder(
        order_id=index,
        number=str(1040 + index),
        surname=surname,
        first_name=first_name,
        crates=tuple(
            RelayCrate(index, f"C{9000 + 3 * index + kept}", CLASSES[kept])
            for kept in range(1 + index % 3)
        ),
        phone="06 12 34 56 78",
        due=Money(1250) if index == 4 else None,
        note="Vient : sa voisine Mme Cœurderoy" if index == 7 else "",
    )


def relay_sheet(orders: int = 60) -> RelaySheet:
    return RelaySheet(
        relay_id=1,
        relay=PLACES[1],
        heading=HEADING,
        orders=tuple(relay_order(index) for index in range(orders)),
        address=("12, place Malherbe", "83470 Saint-Maximin-la-Sainte-Baume"),
        host="Sandrine Faÿ",
        arrives_at=at(9, 40),
        opens_at=at(16),
        closes_at=at(19, 30),
        desk_phone="04 94 00 00 00",
        note="Les caisses fraîches vont dans le frigo de la réserve.",
    )
