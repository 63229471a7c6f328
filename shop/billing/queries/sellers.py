"""Sellers as invoices show them, their mandates, and the mentions of the law."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from shop.billing.domain.invoice import Party
from shop.billing.domain.invoice_terms import PartyKind, VatReturn
from shop.billing.domain.sellers import MandateCard, Seller, SellerRef
from shop.billing.models import Mandate, Payee, SellerIdentity, TaxMention
from shop.catalog.domain.terms import TaxRegime
from shop.catalog.queries import markets, producers, selling


@dataclass(frozen=True, slots=True)
class Identity:
    """All that is known of a seller in law, for the form that mends it."""

    seller: Seller
    born_on: date | None
    certified_at: datetime | None


@dataclass(frozen=True, slots=True)
class Mention:
    """Why no tax is billed, as the law words it."""

    text: str
    code: str


_MANDATE = (
    Mandate.id,
    Mandate.producer_id,
    Mandate.market_id,
    Mandate.signed_on,
    Mandate.signed_by,
    Mandate.contest_days,
    Mandate.self_billing,
    Mandate.wording,
    Mandate.revoked_on,
)


def identities(session: Session, refs: Iterable[SellerRef]) -> dict[SellerRef, Identity]:
    """Sellers by key; what nobody has stated is taken from the farm's or the market's page."""
    wanted = sorted(set(refs))
    stated = _stated(session, wanted)
    accounts = _accounts(session, [r.id for r in wanted if r.kind is PartyKind.PRODUCER])
    farms = producers.by_ids(session, [r.id for r in wanted if r.kind is PartyKind.PRODUCER])
    found = {}
    for ref in wanted:
        row = stated.get(ref)
        if ref.kind is PartyKind.PRODUCER:
            farm = farms[ref.id]
            party = Party(
                name=farm.name,
                address=farm.address,
                postcode=farm.postcode,
                commune=farm.commune,
                siret=farm.siret,
                email=farm.email,
                phone=farm.phone,
                certificate=farm.certificate or "",
                iban=accounts.get(ref.id, ""),
            )
            regime = farm.tax_regime
        else:
            market = markets.by_id(session, ref.id)
            party = Party(name=market.name, email=market.email, phone=market.phone)
            regime = selling.terms_of(session, ref.id).tax_regime
        found[ref] = _identity(ref, party, regime, row)
    return found


def sellers(session: Session, refs: Iterable[SellerRef]) -> dict[SellerRef, Seller]:
    """The same, as far as invoices need them."""
    return {ref: found.seller for ref, found in identities(session, refs).items()}


def mandates(session: Session, market_id: int) -> dict[int, list[MandateCard]]:
    """Mandates that producers gave to a market, by producer, the latest first."""
    return _mandates(session, Mandate.market_id == market_id)


def mandates_of(session: Session, producer_id: int) -> list[MandateCard]:
    """Mandates that a producer gave, the latest first."""
    return _mandates(session, Mandate.producer_id == producer_id).get(producer_id, [])


def mentions_on(session: Session, day: date) -> dict[str, Mention]:
    """What the law asks to be written on ``day`` where no tax is billed, by reason."""
    rows = session.execute(
        select(TaxMention.reason, TaxMention.text, TaxMention.code)
        .where(TaxMention.valid_from <= day)
        .where(or_(TaxMention.valid_to.is_(None), TaxMention.valid_to > day))
        .order_by(TaxMention.valid_from)
    )
    return {row.reason: Mention(row.text, row.code) for row in rows}


def _mandates(session: Session, condition: ColumnElement[bool]) -> dict[int, list[MandateCard]]:
    rows = session.execute(
        select(*_MANDATE).where(condition).order_by(Mandate.signed_on.desc(), Mandate.id.desc())
    )
    found: dict[int, list[MandateCard]] = defaultdict(list)
    for row in rows:
        found[row.producer_id].append(MandateCard(*row))
    return found


def _stated(session: Session, refs: list[SellerRef]) -> dict[SellerRef, SellerIdentity]:
    rows = session.scalars(
        select(SellerIdentity).where(SellerIdentity.owner_id.in_([ref.id for ref in refs]))
    )
    return {SellerRef(row.kind, row.owner_id): row for row in rows}


def _accounts(session: Session, producer_ids: list[int]) -> dict[int, str]:
    """The account on which each producer is paid: the one that was noted last."""
    rows = session.execute(
        select(Payee.producer_id, Payee.iban)
        .where(Payee.producer_id.in_(producer_ids))
        .order_by(Payee.id)
    )
    return {row.producer_id: row.iban for row in rows}


def _identity(
    ref: SellerRef, known: Party, regime: TaxRegime, row: SellerIdentity | None
) -> Identity:
    if row is None:
        return Identity(Seller(ref, known, regime), None, None)
    party = Party(
        name=row.legal_name,
        legal_form=row.legal_form,
        address=row.address,
        postcode=row.postcode,
        commune=row.commune,
        country=row.country,
        siret=row.siret,
        vat_number=row.vat_number,
        email=row.email or known.email,
        phone=row.phone or known.phone,
        iban=row.iban if ref.kind is PartyKind.MARKET else known.iban,
        certificate=known.certificate,
    )
    seller = Seller(ref, party, regime, VatReturn(row.vat_return), row.prefix, row.yearly_numbers)
    return Identity(seller, row.born_on, row.certified_at)
