"""Invoices of real orders: one per seller of record, numbered without gaps, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shop.billing.domain.invoice import Invoice
from shop.billing.domain.invoice_record import thaw
from shop.billing.domain.invoice_sheet import to_print
from shop.billing.domain.invoice_terms import InvoiceKind, InvoiceLineKind, PartyKind
from shop.billing.domain.sellers import Lack, SellerRef
from shop.billing.errors import CreditTooHigh, NothingToCredit
from shop.billing.models import BuyerParty, InvoiceSubmission, IssuedInvoice
from shop.billing.queries.sellers import mandates_of
from shop.billing.services import crediting, invoicing, sellers, waiting
from shop.billing.services.invoicing import Outcome
from shop.catalog.domain.selling import SalesModel
from shop.catalog.domain.terms import SpotWay, TaxRegime
from shop.catalog.models import Producer, Product
from shop.infra.formats import LocaleFormats
from shop.kernel.money import Money
from shop.orders.domain.tenders import PaidBy
from shop.orders.models import Order, Organisation
from shop.orders.queries import tenders
from shop.orders.services.fulfilment import Picked
from shop.orders.services.tenders import Wish
from tests.factories.billing import (
    ISSUED_AT,
    SIGNED_ON,
    finish,
    know_sellers,
    plain,
    sell_by,
    set_regime,
    settled,
    state,
)
from tests.factories.fulfilment import close, hand_over, place_paid
from tests.factories.orders import Scene, make_order, make_person, make_scene
from tests.factories.tills import accept, deliver, give_credit, take
from tests.factories.tills import settle as settle_paid

WANTED = {"chicken": 1, "honey": 2, "yogurt": 3}
WEIGHED = {"chicken": Picked(1, weight_g=1234)}


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


def issue(session: Session, *order_ids: int) -> Outcome:
    return invoicing.issue_for_orders(session, order_ids, at=ISSUED_AT, translate=plain)


def documents(session: Session, ids: Sequence[int]) -> list[Invoice]:
    rows = session.scalars(
        select(IssuedInvoice.document)
        .where(IssuedInvoice.id.in_(ids))
        .order_by(IssuedInvoice.seller_kind, IssuedInvoice.seller_id, IssuedInvoice.id)
    )
    return [thaw(document) for document in rows]


def test_each_producer_of_a_marketplace_invoices_what_they_sold(
    session: Session, scene: Scene
) -> None:
    know_sellers(session, scene)
    order_id = settled(session, scene, WANTED, WEIGHED)
    outcome = issue(session, order_id)
    assert outcome.blockers == ()
    market, farm, hive = documents(session, outcome.issued)
    assert [line.name for line in farm.lines] == [
        "Poulet fermier",
        "Yaourt de brebis",
        "Deposit – Yaourt de brebis",
    ]
    # 1.234 kg at 18.90 and three yogurts at 3.20, with three deposits of 0.20.
    assert [line.gross.cents for line in farm.lines] == [2332, 960, 60]
    assert farm.lines[0].quantity.amount == 1234
    assert farm.seller.name == "GAEC des Avens"
    assert (hive.seller.name, hive.gross) == ("Le Rucher de Nans", Money(1900))
    assert [line.kind for line in market.lines] == [InvoiceLineKind.DELIVERY]
    assert farm.mandate is not None
    assert (farm.mandate.issuer, farm.mandate.signed_on) == ("Marché du Var SCIC", SIGNED_ON)
    assert market.mandate is None
    assert farm.paid == farm.gross
    assert farm.due == Money.zero()


def test_all_invoices_of_an_order_come_to_what_was_charged(session: Session, scene: Scene) -> None:
    know_sellers(session, scene)
    order_id = settled(session, scene, WANTED, WEIGHED)
    outcome = issue(session, order_id)
    charged = session.scalar(
        text("SELECT final_cents FROM orders WHERE id = :id"), {"id": order_id}
    )
    assert Money.total(d.gross for d in documents(session, outcome.issued)).cents == charged


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (SalesModel.HUB_RESALE, ["Marché du Var SCIC"]),
        (SalesModel.FARM_RESALE, ["GAEC des Avens"]),
        (
            SalesModel.PRODUCERS_SHOP,
            ["Marché du Var SCIC", "GAEC des Avens", "Le Rucher de Nans"],
        ),
        (
            SalesModel.SEASON_CONTRACT,
            ["Marché du Var SCIC", "GAEC des Avens", "Le Rucher de Nans"],
        ),
    ],
)
def test_the_model_says_who_sells(
    session: Session, scene: Scene, model: SalesModel, names: list[str]
) -> None:
    know_sellers(session, scene)
    sell_by(session, scene, model)
    order_id = settled(session, scene, WANTED, WEIGHED)
    outcome = issue(session, order_id)
    made = documents(session, outcome.issued)
    assert [document.seller.name for document in made] == names
    if model.resells:
        kinds = {line.kind for line in made[0].lines}
        assert InvoiceLineKind.DELIVERY in kinds


def test_the_same_goods_of_two_regimes_have_two_rates(session: Session, scene: Scene) -> None:
    set_regime(session, scene.producers[1], TaxRegime.RFA)
    know_sellers(session, scene)
    ref = SellerRef(PartyKind.PRODUCER, scene.producers[1])
    state(session, ref, "Le Rucher", TaxRegime.RFA, vat_number="")
    order_id = settled(session, scene, {"yogurt": 1, "honey": 2})
    _market, farm, hive = documents(session, issue(session, order_id).issued)
    assert farm.lines[0].rate_bp == 550
    assert [group.rate_bp for group in hive.taxes] == [0]
    assert (hive.net, hive.tax) == (Money(1900), Money.zero())
    assert hive.mentions == (
        "TVA non applicable, remboursement forfaitaire agricole, art. 298 quater du CGI",
    )
    assert farm.mentions == ("Consigne d’emballage, hors base d’imposition à la TVA",)


def test_nothing_is_written_in_a_name_without_a_mandate(session: Session, scene: Scene) -> None:
    know_sellers(session, scene, mandates=False)
    order_id = settled(session, scene, WANTED, WEIGHED)
    outcome = issue(session, order_id)
    assert [d.seller.name for d in documents(session, outcome.issued)] == ["Marché du Var SCIC"]
    assert [(b.lack, b.who) for b in outcome.blockers] == [
        (Lack.MANDATE, "GAEC des Avens"),
        (Lack.MANDATE, "Le Rucher de Nans"),
    ]


def test_a_mandate_that_was_taken_back_opens_nothing(session: Session, scene: Scene) -> None:
    know_sellers(session, scene)
    producer_id = scene.producers[0]
    (card,) = mandates_of(session, producer_id)
    sellers.revoke_mandate(session, producer_id, card.id, on=ISSUED_AT.date())
    order_id = settled(session, scene, {"yogurt": 4})
    outcome = issue(session, order_id)
    assert [b.lack for b in outcome.blockers] == [Lack.MANDATE]


def test_a_seller_who_bills_tax_needs_a_vat_number(session: Session, scene: Scene) -> None:
    know_sellers(session, scene)
    ref = SellerRef(PartyKind.PRODUCER, scene.producers[0])
    state(session, ref, "GAEC des Avens", vat_number="", siret="1")
    outcome = issue(session, settled(session, scene, {"yogurt": 4}))
    assert [b.lack for b in outcome.blockers] == [Lack.SELLER_SIRET, Lack.SELLER_VAT]


def test_an_order_is_invoiced_once_however_often_it_is_asked(
    session: Session, scene: Scene
) -> None:
    know_sellers(session, scene)
    order_id = settled(session, scene, WANTED, WEIGHED)
    assert len(issue(session, order_id).issued) == 3
    assert issue(session, order_id).issued == ()


def test_numbers_follow_each_other_by_seller(session: Session, scene: Scene) -> None:
    know_sellers(session, scene)
    first = place_paid(session, scene, {"honey": 2}, slot="drive")
    second = place_paid(session, scene, {"honey": 3})
    close(session, scene)
    for order_id in (first, second):
        finish(session, scene, order_id)
    issue(session, first, second)
    numbers = session.scalars(
        select(IssuedInvoice.number)
        .where(IssuedInvoice.seller_kind == PartyKind.PRODUCER)
        .order_by(IssuedInvoice.id)
    ).all()
    hive = scene.producers[1]
    assert numbers == [f"MDVS-LRDN{hive}-2026-00001", f"MDVS-LRDN{hive}-2026-00002"]


def test_an_order_that_is_not_paid_yet_waits(session: Session, scene: Scene) -> None:
    know_sellers(session, scene)
    order_id = place_paid(session, scene, {"honey": 2}, slot="drive")
    close(session, scene)
    outcome = issue(session, order_id)
    assert (outcome.issued, outcome.blockers) == ((), ())


def test_an_invoice_cannot_be_changed(session: Session, scene: Scene) -> None:
    know_sellers(session, scene)
    issue(session, settled(session, scene, {"honey": 2}))
    for statement in (
        "UPDATE invoices SET gross_cents = 1",
        "DELETE FROM invoices",
        "UPDATE invoice_taxes SET base_cents = 1",
        "DELETE FROM invoice_lines",
    ):
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(statement))


def test_a_credit_note_cites_its_invoice_and_takes_no_more_than_is_left(
    session: Session, scene: Scene
) -> None:
    know_sellers(session, scene)
    issued = issue(session, settled(session, scene, {"honey": 2})).issued
    invoice_id = session.scalars(
        select(IssuedInvoice.id).where(
            IssuedInvoice.id.in_(issued), IssuedInvoice.seller_id == scene.producers[1]
        )
    ).one()
    at = ISSUED_AT + timedelta(days=1)
    noted = crediting.credit(
        session, invoice_id, {0: Money(950)}, reason="Pot cassé", key="a", at=at
    )
    assert noted is not None
    original, note = documents(session, [invoice_id, noted])
    assert note.kind is InvoiceKind.CREDIT_NOTE
    assert note.correction is not None
    assert (note.correction.number, note.correction.reason) == (original.number, "Pot cassé")
    assert note.gross == Money(950)
    assert (note.net.cents, note.tax.cents, note.rounding.cents) == (900, 50, 0)
    assert note.number.endswith("00002")
    with pytest.raises(CreditTooHigh):
        crediting.credit(session, invoice_id, {0: Money(951)}, reason="x", key="b", at=at)
    with pytest.raises(NothingToCredit):
        crediting.credit(session, noted, {0: Money(1)}, reason="x", key="c", at=at)
    assert crediting.left_of(session, invoice_id) == {0: Money(950)}
    again = crediting.credit(session, invoice_id, {0: Money(950)}, reason="x", key="a", at=at)
    assert again is None


def test_a_public_buyer_without_its_numbers_is_not_invoiced(session: Session, scene: Scene) -> None:
    know_sellers(session, scene)
    order_id = settled(session, scene, {"honey": 2})
    party = BuyerParty(
        order_id=order_id,
        name="Commune de Brignoles",
        siret="35600000000048",
        address="9 place Caramy",
        postcode="83170",
        commune="Brignoles",
        is_public=True,
        service_required=True,
        engagement_required=True,
    )
    session.add(party)
    session.flush()
    outcome = issue(session, order_id)
    assert outcome.issued == ()
    assert {b.lack for b in outcome.blockers} == {Lack.SERVICE_CODE, Lack.ENGAGEMENT}
    party.service_code, party.engagement = "CANTINE", "EJ-1"
    session.flush()
    outcome = issue(session, order_id)
    assert outcome.blockers == ()
    made = documents(session, outcome.issued)
    assert {d.buyer.engagement for d in made} == {"EJ-1"}
    assert all(any(note.startswith("PMT|") for note in d.notes) for d in made)
    states = session.scalars(select(InvoiceSubmission.state)).all()
    assert states == ["ready"] * len(made)


def test_the_code_of_an_organic_product_stands_on_its_line(session: Session, scene: Scene) -> None:
    know_sellers(session, scene)
    farm = session.get_one(Producer, scene.producers[0])
    farm.certificate = "FR-BIO-10"
    session.execute(
        update(Product).where(Product.name == "Yaourt de brebis").values(labels=["organic"])
    )
    order_id = settled(session, scene, WANTED, WEIGHED)
    _market, made, hive = documents(session, issue(session, order_id).issued)
    assert [line.note for line in made.lines] == ["× 1", "FR-BIO-10", ""]
    assert [line.note for line in hive.lines] == [""]


def test_what_goes_on_an_account_is_due_to_the_market_that_collects(
    session: Session, scene: Scene
) -> None:
    know_sellers(session, scene)
    market = SellerRef(PartyKind.MARKET, scene.market.id)
    state(session, market, "Marché du Var SCIC", iban="FR1420041010050500013M02606")
    order_id = place_paid(session, scene, {"honey": 2}, slot="drive")
    school = Organisation(
        market_id=scene.market.id,
        name="Commune de Brignoles",
        sort_key="commune",
        siret="35600000000048",
        email="ecole@exemple.fr",
        address="9 place Caramy",
        postcode="83170",
        commune="Brignoles",
        term_days=30,
        limit_cents=100_000,
    )
    session.add(school)
    session.flush()
    session.get_one(Order, order_id).organisation_id = school.id
    close(session, scene)
    hand_over(session, scene, order_id)
    _market, hive = documents(session, issue(session, order_id).issued)
    assert (hive.seller.name, hive.buyer.name) == ("Le Rucher de Nans", "Commune de Brignoles")
    assert (hive.seller.iban, hive.seller.iban_holder) == (
        "FR1420041010050500013M02606",
        "Marché du Var SCIC",
    )
    assert (hive.paid, hive.due) == (Money.zero(), Money(1900))
    assert hive.due_on == hive.supplied_on + timedelta(days=30)


def test_what_lacks_is_told_until_everything_is_invoiced(session: Session, scene: Scene) -> None:
    know_sellers(session, scene, mandates=False)
    order_id = settled(session, scene, WANTED, WEIGHED)
    market_id, cycle_id = scene.market.id, scene.cycle.id

    def lacking() -> list[tuple[Lack, str, int]]:
        found = waiting.of_cycle(session, market_id, cycle_id, at=ISSUED_AT, translate=plain)
        assert found.orders == 1
        return [(each.lack, each.who, len(each.orders)) for each in found.lacking]

    both = [(Lack.MANDATE, "GAEC des Avens", 1), (Lack.MANDATE, "Le Rucher de Nans", 1)]
    assert lacking() == both
    issue(session, order_id)
    assert lacking() == both
    know_sellers(session, scene)
    issue(session, order_id)
    assert lacking() == []
    for card in mandates_of(session, scene.producers[0]):
        sellers.revoke_mandate(session, scene.producers[0], card.id, on=SIGNED_ON)
    assert lacking() == []


def test_invoices_name_what_paid_them_and_a_gift_to_the_fund_is_on_none(
    session: Session, scene: Scene
) -> None:
    know_sellers(session, scene)
    buyer = make_person(session)
    give_credit(session, scene, buyer, 1200)
    accept(session, scene)
    wish = Wish(use_credit=True, on_spot=True, donation=Money(50))
    made = make_order(session, scene, {"honey": 2, "yogurt": 3}, person_id=buyer, wish=wish)
    deliver(session, scene, made.order_id)
    due = tenders.standing(session, made.order_id).to_collect
    assert due == Money(1900 + 960 + 60 + 50 - 1200)
    take(session, scene, made.order_id, due.cents, SpotWay.CASH)
    settle_paid(session, made.order_id)
    issued = issue(session, made.order_id).issued
    papers = documents(session, issued)
    assert Money.total(paper.gross for paper in papers) == Money(1900 + 960 + 60)
    assert all(paper.due == Money.zero() for paper in papers)
    paid: dict[PaidBy, int] = {}
    for paper in papers:
        assert Money.total(part.amount for part in paper.paid_parts) == paper.gross
        for part in paper.paid_parts:
            paid[part.by] = paid.get(part.by, 0) + part.amount.cents
    assert paid == {PaidBy.CREDIT: 1200, PaidBy.CASH: 1720}
    said = [
        to_print(paper, "", str, LocaleFormats("en", ZoneInfo("UTC")))["paid"] for paper in papers
    ]
    assert "card" not in " ".join(said)
