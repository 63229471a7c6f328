"""Who invoices whom: the seller of record by model, their identity, and what still lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shop.billing.domain.identifiers import is_siret, is_vat_number
from shop.billing.domain.invoice import Party
from shop.billing.domain.invoice_terms import PartyKind, VatReturn
from shop.catalog.domain.selling import SalesModel
from shop.catalog.domain.terms import TaxRegime
from shop.kernel.folding import fold


@dataclass(frozen=True, slots=True, order=True)
class SellerRef:
    """A producer or a market as somebody who sells or writes invoices."""

    kind: PartyKind
    id: int

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.id}"


@dataclass(frozen=True, slots=True)
class Seller:
    """A seller as the invoices show them."""

    ref: SellerRef
    party: Party
    regime: TaxRegime
    vat_return: VatReturn = VatReturn.SIMPLIFIED
    prefix: str = ""
    yearly_numbers: bool = True


@dataclass(frozen=True, slots=True)
class MandateCard:
    """A producer's word that a market may write in their name."""

    id: int
    producer_id: int
    market_id: int
    signed_on: date
    signed_by: str
    contest_days: int
    self_billing: bool
    wording: str
    revoked_on: date | None

    def holds_on(self, day: date) -> bool:
        """Whether invoices may be written on ``day``."""
        return self.signed_on <= day and (self.revoked_on is None or day < self.revoked_on)


class Lack(StrEnum):
    """Why something cannot be invoiced yet."""

    NOT_SETTLED = "not_settled"
    MANDATE = "mandate"
    SELF_BILLING = "self_billing"
    SELLER_SIRET = "seller_siret"
    SELLER_VAT = "seller_vat"
    SELLER_ADDRESS = "seller_address"
    SELLER_IBAN = "seller_iban"
    BUYER_SIRET = "buyer_siret"
    BUYER_ADDRESS = "buyer_address"
    SERVICE_CODE = "service_code"
    ENGAGEMENT = "engagement"
    MENTION = "mention"


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that lacks, and of whom."""

    lack: Lack
    who: str
    order_number: str = ""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who is invoiced, and what their house asks to find on an invoice."""

    party: Party
    is_public: bool = False
    service_required: bool = False
    engagement_required: bool = False


def seller_of(
    model: SalesModel, producer_id: int, market_id: int, lead_producer_id: int | None
) -> SellerRef:
    """Who sells to the customer: the market when it resells, the lead farm, else the producer."""
    if model is SalesModel.HUB_RESALE:
        return SellerRef(PartyKind.MARKET, market_id)
    if model is SalesModel.FARM_RESALE and lead_producer_id is not None:
        return SellerRef(PartyKind.PRODUCER, lead_producer_id)
    return SellerRef(PartyKind.PRODUCER, producer_id)


def fee_seller(model: SalesModel, market_id: int, lead_producer_id: int | None) -> SellerRef:
    """Who bills the delivery: whoever resells the goods, else the market that organises it."""
    if model.resells:
        return seller_of(model, 0, market_id, lead_producer_id)
    return SellerRef(PartyKind.MARKET, market_id)


def seller_lacks(seller: Seller) -> list[Lack]:
    """What a seller has to say before anything is invoiced in their name."""
    party = seller.party
    lacks = []
    if not is_siret(party.siret):
        lacks.append(Lack.SELLER_SIRET)
    if seller.regime.bills_tax and not is_vat_number(party.vat_number):
        lacks.append(Lack.SELLER_VAT)
    if not (party.address and party.postcode and party.commune):
        lacks.append(Lack.SELLER_ADDRESS)
    return lacks


def buyer_lacks(buyer: Buyer) -> list[Lack]:
    """What a firm or an administration has to say before it is invoiced; of a consumer nothing."""
    party = buyer.party
    lacks = []
    if buyer.is_public or party.siret:
        if not is_siret(party.siret):
            lacks.append(Lack.BUYER_SIRET)
        if not (party.address and party.postcode and party.commune):
            lacks.append(Lack.BUYER_ADDRESS)
    if buyer.service_required and not party.service_code:
        lacks.append(Lack.SERVICE_CODE)
    if buyer.engagement_required and not party.engagement:
        lacks.append(Lack.ENGAGEMENT)
    return lacks


def mandate_lacks(
    seller: SellerRef,
    issuer: SellerRef,
    day: date,
    mandates: Mapping[int, Sequence[MandateCard]],
    *,
    self_billed: bool = False,
) -> list[Lack]:
    """Whether ``issuer`` may write in the seller's name on ``day``."""
    if seller == issuer:
        return []
    card = mandate_on(day, mandates.get(seller.id, ()))
    if card is None:
        return [Lack.MANDATE]
    return [Lack.SELF_BILLING] if self_billed and not card.self_billing else []


def mandate_on(day: date, cards: Iterable[MandateCard]) -> MandateCard | None:
    """The latest mandate that holds on ``day``."""
    holding = [card for card in cards if card.holds_on(day)]
    return max(holding, key=lambda card: (card.signed_on, card.id), default=None)


def prefix_of(seller: Seller, issuer: Seller) -> str:
    """What stands before the year and the number: PDV-GDA3, or PDV when they write themselves.

    Only letters, digits and dashes: what the national format of invoice numbers allows.
    """
    own = seller.prefix or initials(seller.party.name)
    if seller.ref == issuer.ref:
        return own
    theirs = issuer.prefix or initials(issuer.party.name)
    return f"{theirs}-{own}{seller.ref.id}"


def initials(name: str) -> str:
    """Up to four first letters of the words of a name: « Paniers du Var » is PDV."""
    words = "".join(sign if sign.isalnum() else " " for sign in fold(name)).split()
    letters = "".join(word[0] for word in words if word[0].isascii())
    return letters[:4].upper() or "F"


def number_text(prefix: str, year: int | None, sequence: int) -> str:
    """PDV-2026-00012."""
    stem = prefix if year is None else f"{prefix}-{year}"
    return f"{stem}-{sequence:05d}"


def mandate_wording(issuer: str) -> str:
    """What a producer signs, in French: the contract is under French law."""
    return (
        f"Je donne mandat à {issuer} d’établir et d’émettre, en mon nom et pour mon compte, les "
        "factures et avoirs de mes ventes réalisées par son intermédiaire, et d’en tenir la "
        "numérotation. Je reste responsable de mes obligations de facturation et de TVA ; je peux "
        "contester chaque facture dans le délai convenu et mettre fin à ce mandat à tout moment."
    ).replace(" ;", "\u00a0;")
