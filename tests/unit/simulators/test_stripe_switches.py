"""Every switch and deed of the control page does what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shop.kernel.errors import GatewayUnavailable
from shop.kernel.money import Money
from shop.orders.ports import (
    CaptureMode,
    CaptureRequest,
    CardDeclined,
    IntentStatus,
    MethodKind,
    RefundRequest,
    WrongStateAtGateway,
)
from shop.simulators.stripe.books import SWITCHES
from shop.simulators.stripe.control import DEEDS
from tests.unit.simulators.conftest import Rig

ARRIVES = "FR1420041010050500013M02606"


def do(rig: Rig, deed: str, thing_id: str) -> int:
    return rig.bench.browser.post(
        "/_control/deeds", json={"deed": deed, "id": thing_id}
    ).status_code


def debit(rig: Rig) -> str:
    opened = rig.opened(
        1250, capture=CaptureMode.AUTOMATIC, methods=(MethodKind.CARD, MethodKind.SEPA_DEBIT)
    )
    account = rig.v1.payment_methods.create(
        {"type": "sepa_debit", "sepa_debit": {"iban": ARRIVES}, "billing_details": {"name": "Léa"}}
    )
    rig.v1.payment_intents.confirm(opened.id, {"payment_method": account.id})
    return opened.id


def test_every_switch_and_every_deed_is_on_the_control_page(rig: Rig) -> None:
    intent = rig.authorized()
    captured = rig.captured()
    rig.gateway.refund(RefundRequest(rig.key(), captured.id, Money(100)))
    contested = rig.captured()
    do(rig, "dispute", contested.id)
    running, ended = debit(rig), debit(rig)
    do(rig, "settle", ended)
    page = rig.bench.browser.get("/_control").text
    assert [name for name in SWITCHES if f'name="{name}"' not in page] == []
    assert [name for name in DEEDS if f'name="deed" value="{name}"' not in page] == []
    assert intent.id in page
    assert running in page


def test_a_box_that_is_not_ticked_turns_its_switch_off(rig: Rig) -> None:
    rig.bench.browser.post("/_control/switches", data={"outage": "true"})
    with rig.bench.simulator.desk.books() as books:
        assert (books.switches()["outage"], books.switches()["holds_grow"]) == (True, False)
    rig.bench.browser.post("/_control/switches", data={"holds_grow": "true"})
    with rig.bench.simulator.desk.books() as books:
        assert (books.switches()["outage"], books.switches()["holds_grow"]) == (False, True)


def test_a_part_of_the_provider_can_be_out_while_the_rest_works(rig: Rig) -> None:
    captured, authorized = rig.captured(), rig.authorized()
    refund = RefundRequest("once", captured.id, Money(100))
    rig.bench.turn(outage_of="refunds")
    with pytest.raises(GatewayUnavailable):
        rig.gateway.refund(refund)
    assert rig.gateway.payment(captured.id).refunded == Money.zero()
    rig.bench.turn(outage_of="payment_intents/capture")
    with pytest.raises(GatewayUnavailable):
        rig.gateway.capture(CaptureRequest("later", authorized.id, Money(100)))
    assert rig.gateway.refund(refund).amount == Money(100)
    assert rig.gateway.payment(authorized.id).status is IntentStatus.REQUIRES_CAPTURE


def test_a_reservation_grows_only_where_it_was_asked_for_and_banks_let_it(rig: Rig) -> None:
    asked = rig.opened(2000, may_grow=True)
    rig.v1.payment_intents.confirm(asked.id, {"payment_method": "pm_card_visa"})
    assert rig.gateway.payment(asked.id).can_grow
    grown = rig.gateway.increase(asked.id, Money(2500), rig.key())
    assert (grown.amount, grown.capturable) == (Money(2500), Money(2500))
    rig.bench.turn(decline_next="insufficient_funds")
    with pytest.raises(CardDeclined):
        rig.gateway.increase(asked.id, Money(3000), rig.key())
    assert rig.gateway.payment(asked.id).capturable == Money(2500)
    plain = rig.authorized(2000)
    rig.bench.turn(holds_grow=False)
    refused = rig.opened(2000, may_grow=True)
    rig.v1.payment_intents.confirm(refused.id, {"payment_method": "pm_card_visa"})
    for intent_id in (plain.id, refused.id):
        assert not rig.gateway.payment(intent_id).can_grow
        with pytest.raises(WrongStateAtGateway):
            rig.gateway.increase(intent_id, Money(2500), rig.key())


def test_holds_debits_and_payouts_take_as_many_days_as_the_switches_say(rig: Rig) -> None:
    rig.bench.turn(hold_days=2, sepa_days=1, payout_days=4)
    hold, running = rig.authorized(), debit(rig)
    before = hold.capture_before
    assert before is not None
    assert before == rig.clock() + timedelta(days=2)
    rig.clock.pass_days(1.1)
    assert rig.gateway.payment(running).status is IntentStatus.SUCCEEDED
    rig.clock.pass_days(1)
    assert rig.gateway.payment(hold.id).status is IntentStatus.CANCELED
    assert rig.gateway.balance().available == Money.zero()
    rig.clock.pass_days(4)
    assert rig.gateway.balance().pending == Money.zero()


def test_a_collected_debit_is_sent_back_once_and_for_good(rig: Rig) -> None:
    intent_id = debit(rig)
    assert do(rig, "send_back", intent_id) == 400
    assert do(rig, "settle", intent_id) == 200
    assert do(rig, "send_back", intent_id) == 200
    (dispute,) = rig.gateway.disputes(intent_id)
    assert (dispute.status, dispute.reason, dispute.evidence_by) == (
        "lost",
        "debit_not_authorized",
        None,
    )
    assert do(rig, "send_back", intent_id) == 400


def test_a_hold_expires_and_a_slow_refund_ends_on_demand(rig: Rig) -> None:
    hold = rig.authorized()
    assert do(rig, "expire", hold.id) == 200
    assert rig.gateway.payment(hold.id).status is IntentStatus.CANCELED
    captured = rig.captured(card="pm_card_pendingRefund")
    refund = rig.gateway.refund(RefundRequest(rig.key(), captured.id, Money(100)))
    assert refund.status == "pending"
    assert do(rig, "end_refund", refund.id) == 200
    (seen,) = rig.gateway.refunds(captured.id)
    assert seen.status == "succeeded"
