"""Note who a seller is in law, and the mandates that producers sign and take back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.billing.domain.invoice import Party
from shop.billing.domain.invoice_terms import PartyKind, VatReturn
from shop.billing.domain.sellers import SellerRef
from shop.billing.errors import MandateUnknown
from shop.billing.models import Mandate, SellerIdentity
from shop.catalog.domain.terms import TaxRegime
from shop.catalog.services import selling


@dataclass(frozen=True, slots=True)
class Stated:
    """What a seller says of themselves."""

    party: Party
    regime: TaxRegime
    vat_return: VatReturn
    born_on: date | None = None
    prefix: str = ""
    yearly_numbers: bool = True


def state_identity(session: Session, ref: SellerRef, said: Stated, *, at: datetime) -> None:
    """Keep what a seller says of themselves, certified at ``at``; issued invoices keep theirs.

    A market's regime stands with its selling terms, not here.
    """
    party = said.party
    values = {
        "legal_name": party.name,
        "legal_form": party.legal_form,
        "siret": party.siret,
        "vat_number": party.vat_number,
        "vat_return": said.vat_return,
        "address": party.address,
        "postcode": party.postcode,
        "commune": party.commune,
        "country": party.country,
        "email": party.email,
        "phone": party.phone,
        "iban": party.iban,
        "born_on": said.born_on,
        "prefix": said.prefix,
        "yearly_numbers": said.yearly_numbers,
        "certified_at": at,
    }
    session.execute(
        insert(SellerIdentity)
        .values(kind=ref.kind, owner_id=ref.id, **values)
        .on_conflict_do_update(index_elements=["kind", "owner_id"], set_=values)
    )
    if ref.kind is PartyKind.PRODUCER:
        selling.set_tax_identity(session, ref.id, siret=party.siret, tax_regime=said.regime)


def sign_mandate(
    session: Session,
    producer_id: int,
    market_id: int,
    *,
    signed_on: date,
    signed_by: str,
    contest_days: int,
    self_billing: bool,
    wording: str,
    by: int | None,
) -> int:
    """Keep a producer's mandate; an earlier one ends where this begins."""
    earlier = session.scalars(
        select(Mandate)
        .where(Mandate.producer_id == producer_id, Mandate.market_id == market_id)
        .where(Mandate.revoked_on.is_(None), Mandate.signed_on <= signed_on)
        .with_for_update()
    )
    for mandate in earlier:
        mandate.revoked_on = signed_on
    signed = Mandate(
        producer_id=producer_id,
        market_id=market_id,
        signed_on=signed_on,
        signed_by=signed_by,
        contest_days=contest_days,
        self_billing=self_billing,
        wording=wording,
        noted_by=by,
    )
    session.add(signed)
    session.flush()
    return signed.id


def revoke_mandate(session: Session, producer_id: int, mandate_id: int, *, on: date) -> None:
    """End a mandate: nothing is written in the producer's name from ``on``.

    Raises:
        MandateUnknown: this producer gave no such mandate.
    """
    mandate = session.get(Mandate, mandate_id, with_for_update=True)
    if mandate is None or mandate.producer_id != producer_id:
        raise MandateUnknown(mandate_id=mandate_id)
    if mandate.revoked_on is None:
        mandate.revoked_on = max(on, mandate.signed_on)
