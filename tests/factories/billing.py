"""Sellers who are known in law, their mandates, and orders that are settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from shop.billing.domain.invoice import Party
from shop.billing.domain.invoice_terms import PartyKind, VatReturn
from shop.billing.domain.sellers import SellerRef
from shop.billing.services import sellers
from shop.billing.services.sellers import Stated
from shop.catalog.domain.selling import SalesModel
from shop.catalog.domain.terms import TaxRegime
from shop.catalog.models import Producer
from shop.catalog.services import selling as from_catalog
from shop.orders.models import Order
from shop.orders.services.fulfilment import Picked
from tests.factories.fulfilment import CLOSED_AT, close, hand_over, place_paid
from tests.factories.invoices import SELLER
from tests.factories.orders import NOW, Scene

SIGNED_ON = date(2026, 1, 15)
ISSUED_AT = CLOSED_AT + timedelta(days=3)


def plain(language: str, message: str) -> str:
    """Words as they are."""
    return message


def know_sellers(session: Session, scene: Scene, *, mandates: bool = True) -> None:
    """The market and its producers with numbers and addresses; the producers' mandates."""
    state(session, SellerRef(PartyKind.MARKET, scene.market.id), "Marché du Var SCIC")
    for place, producer_id in enumerate(scene.producers):
        name = ("GAEC des Avens", "Le Rucher de Nans")[place]
        state(session, SellerRef(PartyKind.PRODUCER, producer_id), name)
        if mandates:
            sign(session, scene, producer_id)


def state(
    session: Session, ref: SellerRef, name: str, regime: TaxRegime = TaxRegime.RSA, **more: str
) -> None:
    """One seller says who they are."""
    party: Party = replace(SELLER, name=name, certificate="", **more)
    sellers.state_identity(session, ref, Stated(party, regime, VatReturn.SIMPLIFIED), at=NOW)


def sign(session: Session, scene: Scene, producer_id: int, *, self_billing: bool = True) -> int:
    """A producer lets the market write in their name."""
    return sellers.sign_mandate(
        session,
        producer_id,
        scene.market.id,
        signed_on=SIGNED_ON,
        signed_by="Camille Roux",
        contest_days=15,
        self_billing=self_billing,
        wording="Je donne mandat.",
        by=None,
    )


def settled(
    session: Session,
    scene: Scene,
    wanted: Mapping[str, int],
    picked: Mapping[str, Picked] | None = None,
    *,
    name: str = "Jeanne Martin",
) -> int:
    """An order that was delivered and paid, as far as our own rows say; its key."""
    order_id = place_paid(session, scene, wanted, name=name, slot="drive")
    close(session, scene)
    return finish(session, scene, order_id, picked)


def finish(
    session: Session,
    scene: Scene,
    order_id: int,
    picked: Mapping[str, Picked] | None = None,
) -> int:
    """Deliver a firm order and note it as paid; its key."""
    hand_over(session, scene, order_id, picked)
    note_paid(session, order_id)
    return order_id


def note_paid(session: Session, order_id: int) -> None:
    """Say that the money of a delivered order is in."""
    session.execute(update(Order).where(Order.id == order_id).values(state="settled"))
    session.expire_all()


def sell_by(session: Session, scene: Scene, model: SalesModel) -> None:
    """Let the market sell by a model; of farms, the first leads."""
    from_catalog.set_terms(session, scene.market.id, model, TaxRegime.NORMAL, scene.producers[0])


def set_regime(session: Session, producer_id: int, regime: TaxRegime) -> None:
    """A producer under another regime."""
    session.execute(update(Producer).where(Producer.id == producer_id).values(tax_regime=regime))
