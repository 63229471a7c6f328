"""The demo's sellers in law, their mandates, and the invoices of past deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from shop.billing import paper
from shop.billing.domain.identifiers import is_siret, siren_of, vat_number_of
from shop.billing.domain.invoice import Party
from shop.billing.domain.invoice_terms import PartyKind, VatReturn
from shop.billing.domain.sellers import Buyer, SellerRef, mandate_wording
from shop.billing.services import buyers, invoicing, sellers
from shop.billing.services.sellers import Stated
from shop.catalog.domain.terms import TaxRegime
from shop.demo.orders import Placed
from shop.demo.rows import Values

INVOICED = 60
"""Past orders that have their invoices; the desk issues the others in front of everybody."""

SIGNED_BEFORE = timedelta(days=200)
CONTEST_DAYS = 15
WITHOUT_MANDATE = 1
"""Farms, the last ones, that have not signed yet."""

MARKET_SIRET = "35600000000048"
SCHOOL = Party(
    name="Commune de Brignoles – restauration scolaire",
    address="9 place Caramy",
    postcode="83170",
    commune="Brignoles",
    siret="73282932000074",
    service_code="CANTINE",
)


def bill(
    session: Session,
    market: Values,
    producers: Sequence[Values],
    delivered: Sequence[Placed],
    *,
    today: date,
    now: datetime,
) -> int:
    """Name the sellers and invoice what was delivered first; how many documents."""
    _name_sellers(session, market, producers, now)
    signed_on = today - SIGNED_BEFORE
    for farm in producers[: len(producers) - WITHOUT_MANDATE]:
        sellers.sign_mandate(
            session,
            farm["id"],
            market["id"],
            signed_on=signed_on,
            signed_by=farm["contact_name"],
            contest_days=CONTEST_DAYS,
            self_billing=True,
            wording=mandate_wording(market["name"]),
            by=None,
        )
    order_ids = [each.order["id"] for each in delivered if each.order.get("final_cents")]
    if order_ids:
        _name_school(session, order_ids)
    issued = invoicing.issue_for_orders(
        session, order_ids[:INVOICED], at=now, translate=paper.translate
    )
    return len(issued.issued)


def _name_sellers(
    session: Session, market: Values, producers: Sequence[Values], now: datetime
) -> None:
    house = Party(
        name=market["name"],
        legal_form="SCIC",
        address="12 rue de la République",
        postcode="83170",
        commune="Brignoles",
        siret=MARKET_SIRET,
        vat_number=vat_number_of(siren_of(MARKET_SIRET)),
        email=market["email"],
        phone=market["phone"],
        iban="FR7630006000011234567890189",
    )
    ref = SellerRef(PartyKind.MARKET, market["id"])
    stated = Stated(house, TaxRegime.NORMAL, VatReturn.MONTHLY)
    sellers.state_identity(session, ref, stated, at=now)
    for farm in producers:
        siret = farm["siret"]
        bills_tax = farm["tax_regime"].bills_tax and is_siret(siret)
        party = Party(
            name=farm["name"],
            address=farm["address"],
            postcode=farm["postcode"],
            commune=farm["commune"],
            siret=siret,
            vat_number=vat_number_of(siren_of(siret)) if bills_tax else "",
            email=farm["email"],
            phone=farm["phone"],
        )
        stated = Stated(party, farm["tax_regime"], VatReturn.SIMPLIFIED)
        ref = SellerRef(PartyKind.PRODUCER, farm["id"])
        sellers.state_identity(session, ref, stated, at=now)


def _name_school(session: Session, order_ids: Sequence[int]) -> None:
    """One order goes to a school; another waits for the number of its engagement."""
    buyers.name_buyer(session, order_ids[0], Buyer(SCHOOL, is_public=True, service_required=True))
    if len(order_ids) > 1:
        buyers.name_buyer(
            session, order_ids[1], Buyer(SCHOOL, is_public=True, engagement_required=True)
        )
