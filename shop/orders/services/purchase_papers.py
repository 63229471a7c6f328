"""A purchase order as a sheet to print and as a list for a spreadsheet program."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shop.catalog.domain.terms import LogisticsPack
from shop.catalog.ports import CellOut, ColumnOut, SheetOut
from shop.catalog.queries import cycles, markets
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.markets import MarketCard
from shop.catalog.queries.offers import OfferCard
from shop.catalog.queries.producers import ProducerCard
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit
from shop.kernel.sheet import Formats, Heading, Translate
from shop.orders.domain.purchase_sheet import Delivery, Party, PurchaseLine, PurchaseSheet
from shop.orders.queries.purchase_orders import PurchaseOrderPage

DOCUMENT = "orders/purchase_order"
"""Name of the printed document; its data is ``{"sheets": [to_print(sheet, …)]}``."""


def read_sheet(
    session: Session,
    page: PurchaseOrderPage,
    *,
    answer_url: str,
    printed_at: datetime,
    translate: Translate,
    formats: Formats,
) -> PurchaseSheet:
    """What a producer has to bring, where and when, ready for paper and spreadsheet."""
    card = page.card
    market = markets.by_id(session, card.market_id)
    cycle = cycles.by_id(session, card.cycle_id)
    producer = page.producer
    return PurchaseSheet(
        purchase_order_id=card.id,
        number=card.number,
        heading=Heading(market.name, cycle.name, cycle.delivers_on, printed_at),
        producer=Party(
            producer.name,
            (producer.address, f"{producer.postcode} {producer.commune}"),
            producer.phone,
            producer.email,
        ),
        buyer=Party(market.name, (), market.phone, market.email),
        delivery=_delivery(market, cycle, producer),
        answer_by=card.answer_by,
        answer_url=answer_url,
        lines=tuple(
            PurchaseLine(
                line_id=line.line_id,
                reference=line.reference,
                product=line.product_name,
                packaging=packaging(line.offer, translate, formats),
                ordered=line.ordered,
                price=line.offer.price,
                total=line.value,
                confirmed=line.confirmed,
            )
            for line in page.lines
        ),
        note=card.note or "",
    )


def packaging(offer: OfferCard, translate: Translate, formats: Formats) -> str:
    """How one piece is packed: « 250 g », « about 1,2 kg »; « kg » for loose goods."""
    _ = translate
    if offer.unit is Unit.GRAM:
        return "kg"
    if offer.unit is Unit.MILLILITER:
        return "l"
    if offer.nominal_g is not None:
        return _("about %(weight)s") % {"weight": formats.quantity(Quantity.grams(offer.nominal_g))}
    if offer.content is not None:
        return formats.quantity(offer.content)
    return _("piece")


def workbook(sheet: PurchaseSheet, translate: Translate, formats: Formats) -> list[SheetOut]:
    """``sheet`` as a list that adds up in a spreadsheet program."""
    _ = translate
    delivery = sheet.delivery
    between = f"{formats.time(delivery.from_at)} – {formats.time(delivery.until_at)}"
    return [
        SheetOut(
            name=sheet.number,
            preamble=(
                (_("Purchase order %(number)s") % {"number": sheet.number}, sheet.heading.market),
                (sheet.producer.name, sheet.heading.cycle),
                (formats.day(formats.local_day(delivery.from_at)), between),
                (_("Please answer before"), formats.weekday_moment(sheet.answer_by)),
                (sheet.answer_url,),
            ),
            columns=(
                ColumnOut(_("Ref.")),
                ColumnOut(_("Product"), 40),
                ColumnOut(_("Packaging"), 16),
                ColumnOut(_("Ordered")),
                ColumnOut(_("Confirmed")),
                ColumnOut(_("Price")),
                ColumnOut(_("Total"), totaled=True),
            ),
            rows=[_row(line) for line in sheet.lines],
        )
    ]


def _row(line: PurchaseLine) -> tuple[CellOut, ...]:
    return (
        line.reference,
        line.product,
        line.packaging,
        line.ordered,
        line.confirmed,
        Money(line.price.cents),
        line.total,
    )


def _delivery(market: MarketCard, cycle: CycleCard, producer: ProducerCard) -> Delivery:
    zone = ZoneInfo(market.timezone)
    from_at = _instant(cycle.collects_on, producer.collect_from_s, zone)
    until_at = _instant(cycle.collects_on, producer.collect_until_s, zone)
    if market.pack is LogisticsPack.FULL:
        address = (producer.address, f"{producer.postcode} {producer.commune}")
        return Delivery(producer.name, from_at, until_at, address, collected=True)
    return Delivery(market.name, from_at, until_at)


def _instant(day: date, seconds: int, zone: ZoneInfo) -> datetime:
    """A time of day in the market's zone, as an instant."""
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return datetime.combine(day, time(hour % 24, minute, second), tzinfo=zone).astimezone(UTC)
