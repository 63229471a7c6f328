"""From delivered orders to drafts of invoices: whose, to whom, with which lines and words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shop.billing.domain.invoice import (
    Correction,
    InvoiceLine,
    Mandate,
    TaxGroup,
    compose,
    delivery_lines,
)
from shop.billing.domain.invoice_terms import (
    InvoiceKind,
    InvoiceLineKind,
    Means,
    PartyKind,
    means_of,
)
from shop.billing.domain.sellers import (
    Blocker,
    Buyer,
    Lack,
    MandateCard,
    Seller,
    SellerRef,
    buyer_lacks,
    fee_seller,
    mandate_lacks,
    mandate_on,
    seller_lacks,
    seller_of,
)
from shop.billing.queries import buyers, sellers
from shop.billing.queries.sellers import Mention
from shop.catalog.domain.selling import SalesModel
from shop.catalog.queries import markets, quality, selling
from shop.kernel.money import Money
from shop.orders.domain.tenders import PaidPart, deal
from shop.orders.domain.terms import FeeKind
from shop.orders.queries.billed import BilledLine, BilledOrder, BilledService

Translate = Callable[[str, str], str]
"""From a language and an English message to that language."""

SERVICES = {
    FeeKind.PLATFORM: "Platform fee",
    FeeKind.MARKET: "Market fee",
    FeeKind.PREPARER: "Preparation",
    FeeKind.TRANSPORT: "Transport",
    FeeKind.RELAY: "Relay points",
}
"""Messages, translated for each customer."""

BETWEEN_FIRMS = (
    "PMT|En cas de retard de paiement, indemnité forfaitaire pour frais de recouvrement : 40 €.",
    "PMD|Pénalités de retard : trois fois le taux d’intérêt légal.",
    "AAB|Pas d’escompte pour paiement anticipé.",
)
"""What the commercial code (article L. 441-9) asks of invoices between firms."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all invoices of a market on one day stand on."""

    market_id: int
    zone: ZoneInfo
    day: date
    lead_producer_id: int | None
    sellers: Mapping[SellerRef, Seller]
    mandates: Mapping[int, Sequence[MandateCard]]
    mentions: Mapping[str, Mention]
    buyers: Mapping[int, Buyer]
    organic: Mapping[int, str]
    """Code of the body that certifies a product, where it is organic."""
    translate: Translate

    @property
    def market(self) -> SellerRef:
        """The market, which writes the invoices."""
        return SellerRef(PartyKind.MARKET, self.market_id)


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice that only lacks its number."""

    key: str
    kind: InvoiceKind
    seller: Seller
    issuer: Seller
    buyer: Buyer
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[TaxGroup, ...]
    supplied_on: date
    market_id: int
    cycle_id: int | None
    order_id: int | None
    order_number: str
    language: str
    paid: Money
    means: Means
    due_on: date | None
    mentions: tuple[str, ...]
    exemption_code: str
    mandate: Mandate | None
    notes: tuple[str, ...]
    paid_parts: tuple[PaidPart, ...] = ()
    correction: Correction | None = None
    corrects_id: int | None = None


def ground(
    session: Session,
    market_id: int,
    day: date,
    orders: Iterable[BilledOrder],
    translate: Translate,
) -> Ground:
    """Everything that the invoices of ``orders`` need, read once."""
    kept = list(orders)
    market = markets.by_id(session, market_id)
    lead = selling.terms_of(session, market_id).lead_producer_id
    refs = {SellerRef(PartyKind.MARKET, market_id)}
    if lead is not None:
        refs.add(SellerRef(PartyKind.PRODUCER, lead))
    refs |= {
        SellerRef(PartyKind.PRODUCER, part.producer_id) for order in kept for part in order.parts
    }
    return Ground(
        market_id=market_id,
        zone=ZoneInfo(market.timezone),
        day=day,
        lead_producer_id=lead,
        sellers=sellers.sellers(session, refs),
        mandates=sellers.mandates(session, market_id),
        mentions=sellers.mentions_on(session, day),
        buyers=buyers.of_orders(session, kept),
        organic=quality.organic_codes(
            session,
            {line.product_id for order in kept for part in order.parts for line in part.lines},
        ),
        translate=translate,
    )


def drafts_of(order: BilledOrder, on: Ground) -> tuple[list[Draft], list[Blocker]]:
    """Invoices of an order, one per seller of record, and what keeps the others back."""
    if not order.is_settled:
        return [], [Blocker(Lack.NOT_SETTLED, order.contact_name, order.number)]
    lines: dict[SellerRef, list[InvoiceLine]] = defaultdict(list)
    for part in order.parts:
        ref = seller_of(part.model, part.producer_id, on.market_id, on.lead_producer_id)
        for line in part.lines:
            lines[ref] += _goods(line, order, on)
    if order.delivery or order.services:
        model = order.parts[0].model if order.parts else SalesModel.MARKETPLACE
        biller = fee_seller(model, on.market_id, on.lead_producer_id)
        sold = [line for of_seller in lines.values() for line in of_seller]
        bills_tax = on.sellers[biller].regime.bills_tax
        name = on.translate(order.locale, "Delivery")
        lines[biller] += delivery_lines(order.delivery, sold, name, bills_tax=bills_tax)
        lines[biller] += [_service(each, order, on, bills_tax=bills_tax) for each in order.services]
    drafts, blockers = [], []
    sellers_of = sorted(lines.items())
    # Shares of the payment are dealt out to all invoices, those that have to wait too.
    bills = [Money.total(line.gross for line in of_seller) for _ref, of_seller in sellers_of]
    for (ref, of_seller), paid in zip(sellers_of, deal(order.paid, bills), strict=True):
        made, lacks = _draft(ref, of_seller, order, on, paid)
        blockers += lacks
        if made is not None:
            drafts.append(made)
    return drafts, blockers


def mentions_for(
    seller: Seller, lines: Sequence[InvoiceLine], known: Mapping[str, Mention]
) -> tuple[list[Mention], bool]:
    """Why lines carry no tax, each reason once; False when the law's words lack."""
    free = {line.kind for line in lines if not line.rate_bp}
    reasons = []
    if free - {InvoiceLineKind.DEPOSIT} and not seller.regime.bills_tax:
        reasons.append(seller.regime.value)
    if InvoiceLineKind.GOODS in free and seller.regime.bills_tax:
        reasons.append(seller.regime.value)
    if InvoiceLineKind.DELIVERY in free and seller.regime.bills_tax:
        # Its share for goods of farms that bill no tax follows those goods.
        reasons.append("delivery")
    if InvoiceLineKind.SERVICE in free and seller.regime.bills_tax:
        reasons.append("service")
    if InvoiceLineKind.DEPOSIT in free:
        reasons.append("deposit")
    found = [known[reason] for reason in reasons if reason in known]
    return found, len(found) == len(reasons)


