"""A market that resells bills itself for what it bought: once per producer, when they agreed."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.billing.domain.invoice_record import thaw
from shop.billing.domain.invoice_terms import InvoiceKind, InvoiceLineKind, PartyKind
from shop.billing.domain.sellers import Lack, SellerRef
from shop.billing.models import IssuedInvoice
from shop.billing.services import purchases
from shop.billing.services.invoicing import Outcome
from shop.catalog.domain.selling import SalesModel
from shop.catalog.domain.terms import TaxRegime
from shop.kernel.money import Money
from shop.orders.services import settlement
from tests.factories.billing import (
    ISSUED_AT,
    know_sellers,
    note_paid,
    plain,
    sell_by,
    set_regime,
    sign,
    state,
)
from tests.factories.fulfilment import close, hand_over, place_paid, set_fees
from tests.factories.orders import Scene, make_scene


@pytest.fixture
def scene(session: Session) -> Scene:
    made = make_scene(session)
    know_sellers(session, made)
    set_fees(session, made)
    return made


def sell(session: Session, scene: Scene) -> None:
    """Two orders of honey, three pots and two."""
    first = place_paid(session, scene, {"honey": 3})
    second = place_paid(session, scene, {"honey": 2})
    close(session, scene)
    for order_id in (first, second):
        hand_over(session, scene, order_id)
        settlement.prepare(session, order_id, at=ISSUED_AT)
        note_paid(session, order_id)


def bill(session: Session, scene: Scene) -> Outcome:
    return purchases.issue_for_cycle(
        session, scene.market.id, scene.cycle.id, at=ISSUED_AT, translate=plain
    )


def test_the_buyer_writes_what_the_producer_is_owed(session: Session, scene: Scene) -> None:
    sell_by(session, scene, SalesModel.HUB_RESALE)
    sell(session, scene)
    outcome = bill(session, scene)
    assert outcome.blockers == ()
    (document,) = session.scalars(
        select(IssuedInvoice.document).where(IssuedInvoice.id.in_(outcome.issued))
    ).all()
    invoice = thaw(document)
    assert invoice.kind is InvoiceKind.SELF_BILLED
    assert (invoice.seller.name, invoice.buyer.name) == ("Le Rucher de Nans", "Marché du Var SCIC")
    assert [(line.kind, line.gross.cents, line.quantity.amount) for line in invoice.lines] == [
        (InvoiceLineKind.GOODS, 4750, 5),
        # 2 % and 15 % of 28.50 and of 19.00, rounded sale by sale.
        (InvoiceLineKind.COMMISSION, -808, 1),
    ]
    assert invoice.gross == Money(4750 - 808)
    assert invoice.mandate is not None
    assert bill(session, scene).issued == ()


def test_a_producer_who_bills_no_tax_sells_without_it(session: Session, scene: Scene) -> None:
    hive = scene.producers[1]
    set_regime(session, hive, TaxRegime.RFA)
    ref = SellerRef(PartyKind.PRODUCER, hive)
    state(session, ref, "Le Rucher", TaxRegime.RFA, vat_number="")
    sell_by(session, scene, SalesModel.HUB_RESALE)
    sell(session, scene)
    (document,) = session.scalars(
        select(IssuedInvoice.document).where(IssuedInvoice.id.in_(bill(session, scene).issued))
    ).all()
    assert [group["rate_bp"] for group in document["taxes"]] == [0]


def test_nothing_is_billed_to_itself_without_the_producer_s_word(
    session: Session, scene: Scene
) -> None:
    sign(session, scene, scene.producers[1], self_billing=False)
    sell_by(session, scene, SalesModel.HUB_RESALE)
    sell(session, scene)
    outcome = bill(session, scene)
    assert outcome.issued == ()
    assert [blocker.lack for blocker in outcome.blockers] == [Lack.SELF_BILLING]


def test_a_marketplace_buys_nothing(session: Session, scene: Scene) -> None:
    sell(session, scene)
    assert bill(session, scene) == Outcome()
