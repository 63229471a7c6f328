"""A statement as paper and as a spreadsheet, in words that a farmer reads line by line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shop.billing.domain.statement import LineEntry, OtherEntry
from shop.billing.queries.settlements import SettlementPage
from shop.catalog.ports import CellOut, ColumnOut, SheetOut, SpreadsheetWriter
from shop.catalog.queries import markets, producers
from shop.catalog.queries.markets import MarketCard
from shop.catalog.queries.producers import ProducerCard
from shop.infra.formats import LocaleFormats
from shop.infra.ports import port
from shop.infra.printing import Printer
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice
from shop.kernel.sheet import Heading, Translate, print_heading
from shop.orders.domain.terms import FeeKind

DOCUMENT = "billing/settlement"


@dataclass(frozen=True, slots=True)
class Papers:
    """What is made of a statement, when it is wanted."""

    data: dict[str, Any]
    sheets: list[SheetOut]

    def pdf(self) -> bytes:
        """The paper."""
        return port(Printer).print(DOCUMENT, self.data)

    def xlsx(self) -> bytes:
        """The spreadsheet."""
        return port(SpreadsheetWriter).write_xlsx(self.sheets)


def papers(session: Session, page: SettlementPage, language: str, _: Translate) -> Papers:
    """The paper and the spreadsheet of a statement."""
    market = markets.by_id(session, page.card.market_id)
    producer = producers.by_id(session, page.card.producer_id)
    formats = LocaleFormats(language, ZoneInfo(market.timezone))
    data = to_print(page, market, producer, _, formats)
    return Papers({"sheets": [data]}, workbook(page, market, producer, _, formats))


def fee_names(_: Translate) -> dict[FeeKind, str]:
    """Fees as statements name them."""
    return {
        FeeKind.PLATFORM: _("Platform fee"),
        FeeKind.MARKET: _("Market fee"),
        FeeKind.PREPARER: _("Preparation"),
        FeeKind.TRANSPORT: _("Transport"),
        FeeKind.RELAY: _("Relay points"),
    }


def entry_names(_: Translate) -> dict[str, str]:
    """What else happened on a producer's account."""
    return {
        "refund": _("Given back to the customer"),
        "refund_bounced": _("A refund that did not arrive"),
        "payout": _("Paid to you"),
        "payout_refused": _("A payment to you that did not arrive"),
        "payout_reversed": _("Taken back from an earlier payment"),
        "dispute": _("Contested by the customer’s bank"),
    }


def shortage_names(_: Translate) -> dict[str, str]:
    """Why a line is short."""
    return {
        "not_supplied": _("not supplied"),
        "damaged": _("damaged"),
        "quality": _("not good enough"),
        "lost": _("lost"),
        "under_weight": _("under weight"),
    }


def reason_names(_: Translate) -> dict[str, str]:
    """Why a customer got money back."""
    return {
        "missing": _("missing"),
        "damaged": _("damaged"),
        "quality": _("not good enough"),
        "wrong": _("something else was delivered"),
        "late": _("late"),
        "withdrawn": _("the customer withdrew"),
        "goodwill": _("goodwill"),
        "other": _("another reason"),
    }


def to_print(
    page: SettlementPage,
    market: MarketCard,
    producer: ProducerCard,
    _: Translate,
    formats: LocaleFormats,
) -> dict[str, Any]:
    """A statement in words, for the document « billing/settlement »."""
    card, totals = page.card, page.card.totals
    money = formats.money
    heading = Heading(market.name, page.cycle.name, page.cycle.delivers_on, card.settled_at)
    names = fee_names(_)
    return {
        "heading": print_heading(heading, _, formats),
        "labels": _labels(_),
        "number": card.number,
        "producer": [producer.name, producer.address, f"{producer.postcode} {producer.commune}"],
        "siret": producer.siret,
        "market": [market.name, market.email, market.phone],
        "digest": card.digest,
        "sums": [
            [_("Left from the statement before"), money(totals.opening)],
            [_("Goods delivered, VAT included"), money(totals.goods)],
            *(
                [
                    _("%(fee)s (of it VAT %(tax)s)") % {"fee": names[kind], "tax": money(tax)}
                    if tax
                    else names[kind],
                    "−" + money(fee),
                ]
                for kind, (fee, tax) in page.content.fees_by_kind().items()
            ),
            *([name, _signed(amount, money)] for name, amount in _others_by_kind(page, _)),
        ],
        "closing": money(totals.closing),
        "products": [
            [
                each.product + (f" · {each.reference}" if each.reference else ""),
                str(each.orders),
                formats.quantity(Quantity(each.ordered, Unit(each.unit))),
                formats.quantity(Quantity(each.delivered, Unit(each.unit))),
                "" if each.weighed_g is None else formats.quantity(Quantity.grams(each.weighed_g)),
                money(Money(each.billed_cents)),
            ]
            for each in page.content.products()
        ],
        "others": [
            [
                formats.short_day(date.fromisoformat(other.on)),
                _other_text(other, _, formats),
                other.order,
                _signed(Money(other.cents), money),
            ]
            for other in page.content.others
        ],
        "sales": [
            {
                "order": sale.order,
                "cycle": sale.cycle if sale.is_earlier else "",
                "goods": money(Money(sale.goods_cents)),
                "fees": "−" + money(Money(sum(sale.fees_cents.values()))),
                "net": money(Money(sale.net_cents)),
                "lines": [_line(line, _, formats) for line in sale.lines],
            }
            for sale in page.content.sales
        ],
    }