def mandate_of(ref: SellerRef, issuer: Seller, on: Ground) -> Mandate | None:
    """The mandate by which ``issuer`` writes, as the invoice cites it."""
    if ref == issuer.ref:
        return None
    card = mandate_on(on.day, on.mandates.get(ref.id, ()))
    if card is None:
        return None
    return Mandate(issuer.party.name, card.signed_on, card.contest_days)


def _draft(
    ref: SellerRef,
    lines: Sequence[InvoiceLine],
    order: BilledOrder,
    on: Ground,
    paid: tuple[PaidPart, ...],
) -> tuple[Draft | None, list[Blocker]]:
    seller, issuer = on.sellers[ref], on.sellers[on.market]
    buyer = on.buyers[order.id]
    on_account = order.organisation is not None
    composed, taxes = compose(lines)
    mentions, complete = mentions_for(seller, composed, on.mentions)
    lacks = [Blocker(lack, buyer.party.name, order.number) for lack in buyer_lacks(buyer)]
    own = seller_lacks(seller)
    if on_account:
        # The market collects for its producers: their buyer pays to its account.
        payee = issuer.party
        seller = replace(
            seller, party=replace(seller.party, iban=payee.iban, iban_holder=payee.name)
        )
        own += [] if payee.iban else [Lack.SELLER_IBAN]
    own += mandate_lacks(ref, issuer.ref, on.day, on.mandates)
    own += [] if complete else [Lack.MENTION]
    lacks += [Blocker(lack, seller.party.name, order.number) for lack in own]
    if lacks:
        return None, lacks
    supplied_on = order.supplied_at.astimezone(on.zone).date()
    gross = Money.total(group.gross for group in taxes)
    due_on = None
    if order.organisation is not None:
        due_on = supplied_on + timedelta(days=order.organisation.term_days)
    draft = Draft(
        key=f"order:{order.id}:{ref}",
        kind=InvoiceKind.INVOICE,
        seller=seller,
        issuer=issuer,
        buyer=buyer,
        lines=composed,
        taxes=taxes,
        supplied_on=supplied_on,
        market_id=order.market_id,
        cycle_id=order.cycle_id,
        order_id=order.id,
        order_number=order.number,
        language=order.locale,
        paid=Money.zero() if on_account else gross,
        means=Means.TRANSFER if on_account else means_of(paid),
        paid_parts=() if on_account else paid,
        due_on=due_on,
        mentions=tuple(mention.text for mention in mentions),
        exemption_code=mentions[0].code if len(mentions) == 1 else "",
        mandate=mandate_of(ref, issuer, on),
        notes=BETWEEN_FIRMS if buyer.party.is_organisation else (),
    )
    return draft, []


def _service(
    service: BilledService, order: BilledOrder, on: Ground, *, bills_tax: bool
) -> InvoiceLine:
    return InvoiceLine(
        InvoiceLineKind.SERVICE,
        on.translate(order.locale, SERVICES[service.kind]),
        service.amount,
        service.tax_rate_bp if bills_tax else 0,
    )


def _goods(line: BilledLine, order: BilledOrder, on: Ground) -> list[InvoiceLine]:
    """A line of goods, and the deposit on its containers."""
    notes = []
    if line.weighed is not None and line.delivered.unit is not line.weighed.unit:
        notes.append(f"× {line.delivered.amount}")
    if code := on.organic.get(line.product_id):
        notes.append(code)
    quantity = line.weighed or line.delivered
    asked = InvoiceLine(
        kind=InvoiceLineKind.GOODS,
        name=line.product_name,
        gross=line.billed,
        rate_bp=line.tax_rate_bp,
        quantity=quantity,
        price=line.price if line.price.unit is quantity.unit else None,
        reference=line.reference,
        note=" · ".join(notes),
        order_line_id=line.id,
        producer_id=line.producer_id,
    )
    if not line.deposit:
        return [asked]
    deposit = InvoiceLine(
        kind=InvoiceLineKind.DEPOSIT,
        name=f"{on.translate(order.locale, 'Deposit')} – {line.product_name}",
        gross=line.deposit,
        rate_bp=0,
        quantity=line.delivered,
        order_line_id=line.id,
        producer_id=line.producer_id,
    )
    return [asked, deposit]
