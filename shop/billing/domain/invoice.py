"""An invoice: who sells what to whom, the tax by rate, and the cent that makes the sum exact.

Prices include tax. Per rate the base is the gross without its tax, rounded, and the tax is the
base times the rate, rounded; the cent that is left over is the rounding amount, so that what is to
pay is what was paid: 15.06 at 5.5 % is 14.27 + 0.78 + 0.01. Amounts of credit notes are above
zero too: the kind of document says which way the money goes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from shop.billing.domain.invoice_terms import InvoiceKind, InvoiceLineKind, Means
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, UnitPrice
from shop.orders.domain.tax import share_fee, split_tax
from shop.orders.domain.tenders import PaidPart


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who sells, buys or writes an invoice, as on the day it was written."""

    name: str
    address: str = ""
    postcode: str = ""
    commune: str = ""
    country: str = "FR"
    siret: str = ""
    vat_number: str = ""
    legal_form: str = ""
    email: str = ""
    phone: str = ""
    iban: str = ""
    iban_holder: str = ""
    """Whose account it is, when not the party's own."""
    certificate: str = ""
    """Code of the body that certifies what is organic."""
    service_code: str = ""
    """Of a public buyer: who in the house asked (BT-10)."""
    engagement: str = ""
    """Of a public buyer: the number of the order in their books (BT-13)."""

    @property
    def is_organisation(self) -> bool:
        """Whether a firm or an administration, not a consumer."""
        return bool(self.siret)

    @property
    def place(self) -> str:
        """83170 Brignoles."""
        return f"{self.postcode} {self.commune}".strip()


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One thing that is asked for; ``gross`` includes tax."""

    kind: InvoiceLineKind
    name: str
    gross: Money
    rate_bp: int
    quantity: Quantity = field(default_factory=lambda: Quantity.pieces(1))
    price: UnitPrice | None = None
    """What the customer saw, tax included; None: the gross divided by the quantity."""
    reference: str = ""
    note: str = ""
    """Beside the name: the number of weighed pieces, the organic code."""
    order_line_id: int | None = None
    producer_id: int | None = None
    net: Money = field(default_factory=Money.zero)
    """Share of the base of its rate, so that lines add up to it; set by ``compose``."""


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """All lines of one rate: base + tax + rounding is what they cost."""

    rate_bp: int
    gross: Money
    base: Money
    tax: Money
    rounding: Money


@dataclass(frozen=True, slots=True)
class Correction:
    """The invoice that a credit note takes back, whole or in part, and why."""

    number: str
    issued_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Mandate:
    """A producer's word that somebody may write invoices in their name."""

    issuer: str
    signed_on: date
    contest_days: int


@dataclass(frozen=True, slots=True)
class Invoice:
    """A document as it was issued; nothing of it ever changes."""

    kind: InvoiceKind
    number: str
    issued_on: date
    supplied_on: date
    seller: Party
    buyer: Party
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[TaxGroup, ...]
    paid: Money
    means: Means
    language: str = "fr"
    order_number: str = ""
    mentions: tuple[str, ...] = ()
    """Why a rate is zero, in the words of the law."""
    exemption_code: str = ""
    """The same as a code of the VATEX list, where there is one."""
    mandate: Mandate | None = None
    correction: Correction | None = None
    due_on: date | None = None
    notes: tuple[str, ...] = ()
    currency: str = "EUR"
    paid_parts: tuple[PaidPart, ...] = ()
    """What paid it, where more is known than ``means``."""

    @property
    def net(self) -> Money:
        """Sum of the bases."""
        return Money.total(group.base for group in self.taxes)

    @property
    def tax(self) -> Money:
        """Sum of the tax."""
        return Money.total(group.tax for group in self.taxes)

    @property
    def rounding(self) -> Money:
        """The cents that make the sum exact."""
        return Money.total(group.rounding for group in self.taxes)

    @property
    def total(self) -> Money:
        """Net and tax, before the rounding amount."""
        return self.net + self.tax

    @property
    def gross(self) -> Money:
        """What it comes to: net, tax and rounding."""
        return self.total + self.rounding

    @property
    def due(self) -> Money:
        """What is left to pay."""
        return self.gross - self.paid


def tax_groups(lines: Sequence[InvoiceLine]) -> tuple[TaxGroup, ...]:
    """Base, tax and rounding by rate, the lowest first; deposits count at zero."""
    gross: dict[int, Money] = defaultdict(Money.zero)
    for line in lines:
        gross[line.rate_bp] += line.gross
    groups = []
    for rate_bp, amount in sorted(gross.items()):
        split = split_tax(amount, rate_bp)
        groups.append(TaxGroup(rate_bp, amount, split.base, split.tax, split.rounding))
    return tuple(groups)


def spread_bases(
    lines: Sequence[InvoiceLine], groups: Sequence[TaxGroup]
) -> tuple[InvoiceLine, ...]:
    """Lines with their net amounts, which add up to the base of each rate.

    Each is its own gross without tax, rounded; the cents that are left over go to the biggest
    lines, one each, where they are felt least.
    """
    nets: dict[int, Money] = {}
    for group in groups:
        places = [place for place, line in enumerate(lines) if line.rate_bp == group.rate_bp]
        for place in places:
            nets[place] = split_tax(lines[place].gross, group.rate_bp).base
        over = group.base - Money.total(nets[place] for place in places)
        step = Money(1 if over.cents > 0 else -1)
        biggest = sorted(places, key=lambda place: (-abs(lines[place].gross.cents), place))
        for turn in range(abs(over.cents)):
            nets[biggest[turn % len(biggest)]] += step
    return tuple(replace(line, net=nets[place]) for place, line in enumerate(lines))


def compose(lines: Sequence[InvoiceLine]) -> tuple[tuple[InvoiceLine, ...], tuple[TaxGroup, ...]]:
    """Lines with their net amounts, and the tax by rate."""
    groups = tax_groups(lines)
    return spread_bases(lines, groups), groups


def delivery_lines(
    fee: Money, goods: Sequence[InvoiceLine], name: str, *, bills_tax: bool
) -> list[InvoiceLine]:
    """A delivery fee over the rates of the goods, pro rata of their net value.

    4.90 on 40.00 at 5.5 % and 10.00 at 20 % is 3.92 + 0.98. A seller who bills no tax bills none
    on the delivery.
    """
    if not fee:
        return []
    if not bills_tax:
        return [InvoiceLine(InvoiceLineKind.DELIVERY, name, fee, 0)]
    nets: dict[int, Money] = defaultdict(Money.zero)
    for group in tax_groups([line for line in goods if line.kind is InvoiceLineKind.GOODS]):
        nets[group.rate_bp] += group.base
    shares = share_fee(fee, nets)
    return [
        InvoiceLine(InvoiceLineKind.DELIVERY, name, share, rate_bp)
        for rate_bp, share in shares.items()
        if share
    ]


def part_of(lines: Sequence[InvoiceLine], amounts: Mapping[int, Money]) -> tuple[InvoiceLine, ...]:
    """``amounts`` of some lines by place, as a credit note takes them back.

    Raises:
        ValueError: more than the line came to, or nothing.
    """
    taken = []
    for place, amount in sorted(amounts.items()):
        line = lines[place]
        if not Money.zero() < amount <= line.gross:
            raise ValueError(f"line {place} came to {line.gross}, not to {amount}")
        taken.append(
            line
            if amount == line.gross
            else replace(line, gross=amount, quantity=Quantity.pieces(1), price=None, note="")
        )
    return tuple(taken)
