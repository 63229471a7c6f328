"""What a market that resells buys from its producers: invoices that the buyer writes itself.

One per producer and cycle, for the goods that customers kept, less what the market keeps of their
price: it comes to what the ledger owes the producer for them. It needs a mandate that agrees to
self-billing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from shop.billing.domain.invoice import InvoiceLine, compose
from shop.billing.domain.invoice_terms import InvoiceKind, InvoiceLineKind, Means, PartyKind
from shop.billing.domain.sellers import (
    Blocker,
    Buyer,
    Lack,
    SellerRef,
    mandate_lacks,
    seller_lacks,
)
from shop.billing.services import drafting, invoicing
from shop.billing.services.drafting import Draft, Ground, Translate, mandate_of, mentions_for
from shop.billing.services.invoicing import Outcome
from shop.catalog.domain.terms import TaxClass
from shop.catalog.queries import cycles, taxes
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, UnitPrice
from shop.orders.domain.tax import rate_for
from shop.orders.queries import billed, sold_shares
from shop.orders.queries.billed import BilledLine, BilledOrder

_Key = tuple[str, str, int, int, str]


@dataclass(frozen=True, slots=True)
class _Bought:
    """Lines of one producer that were resold."""

    producer_id: int
    lines: tuple[BilledLine, ...]


def issue_for_cycle(
    session: Session,
    market_id: int,
    cycle_id: int,
    *,
    at: datetime,
    by: int | None = None,
    translate: Translate,
) -> Outcome:
    """Bill what the market bought in a cycle, once per producer, when every order is settled.

    Nothing when the market resells nothing. An order that is not settled yet keeps it back.
    """
    order_ids = billed.to_bill(session, market_id, cycle_id)
    orders = list(billed.by_ids(session, order_ids).values())
    bought = _bought(orders)
    if not bought:
        return Outcome()
    late = [order for order in orders if not order.is_settled]
    if late:
        who = late[0].contact_name
        return Outcome(blockers=(Blocker(Lack.NOT_SETTLED, who, late[0].number),))
    day = invoicing.local_day(session, market_id, at)
    on = drafting.ground(session, market_id, day, orders, translate)
    supplied_on = cycles.by_id(session, cycle_id).delivers_on
    rates = taxes.rates_on(session, supplied_on)
    kept = sold_shares.fees_of_cycle(session, market_id, cycle_id)
    drafts: list[Draft] = []
    blockers: list[Blocker] = []
    for each in bought:
        seller = on.sellers[SellerRef(PartyKind.PRODUCER, each.producer_id)]
        own = {kind: rate_for(kind, seller.regime, rates) for kind in rates}
        goods = _lines(each.lines, own)
        kept_name = translate("fr", "The market’s share")
        lines = [*goods, *_kept(goods, kept.get(each.producer_id, Money.zero()), kept_name)]
        draft, lacks = _draft(each.producer_id, lines, cycle_id, supplied_on, on)
        blockers += lacks
        if draft is not None:
            drafts.append(draft)
    issued = invoicing.issue(session, drafts, day=day, at=at, by=by)
    return Outcome(tuple(issued), tuple(blockers))


def _bought(orders: Sequence[BilledOrder]) -> list[_Bought]:
    lines: dict[int, list[BilledLine]] = defaultdict(list)
    for order in orders:
        for part in order.parts:
            if part.model.resells:
                lines[part.producer_id] += part.lines
    return [_Bought(producer_id, tuple(own)) for producer_id, own in sorted(lines.items())]


def _lines(lines: Sequence[BilledLine], rates: Mapping[TaxClass, int]) -> list[InvoiceLine]:
    """The same product once, with what customers kept of it."""
    together: dict[_Key, list[BilledLine]] = defaultdict(list)
    for line in lines:
        quantity = line.weighed or line.delivered
        key = (
            line.product_name,
            line.reference,
            rates[line.tax_class],
            line.price.cents,
            quantity.unit,
        )
        together[key].append(line)
    found = []
    for (name, reference, rate_bp, _price, _unit), same in sorted(together.items()):
        quantities = [line.weighed or line.delivered for line in same]
        quantity = Quantity(sum(each.amount for each in quantities), quantities[0].unit)
        price: UnitPrice | None = same[0].price
        if same[0].price.unit is not quantity.unit:
            price = None
        found.append(
            InvoiceLine(
                InvoiceLineKind.GOODS,
                name,
                Money.total(line.billed for line in same),
                rate_bp,
                quantity,
                price,
                reference,
                producer_id=same[0].producer_id,
            )
        )
    return found


def _kept(goods: Sequence[InvoiceLine], fees: Money, name: str) -> list[InvoiceLine]:
    """What the market keeps, taken off the goods of each rate in proportion."""
    if not fees:
        return []
    gross: dict[int, Money] = defaultdict(Money.zero)
    for line in goods:
        gross[line.rate_bp] += line.gross
    rates = sorted(gross)
    shares = fees.split([gross[rate_bp].cents for rate_bp in rates])
    return [
        InvoiceLine(InvoiceLineKind.COMMISSION, name, -share, rate_bp)
        for rate_bp, share in zip(rates, shares, strict=True)
        if share
    ]


def _draft(
    producer_id: int,
    lines: Sequence[InvoiceLine],
    cycle_id: int,
    supplied_on: date,
    on: Ground,
) -> tuple[Draft | None, list[Blocker]]:
    ref = SellerRef(PartyKind.PRODUCER, producer_id)
    seller = on.sellers[ref]
    buyer_ref = on.market
    if on.lead_producer_id is not None:
        buyer_ref = SellerRef(PartyKind.PRODUCER, on.lead_producer_id)
    if ref == buyer_ref:
        return None, []
    issuer, buyer = on.sellers[on.market], on.sellers[buyer_ref]
    composed, groups = compose(lines)
    mentions, complete = mentions_for(seller, composed, on.mentions)
    lacks = seller_lacks(seller)
    lacks += mandate_lacks(ref, issuer.ref, on.day, on.mandates, self_billed=True)
    lacks += [] if complete else [Lack.MENTION]
    if lacks:
        return None, [Blocker(lack, seller.party.name) for lack in lacks]
    return (
        Draft(
            key=f"purchase:{on.market_id}:{cycle_id}:{ref}",
            kind=InvoiceKind.SELF_BILLED,
            seller=seller,
            issuer=issuer,
            buyer=Buyer(buyer.party),
            lines=composed,
            taxes=groups,
            supplied_on=supplied_on,
            market_id=on.market_id,
            cycle_id=cycle_id,
            order_id=None,
            order_number="",
            language="fr",
            paid=Money.zero(),
            means=Means.CLEARING,
            due_on=None,
            mentions=tuple(mention.text for mention in mentions),
            exemption_code=mentions[0].code if len(mentions) == 1 else "",
            mandate=mandate_of(ref, issuer, on),
            notes=drafting.BETWEEN_FIRMS,
        ),
        [],
    )
