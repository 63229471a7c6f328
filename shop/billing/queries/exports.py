"""What leaves for the tax office and for canteens: day totals, yearly sellers, quality shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from shop.billing.domain.egalim import Purchase
from shop.billing.domain.identifiers import siren_of
from shop.billing.domain.invoice_terms import (
    FilingRhythm,
    InvoiceKind,
    InvoiceLineKind,
    PartyKind,
    filing_rhythm,
)
from shop.billing.domain.sellers import SellerRef
from shop.billing.models import InvoiceTax, IssuedInvoice, IssuedLine
from shop.billing.queries import sellers
from shop.catalog.domain.terms import TaxRegime
from shop.catalog.queries import quality
from shop.kernel.money import Money
from shop.orders.queries import billed_lines, yearly


@dataclass(frozen=True, slots=True)
class DayTotal:
    """What consumers bought of a seller on a day at a rate."""

    seller_name: str
    siren: str
    regime: TaxRegime
    rhythm: FilingRhythm
    on: date
    rate_bp: int
    count: int
    """Invoices and credit notes."""
    net: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class YearOfSeller:
    """What the platform tells the tax office of a seller (DAC7)."""

    producer_id: int
    name: str
    legal_form: str
    born_on: date | None
    siret: str
    vat_number: str
    address: str
    country: str
    iban: str
    email: str
    certified: bool
    quarters: tuple[Money, Money, Money, Money]
    quarter_fees: tuple[Money, Money, Money, Money]
    sales: int

    @property
    def amount(self) -> Money:
        """Of the year."""
        return Money.total(self.quarters)

    @property
    def fees(self) -> Money:
        """Kept in the year."""
        return Money.total(self.quarter_fees)


_CREDIT = IssuedInvoice.kind.in_([kind for kind in InvoiceKind if kind.is_credit])
_OWN = IssuedInvoice.kind.in_([kind for kind in InvoiceKind if not kind.is_self_billed])


def day_totals(session: Session, market_id: int, since: date, until: date) -> list[DayTotal]:
    """Sales to consumers per seller, day and rate in ``since`` ≤ day < ``until``.

    Deposits are no sales and are left out with the other lines outside the tax base only when
    they stand alone at no rate; credit notes count down.
    """
    sign = case((_CREDIT, -1), else_=1)
    rows = session.execute(
        select(
            IssuedInvoice.seller_kind,
            IssuedInvoice.seller_id,
            IssuedInvoice.issued_on,
            InvoiceTax.rate_bp,
            func.count(),
            func.sum(sign * InvoiceTax.base_cents),
            func.sum(sign * InvoiceTax.tax_cents),
        )
        .join(InvoiceTax, InvoiceTax.invoice_id == IssuedInvoice.id)
        .where(IssuedInvoice.market_id == market_id, IssuedInvoice.buyer_siret == "", _OWN)
        .where(IssuedInvoice.issued_on >= since, IssuedInvoice.issued_on < until)
        .group_by(
            IssuedInvoice.seller_kind,
            IssuedInvoice.seller_id,
            IssuedInvoice.issued_on,
            InvoiceTax.rate_bp,
        )
        .order_by(
            IssuedInvoice.seller_kind,
            IssuedInvoice.seller_id,
            IssuedInvoice.issued_on,
            InvoiceTax.rate_bp,
        )
    ).all()
    known = sellers.sellers(session, {SellerRef(row[0], row[1]) for row in rows})
    totals = []
    for kind, owner_id, on, rate_bp, count, net, tax in rows:
        seller = known[SellerRef(kind, owner_id)]
        totals.append(
            DayTotal(
                seller.party.name,
                siren_of(seller.party.siret),
                seller.regime,
                filing_rhythm(seller.regime, seller.vat_return),
                on,
                rate_bp,
                count,
                Money(int(net)),
                Money(int(tax)),
            )
        )
    return totals


def year_of_sellers(
    session: Session, market_id: int, year: int, zone: ZoneInfo
) -> list[YearOfSeller]:
    """Producers who sold through a market in a year, with quarterly amounts, by name."""
    sold = yearly.by_quarter(session, market_id, year, zone)
    refs = {SellerRef(PartyKind.PRODUCER, each.producer_id) for each in sold}
    known = sellers.identities(session, refs)
    found = []
    for ref in sorted(refs, key=lambda one: known[one].seller.party.name):
        own = {each.quarter: each for each in sold if each.producer_id == ref.id}
        party = known[ref].seller.party
        amounts = [own[q].goods if q in own else Money.zero() for q in (1, 2, 3, 4)]
        fees = [own[q].fees if q in own else Money.zero() for q in (1, 2, 3, 4)]
        found.append(
            YearOfSeller(
                producer_id=ref.id,
                name=party.name,
                legal_form=party.legal_form,
                born_on=known[ref].born_on,
                siret=party.siret,
                vat_number=party.vat_number,
                address=f"{party.address}, {party.place}",
                country=party.country,
                iban=party.iban,
                email=party.email,
                certified=known[ref].certified_at is not None,
                quarters=(amounts[0], amounts[1], amounts[2], amounts[3]),
                quarter_fees=(fees[0], fees[1], fees[2], fees[3]),
                sales=sum(each.sales for each in own.values()),
            )
        )
    return found


def buyers_of_year(session: Session, market_id: int, year: int) -> list[tuple[str, str]]:
    """SIRET and name of firms and administrations that bought in a year."""
    rows = session.execute(
        select(IssuedInvoice.buyer_siret, func.max(IssuedInvoice.buyer_name))
        .where(IssuedInvoice.market_id == market_id, IssuedInvoice.buyer_siret != "", _OWN)
        .where(func.extract("year", IssuedInvoice.supplied_on) == year)
        .group_by(IssuedInvoice.buyer_siret)
        .order_by(func.max(IssuedInvoice.buyer_name))
    )
    return [(row[0], row[1]) for row in rows]


def purchases(session: Session, market_id: int, siret: str, year: int) -> list[Purchase]:
    """Goods that a canteen bought in a year, less what was credited, the first first."""
    sign = case((_CREDIT, -1), else_=1)
    rows = session.execute(
        select(
            IssuedLine.order_line_id,
            func.min(IssuedInvoice.supplied_on).label("on"),
            func.sum(sign * IssuedLine.net_cents).label("net"),
            func.max(IssuedInvoice.document["buyer"]["postcode"].astext).label("postcode"),
        )
        .join(IssuedInvoice, IssuedInvoice.id == IssuedLine.invoice_id)
        .where(IssuedInvoice.market_id == market_id, IssuedInvoice.buyer_siret == siret, _OWN)
        .where(func.extract("year", IssuedInvoice.supplied_on) == year)
        .where(IssuedLine.kind == InvoiceLineKind.GOODS, IssuedLine.order_line_id.is_not(None))
        .group_by(IssuedLine.order_line_id)
        .order_by("on", IssuedLine.order_line_id)
    ).all()
    lines = billed_lines.by_ids(session, [row.order_line_id for row in rows])
    products = quality.of_products(session, {line.product_id for line in lines.values()})
    found = []
    for row in rows:
        line = lines[row.order_line_id]
        product = products[line.product_id]
        if row.net <= 0:
            continue
        found.append(
            Purchase(
                siret=siret,
                description=line.product_name,
                supplier=line.producer_name,
                on=row.on,
                net=Money(int(row.net)),
                shelf=product.category,
                labels=product.labels,
                origin=product.origin,
                is_certified=bool(product.certificate),
                is_short=True,
                is_local=product.postcode[:2] == (row.postcode or "")[:2],
            )
        )
    return found
