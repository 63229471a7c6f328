"""What leaves for the tax office adds up to what was invoiced and sold."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.billing.domain.invoice_terms import FilingRhythm, PartyKind
from shop.billing.domain.payout import PayoutMethod
from shop.billing.models import IssuedInvoice, Payee
from shop.billing.queries import exports
from shop.billing.services import crediting, invoicing
from shop.catalog.domain.selling import SalesModel
from shop.kernel.money import Money
from shop.orders.services import settlement
from tests.factories.billing import ISSUED_AT, finish, know_sellers, plain, sell_by, settled
from tests.factories.fulfilment import close, hand_over, place_paid, set_fees
from tests.factories.orders import Scene, make_scene

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def scene(session: Session) -> Scene:
    made = make_scene(session)
    know_sellers(session, made)
    return made


def test_day_totals_are_the_invoices_less_the_credit_notes(session: Session, scene: Scene) -> None:
    first = place_paid(session, scene, {"honey": 2}, slot="drive")
    second = place_paid(session, scene, {"honey": 3}, slot="drive")
    close(session, scene)
    for order_id in (first, second):
        finish(session, scene, order_id)
    invoicing.issue_for_orders(session, [first, second], at=ISSUED_AT, translate=plain)
    hive = session.scalars(
        select(IssuedInvoice.id)
        .where(IssuedInvoice.seller_kind == PartyKind.PRODUCER)
        .order_by(IssuedInvoice.id)
    ).first()
    assert hive is not None
    next_day = ISSUED_AT + timedelta(days=1)
    crediting.credit(session, hive, {0: Money(950)}, reason="x", key="k", at=next_day)
    totals = exports.day_totals(session, scene.market.id, date(2026, 11, 1), date(2026, 12, 1))
    of_hive = [each for each in totals if each.seller_name == "Le Rucher de Nans"]
    # 19.00 and 28.50 are 18.01 and 27.01 without tax; a credit note of 9.50 takes back 9.00.
    assert [(each.count, each.net.cents, each.tax.cents, each.rate_bp) for each in of_hive] == [
        (2, 4502, 248, 550),
        (1, -900, -50, 550),
    ]
    assert [each.on for each in of_hive] == [ISSUED_AT.date(), next_day.date()]
    assert {each.rhythm for each in of_hive} == {FilingRhythm.MONTH}
    assert of_hive[0].siren == "732829320"


def test_the_yearly_report_has_amounts_and_fees_by_quarter(session: Session, scene: Scene) -> None:
    set_fees(session, scene)
    session.add(
        Payee(
            producer_id=scene.producers[1],
            method=PayoutMethod.SEPA,
            holder="Le Rucher",
            iban="FR7630006000011234567890189",
        )
    )
    order_id = place_paid(session, scene, {"honey": 2})
    close(session, scene)
    hand_over(session, scene, order_id)
    settlement.prepare(session, order_id, at=ISSUED_AT)
    year = session.scalars(select(func.extract("year", func.now()))).one()
    (seller,) = exports.year_of_sellers(session, scene.market.id, int(year), PARIS)
    assert seller.name == "Le Rucher de Nans"
    assert (seller.siret, seller.iban) == ("73282932000074", "FR7630006000011234567890189")
    # Two pots at 9.50, of which 2 % and 15 % are kept.
    assert (seller.amount, seller.fees, seller.sales) == (Money(1900), Money(323), 1)
    assert sorted(quarter.cents for quarter in seller.quarters) == [0, 0, 0, 1900]
    assert exports.year_of_sellers(session, scene.market.id, int(year) - 1, PARIS) == []


def test_what_the_market_resells_is_not_in_the_report_of_sellers(
    session: Session, scene: Scene
) -> None:
    sell_by(session, scene, SalesModel.HUB_RESALE)
    order_id = settled(session, scene, {"honey": 2})
    settlement.prepare(session, order_id, at=ISSUED_AT)
    for year in (2026, 2027):
        assert exports.year_of_sellers(session, scene.market.id, year, PARIS) == []
