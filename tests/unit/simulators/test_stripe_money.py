"""Where the money of the simulator is, to the cent, whatever happens to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from shop.kernel.errors import GatewayRefused
from shop.kernel.money import Money
from shop.orders.ports import (
    CaptureMode,
    CaptureRequest,
    CardDeclined,
    IntentStatus,
    KeepMethodRequest,
    KeptMethodCharge,
    KeyReused,
    MethodKind,
    PayeeRequest,
    PaymentRequest,
    RefundRequest,
    ReversalRequest,
    TransferRequest,
    UnknownAtGateway,
)
from shop.simulators.stripe.charges import card_fee
from tests.unit.simulators.conftest import Rig


@pytest.mark.parametrize(
    ("cents", "country", "fee"),
    [
        (2332, "FR", 60),
        (2332, "GB", 83),
        (2332, "US", 101),
        (100, "FR", 27),
        (1, "FR", 25),
        (1500, "FR", 48),
    ],
)
def test_the_fee_follows_the_country_of_the_card(cents: int, country: str, fee: int) -> None:
    assert card_fee(cents, country) == fee


def test_an_authorization_lasts_seven_days_and_then_frees_itself(rig: Rig) -> None:
    authorized = rig.authorized()
    assert authorized.capture_before == rig.clock() + timedelta(days=7)
    rig.events()
    rig.clock.pass_days(7)
    expired = rig.gateway.payment(authorized.id)
    assert (expired.status, expired.cancellation_reason) == (IntentStatus.CANCELED, "expired")
    assert rig.kinds() == ["charge.expired", "payment_intent.canceled"]
    assert rig.gateway.balance().pending == Money.zero()


def test_a_captured_payment_does_not_expire(rig: Rig) -> None:
    captured = rig.captured()
    rig.clock.pass_days(30)
    assert rig.gateway.payment(captured.id).status is IntentStatus.SUCCEEDED


def test_the_same_key_counts_for_a_day(rig: Rig) -> None:
    request = PaymentRequest("same", Money(2000))
    first = rig.gateway.open_payment(request)
    rig.clock.pass_days(0.99)
    assert rig.gateway.open_payment(request).id == first.id
    rig.clock.pass_days(0.02)
    assert rig.gateway.open_payment(request).id != first.id


def test_a_key_is_for_one_door_only(rig: Rig) -> None:
    rig.gateway.open_payment(PaymentRequest("same", Money(2000)))
    with pytest.raises(KeyReused):
        rig.gateway.refund(RefundRequest("same", "pi_1", Money(2000)))


def test_a_declined_charge_is_told_again_under_its_key_and_not_tried_again(rig: Rig) -> None:
    request = KeptMethodCharge("once", Money(900), rig.customer(), "pm_card_chargeDeclined")
    for _ in range(3):
        with pytest.raises(CardDeclined):
            rig.gateway.charge_kept(request)
    assert rig.kinds().count("charge.failed") == 1


def test_a_request_that_was_not_understood_does_not_use_its_key_up(rig: Rig) -> None:
    with pytest.raises(GatewayRefused):
        rig.gateway.open_payment(PaymentRequest("same", Money(10)))
    assert rig.gateway.open_payment(PaymentRequest("same", Money(1000))).amount == Money(1000)


@pytest.mark.parametrize(
    ("iban", "status", "received"),
    [
        ("FR1420041010050500013M02606", IntentStatus.SUCCEEDED, 4000),
        ("FR8420041010050500013M02607", IntentStatus.REQUIRES_PAYMENT_METHOD, 0),
    ],
)
def test_a_bank_debit_is_in_processing_for_days_then_known(
    rig: Rig, iban: str, status: IntentStatus, received: int
) -> None:
    opened = rig.opened(4000, capture=CaptureMode.AUTOMATIC, methods=(MethodKind.SEPA_DEBIT,))
    rig.v1.payment_intents.confirm(
        opened.id,
        {"payment_method_data": {"type": "sepa_debit", "sepa_debit": {"iban": iban}}},
    )
    rig.clock.pass_days(4.9)
    assert rig.gateway.payment(opened.id).status is IntentStatus.PROCESSING
    rig.clock.pass_days(0.1)
    known = rig.gateway.payment(opened.id)
    assert (known.status, known.received) == (status, Money(received))
    assert rig.gateway.balance().pending == Money(received - 35 if received else 0)


def test_a_card_that_was_kept_with_authentication_is_not_asked_again(rig: Rig) -> None:
    customer = rig.customer()
    keeping = rig.gateway.open_keeping(KeepMethodRequest(rig.key(), customer))
    rig.v1.setup_intents.confirm(
        keeping.id, {"payment_method": "pm_card_authenticationRequiredOnSetup"}
    )
    assert rig.gateway.keeping(keeping.id).status is IntentStatus.REQUIRES_ACTION
    rig.bench.browser.post(f"/3ds/{keeping.client_secret}", data={"decision": "accept"})
    kept = rig.gateway.keeping(keeping.id)
    assert kept.status is IntentStatus.SUCCEEDED
    assert kept.method_id is not None
    charged = rig.gateway.charge_kept(
        KeptMethodCharge(rig.key(), Money(2332), customer, kept.method_id)
    )
    assert charged.received == Money(2332)


def test_another_persons_card_cannot_be_charged(rig: Rig) -> None:
    owner, stranger = rig.customer(), rig.customer()
    method = rig.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    rig.v1.payment_methods.attach(method.id, {"customer": owner})
    with pytest.raises(GatewayRefused):
        rig.gateway.charge_kept(KeptMethodCharge(rig.key(), Money(500), stranger, method.id))


def test_a_card_used_once_without_being_kept_cannot_be_used_again(rig: Rig) -> None:
    method = rig.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    rig.v1.payment_intents.confirm(rig.opened().id, {"payment_method": method.id})
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        rig.v1.payment_intents.confirm(rig.opened().id, {"payment_method": method.id})


def test_a_dispute_takes_the_money_and_a_fee_and_winning_gives_both_back(rig: Rig) -> None:
    captured = rig.captured(5000)
    before = rig.gateway.balance()
    deed = {"deed": "dispute", "id": captured.id}
    assert rig.bench.browser.post("/_control/deeds", json=deed).status_code == 200
    assert rig.gateway.payment(captured.id).disputed
    during = rig.gateway.balance()
    assert during.available - before.available == Money(-7000)
    with pytest.raises(GatewayRefused):
        rig.gateway.refund(RefundRequest(rig.key(), captured.id, Money(100)))
    rig.bench.browser.post("/_control/deeds", json={"deed": "win", "id": captured.id})
    assert rig.gateway.balance() == before
    assert [kind for kind in rig.kinds() if "dispute" in kind] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]


def test_a_refund_that_fails_later_comes_back_to_the_balance(rig: Rig) -> None:
    captured = rig.captured(5000, "pm_card_refundFail")
    rig.gateway.refund(RefundRequest(rig.key(), captured.id, Money(1000)))
    after = rig.gateway.balance()
    rig.clock.pass_days(1)
    [refund] = rig.gateway.refunds(captured.id)
    assert (refund.status, refund.failure_reason) == ("failed", "expired_or_canceled_card")
    assert rig.gateway.balance().available - after.available == Money(1000)
    assert rig.gateway.payment(captured.id).refunded == Money.zero()


def test_shares_of_a_payment_never_exceed_it_and_can_be_taken_back(rig: Rig) -> None:
    farm = rig.gateway.open_payee(PayeeRequest(rig.key(), "ferme@exemple.fr"))
    captured = rig.captured(5000)
    transfer = rig.gateway.transfer(
        TransferRequest(rig.key(), Money(4000), farm, captured.charge_id)
    )
    with pytest.raises(GatewayRefused):
        rig.gateway.transfer(TransferRequest(rig.key(), Money(1001), farm, captured.charge_id))
    rig.gateway.reverse_transfer(ReversalRequest(rig.key(), transfer.id, Money(1500)))
    with pytest.raises(GatewayRefused):
        rig.gateway.reverse_transfer(ReversalRequest(rig.key(), transfer.id, Money(2501)))
    balance = rig.gateway.balance()
    fee = card_fee(5000, "US")
    assert balance.available + balance.pending == Money(5000 - fee - 4000 + 1500)


def test_a_share_without_a_source_waits_until_the_money_is_payable(rig: Rig) -> None:
    farm = rig.gateway.open_payee(PayeeRequest(rig.key(), "ferme@exemple.fr"))
    rig.captured(5000)
    with pytest.raises(GatewayRefused) as refusal:
        rig.gateway.transfer(TransferRequest(rig.key(), Money(1000), farm))
    assert refusal.value.facts["reason"] == "balance_insufficient"
    rig.clock.pass_days(3)
    assert rig.gateway.transfer(TransferRequest(rig.key(), Money(1000), farm)).amount == Money(1000)


def test_a_share_goes_to_an_account_that_exists(rig: Rig) -> None:
    with pytest.raises(UnknownAtGateway):
        rig.gateway.transfer(TransferRequest(rig.key(), Money(1000), "acct_nobody"))


def test_another_currency_is_refused(rig: Rig) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Invalid currency: usd"):
        rig.v1.payment_intents.create({"amount": 1000, "currency": "usd"})


@given(
    authorized=st.integers(50, 100_000),
    captured=st.integers(1, 100_000),
    refunds=st.lists(st.integers(1, 60_000), max_size=4),
)
def test_nothing_is_captured_above_the_authorization_nor_refunded_above_the_capture(
    authorized: int, captured: int, refunds: list[int]
) -> None:
    rig = Rig()
    try:
        intent = rig.authorized(authorized)
        request = CaptureRequest(rig.key(), intent.id, Money(captured))
        if captured > authorized:
            with pytest.raises(GatewayRefused):
                rig.gateway.capture(request)
            assert rig.gateway.payment(intent.id).received == Money.zero()
            return
        rig.gateway.capture(request)
        given_back = 0
        for cents in refunds:
            refund = RefundRequest(rig.key(), intent.id, Money(cents))
            if given_back + cents > captured:
                with pytest.raises(GatewayRefused):
                    rig.gateway.refund(refund)
            else:
                rig.gateway.refund(refund)
                given_back += cents
        assert rig.gateway.payment(intent.id).refunded == Money(given_back)
        balance = rig.gateway.balance()
        kept = captured - card_fee(captured, "US") - given_back
        assert balance.available + balance.pending == Money(kept)
    finally:
        rig.bench.close()
