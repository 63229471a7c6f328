"""Whatever is cut, and for however long: a producer is paid once, and gives back once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.billing.domain.payout import PayoutMethod
from shop.billing.models import Payout, PayoutReversal
from shop.billing.queries import proofs
from shop.billing.services import payouts
from shop.billing.services.payouts import PayeeEntry
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayUnavailable
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind, RefundReason, RefundWay
from shop.orders.models import OrderLine
from shop.orders.ports import PayeeRequest
from shop.orders.queries import accounts
from shop.orders.services import refunds
from shop.orders.services.fulfilment import Picked
from shop.orders.services.refunds import Wish
from tests.factories.fulfilment import CLOSED_AT, buy, close, hand_over, set_fees
from tests.factories.orders import make_scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer
from worker import dispatch
from worker.payouts import reverse_payout, send_payout, settle_cycle

AT = CLOSED_AT + timedelta(days=4)
OWED = 2332 - 47 - 350
"""What the farm gets of 1.234 kg of chicken."""
BACK = 1000 - 20 - 150
"""What the farm bears of a refund of 10 €."""


class PowerCut(RuntimeError):
    """The worker dies here."""


@pytest.fixture
def farm(counter: Counter) -> Iterator[int]:
    """A farm with an account at the provider that is owed ``OWED``, and a payout that waits."""
    with counter.app.app_context():
        yield _prepare(counter.app, counter)


def _prepare(app: Flask, counter: Counter) -> int:
    with unit_of_work() as session:
        scene = make_scene(session)
        set_fees(session, scene)
    order_id = buy(Customer(app.test_client(), scene), counter, chicken=1)
    with unit_of_work() as session:
        close(session, scene)
        hand_over(session, scene, order_id, {"chicken": Picked(1, weight_g=1234)})
    dispatch.drain()
    counter.clock.at = AT
    settle_cycle(scene.cycle.id)
    farm = scene.producers[0]
    ref = counter.gateway.open_payee(PayeeRequest("payee", "ferme@exemple.fr"))
    with unit_of_work() as session:
        payouts.note_payee(
            session, farm, PayeeEntry(PayoutMethod.TRANSFER, "Ferme", account_ref=ref)
        )
        payouts.decide(session, scene.market.id, PayoutMethod.TRANSFER, execute_on=AT.date(), at=AT)
    return farm


def payout_id() -> int:
    with reading() as session:
        return session.scalars(select(Payout.id)).one()


def moved(counter: Counter, kind: str) -> list[int]:
    """What the provider moved of that kind, in cents."""
    entries = counter.gateway.balance_entries(AT - timedelta(days=9), AT + timedelta(days=30))
    return [entry.amount.cents for entry in entries if entry.kind == kind]


def books_are_sound(farm: int, owed: int) -> None:
    with reading() as session:
        every = [*accounts.prove(session), *proofs.prove(session)]
        assert [proof for proof in every if not proof.holds] == []
        assert accounts.balance(session, AccountKind.PRODUCER, farm).cents == -owed


def test_a_transfer_whose_answer_was_lost_is_not_made_again_days_after(
    farm: int, counter: Counter
) -> None:
    counter.bench.turn(lose_answers=1)
    with pytest.raises(GatewayUnavailable):
        send_payout(payout_id())
    # The provider forgets its keys after a day.
    counter.wait(days=2)
    send_payout(payout_id())
    assert moved(counter, "transfer") == [-OWED]
    with reading() as session:
        assert session.scalars(select(Payout.state)).one() == "paid"
    books_are_sound(farm, 0)


def paid_and_refunded(farm: int, counter: Counter) -> int:
    """The farm was paid, then its customer got 10 € back; the reversal that waits."""
    send_payout(payout_id())
    with unit_of_work() as session:
        line = session.scalars(select(OrderLine)).one()
        wish = Wish(RefundReason.DAMAGED, RefundWay.CARD, {line.id: Money(1000)})
        refunds.ask(session, line.order_id, wish, key="one", at=AT)
    counter.bench.turn(outage_of="reversals")
    dispatch.drain()
    counter.bench.turn(outage_of="")
    with reading() as session:
        reversal = session.scalars(select(PayoutReversal)).one()
        assert (reversal.state, reversal.amount_cents) == ("noted", BACK)
        return reversal.id


CUTS = [
    ("before the wish is noted", 0),
    ("before the call", 0),
    ("after the call", 0),
    ("after the call, for days", 2),
    ("before the note is kept", 0),
    ("before the note is kept, for days", 2),
    ("after the note", 0),
]
"""Where the worker dies, and for how many days nobody takes it up again."""


@pytest.mark.parametrize(("where", "days"), CUTS)
def test_a_reversal_that_is_cut_anywhere_is_made_once(
    where: str, days: int, farm: int, counter: Counter
) -> None:
    reversal_id = paid_and_refunded(farm, counter)
    _die(reversal_id, where, counter)
    counter.wait(days=days)
    reverse_payout(reversal_id)
    reverse_payout(reversal_id)
    assert moved(counter, "transfer") == [-OWED]
    assert moved(counter, "transfer_refund") == [BACK]
    with reading() as session:
        assert session.get_one(PayoutReversal, reversal_id).state == "paid"
    books_are_sound(farm, 0)


def _die(reversal_id: int, where: str, counter: Counter) -> None:
    try:
        with unit_of_work() as session:
            call = payouts.reversal_call(session, reversal_id, at=AT)
            assert call is not None
            if where == "before the wish is noted":
                raise PowerCut
        if where == "before the call":
            raise PowerCut
        done = counter.gateway.reverse_transfer(call.request)
        if where.startswith("after the call"):
            raise PowerCut
        with unit_of_work() as session:
            payouts.note_reversed(session, reversal_id, at=AT, provider_ref=done.id)
            if where.startswith("before the note is kept"):
                raise PowerCut
    except PowerCut:
        return


def test_a_reversal_that_is_refused_is_owed_to_the_next_statement(
    farm: int, counter: Counter
) -> None:
    reversal_id = paid_and_refunded(farm, counter)
    with unit_of_work() as session:
        payouts.not_reversed(session, reversal_id, at=AT, why="closed account")
        payouts.not_reversed(session, reversal_id, at=AT, why="closed account")
    reverse_payout(reversal_id)
    assert moved(counter, "transfer_refund") == []
    books_are_sound(farm, -BACK)