def _line(line: LineEntry, _: Translate, formats: LocaleFormats) -> list[str]:
    unit = Unit(line.unit)
    delivered = formats.quantity(Quantity(line.delivered, unit))
    if line.weighed_g is not None:
        delivered += f" · {formats.quantity(Quantity.grams(line.weighed_g))}"
    return [
        line.product,
        formats.quantity(Quantity(line.ordered, unit)),
        delivered,
        shortage_names(_).get(line.shortage or "", ""),
        formats.unit_price(UnitPrice(line.price_cents, Unit(line.price_unit))),
        formats.money(Money(line.billed_cents)),
    ]


def _others_by_kind(page: SettlementPage, _: Translate) -> list[tuple[str, Money]]:
    names = entry_names(_)
    sums: dict[str, Money] = {}
    for other in page.content.others:
        name = names.get(other.kind, _("Correction"))
        sums[name] = sums.get(name, Money.zero()) + Money(other.cents)
    return list(sums.items())


def _other_text(other: OtherEntry, _: Translate, formats: LocaleFormats) -> str:
    parts = [entry_names(_).get(other.kind, _("Correction"))]
    parts += [f"{name} ({formats.money(Money(cents))})" for name, cents in other.lines]
    if other.reason:
        parts.append(reason_names(_).get(other.reason, other.reason))
    return " · ".join(parts)


def _signed(amount: Money, money: Callable[[Money], str]) -> str:
    return ("−" + money(-amount)) if amount.cents < 0 else money(amount)


def workbook(
    page: SettlementPage,
    market: MarketCard,
    producer: ProducerCard,
    _: Translate,
    formats: LocaleFormats,
) -> list[SheetOut]:
    """A statement as a list that adds up in a spreadsheet program."""
    names = fee_names(_)
    kinds = [kind for kind in FeeKind if kind in page.content.fees_by_kind()]
    preamble: tuple[tuple[CellOut, ...], ...] = (
        (_("Statement %(number)s") % {"number": page.card.number}, market.name),
        (producer.name, page.cycle.name),
        (_("Left from the statement before"), page.card.totals.opening),
        (_("Owed now"), page.card.closing),
    )
    return [
        SheetOut(
            name=_("Orders"),
            preamble=preamble,
            columns=(
                ColumnOut(_("Order")),
                ColumnOut(_("Cycle"), 24),
                ColumnOut(_("Goods"), totaled=True),
                *(ColumnOut(names[kind], totaled=True) for kind in kinds),
                ColumnOut(_("VAT in the fees"), totaled=True),
                ColumnOut(_("Net"), totaled=True),
            ),
            rows=[
                (
                    sale.order,
                    sale.cycle,
                    Money(sale.goods_cents),
                    *(Money(-sale.fees_cents.get(kind.value, 0)) for kind in kinds),
                    Money(sum(sale.taxes_cents.values())),
                    Money(sale.net_cents),
                )
                for sale in page.content.sales
            ],
        ),
        SheetOut(
            name=_("Lines"),
            columns=(
                ColumnOut(_("Order")),
                ColumnOut(_("Ref.")),
                ColumnOut(_("Product"), 40),
                ColumnOut(_("Ordered")),
                ColumnOut(_("Delivered")),
                ColumnOut(_("Weighed")),
                ColumnOut(_("Missing"), 18),
                ColumnOut(_("Price")),
                ColumnOut(_("Billed"), totaled=True),
            ),
            rows=[
                (
                    sale.order,
                    line.reference,
                    line.product,
                    Quantity(line.ordered, Unit(line.unit)),
                    Quantity(line.delivered, Unit(line.unit)),
                    None if line.weighed_g is None else Quantity.grams(line.weighed_g),
                    shortage_names(_).get(line.shortage or "", ""),
                    Money(line.price_cents),
                    Money(line.billed_cents),
                )
                for sale in page.content.sales
                for line in sale.lines
            ],
        ),
        SheetOut(
            name=_("Refunds and payments"),
            columns=(
                ColumnOut(_("Day")),
                ColumnOut(_("What"), 60),
                ColumnOut(_("Order")),
                ColumnOut(_("Amount"), totaled=True),
            ),
            rows=[
                (
                    date.fromisoformat(other.on),
                    _other_text(other, _, formats),
                    other.order,
                    Money(other.cents),
                )
                for other in page.content.others
            ],
        ),
    ]


def _labels(_: Translate) -> dict[str, str]:
    return {
        "title": _("Statement"),
        "producer": _("Producer"),
        "market": _("Settled by"),
        "closing": _("Owed now"),
        "products": _("Products"),
        "product": _("Product"),
        "orders": _("Orders"),
        "ordered": _("Ordered"),
        "delivered": _("Delivered"),
        "weighed": _("Weighed"),
        "missing": _("Missing"),
        "price": _("Price"),
        "billed": _("Billed"),
        "others": _("Refunds and payments"),
        "day": _("Day"),
        "what": _("What"),
        "order": _("Order"),
        "amount": _("Amount"),
        "details": _("Order by order"),
        "goods": _("Goods"),
        "fees": _("Fees"),
        "net": _("Net"),
        "note": _(
            "Prices include VAT. Every figure comes from the ledger. What is given back to"
            " customers from now on stands on the next statement."
        ),
        "seal": _("Seal of this statement"),
    }
