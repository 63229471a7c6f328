"""Invoices follow the money: issued when it is in, credited when it goes back, once each."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pypdf
import pytest
from flask import Flask
from sqlalchemy import delete, func, select

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.billing.domain.invoice_record import thaw
from shop.billing.domain.invoice_terms import InvoiceKind
from shop.billing.models import InvoiceFile, InvoiceRun, IssuedInvoice, Mandate
from shop.billing.services import invoice_runs
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.money import Money
from shop.orders.domain.terms import RefundReason, RefundWay
from shop.orders.models import Order, OrderLine
from shop.orders.services import refunds
from shop.orders.services.fulfilment import Picked
from shop.orders.services.refunds import Wish
from tests.factories.billing import finish, know_sellers
from tests.factories.fulfilment import CLOSED_AT, buy, close, hand_over, place_paid
from tests.factories.orders import Scene, make_scene
from tests.factories.paying import Counter, counter_of
from tests.factories.visiting import Customer
from worker import dispatch
from worker.billing import invoice_order, issue_cycle


@pytest.fixture
def counter(committed_app: Flask) -> Iterator[Counter]:
    with counter_of(committed_app) as made, committed_app.app_context():
        yield made


@pytest.fixture
def scene(counter: Counter) -> Scene:
    with unit_of_work() as session:
        made = make_scene(session)
        know_sellers(session, made)
    return made


def paid_on_line(counter: Counter, scene: Scene) -> int:
    """1.234 kg of chicken at 18.90 and two pots of honey at 9.50, delivered and charged."""
    order_id = buy(Customer(counter.app.test_client(), scene), counter, chicken=1, honey=2)
    with unit_of_work() as session:
        close(session, scene)
        hand_over(session, scene, order_id, {"chicken": Picked(1, weight_g=1234)})
    dispatch.drain()
    return order_id


def kinds(order_id: int) -> list[tuple[InvoiceKind, int]]:
    with reading() as session:
        rows = session.execute(
            select(IssuedInvoice.kind, IssuedInvoice.gross_cents)
            .where(IssuedInvoice.order_id == order_id)
            .order_by(IssuedInvoice.seller_id, IssuedInvoice.id)
        )
        return [(row.kind, row.gross_cents) for row in rows]


def give_back(order_id: int, product: str, cents: int) -> None:
    with unit_of_work() as session:
        line_id = session.scalars(
            select(OrderLine.id).where(
                OrderLine.order_id == order_id, OrderLine.product_name == product
            )
        ).one()
        refunds.ask(
            session,
            order_id,
            Wish(RefundReason.DAMAGED, RefundWay.CARD, {line_id: Money(cents)}),
            key="back",
            by=None,
            at=CLOSED_AT,
        )
    dispatch.drain()


def test_an_order_is_invoiced_when_its_money_is_in_and_only_once(
    counter: Counter, scene: Scene
) -> None:
    order_id = paid_on_line(counter, scene)
    issued = [(InvoiceKind.INVOICE, 2332), (InvoiceKind.INVOICE, 1900)]
    assert kinds(order_id) == issued
    invoice_order(order_id)
    assert kinds(order_id) == issued


def test_a_refund_brings_a_credit_note_of_its_lines(counter: Counter, scene: Scene) -> None:
    order_id = paid_on_line(counter, scene)
    give_back(order_id, "Miel de lavande", 950)
    assert kinds(order_id) == [
        (InvoiceKind.INVOICE, 2332),
        (InvoiceKind.INVOICE, 1900),
        (InvoiceKind.CREDIT_NOTE, 950),
    ]
    with reading() as session:
        document = session.scalars(
            select(IssuedInvoice.document).where(IssuedInvoice.kind == InvoiceKind.CREDIT_NOTE)
        ).one()
    note = thaw(document)
    assert note.correction is not None
    assert note.correction.reason


def test_what_was_given_back_before_the_invoice_is_credited_with_it(
    counter: Counter, scene: Scene
) -> None:
    with unit_of_work() as session:
        session.execute(delete(Mandate))
    order_id = paid_on_line(counter, scene)
    give_back(order_id, "Miel de lavande", 950)
    assert kinds(order_id) == []
    with unit_of_work() as session:
        know_sellers(session, scene)
    invoice_order(order_id)
    assert [cents for _kind, cents in kinds(order_id)] == [2332, 1900, 950]


def test_a_cycle_is_invoiced_and_printed_at_once_and_a_second_try_adds_nothing(
    counter: Counter, scene: Scene
) -> None:
    with unit_of_work() as session:
        found = [place_paid(session, scene, {"honey": 2}) for _ in range(3)]
        close(session, scene)
        for order_id in found:
            finish(session, scene, order_id)
        market_id, cycle_id = scene.market.id, scene.cycle.id
        run_id = invoice_runs.ask(session, market_id, cycle_id, at=CLOSED_AT)
        assert invoice_runs.ask(session, market_id, cycle_id, at=CLOSED_AT) == run_id
    dispatch.drain()
    issue_cycle(run_id)
    with reading() as session:
        run = session.get_one(InvoiceRun, run_id)
        assert (run.state, run.orders, run.orders_done, run.issued) == ("done", 3, 3, 3)
        assert (run.files, run.files_done, run.blocked) == (3, 3, 0)
        assert session.scalar(select(func.count()).select_from(IssuedInvoice)) == 3
        pdfs = session.scalars(select(InvoiceFile.pdf)).all()
        number = session.scalars(select(Order.number).where(Order.id == found[0])).one()
    assert len(pdfs) == 3
    pages = [pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text() for pdf in pdfs]
    assert sum(number in page for page in pages) == 1
