"""What the shop relies on whenever it speaks to a payment provider."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shop.kernel.errors import GatewayRefused
from shop.kernel.money import Money
from shop.orders.ports import (
    AuthenticationRequired,
    CaptureMode,
    CaptureRequest,
    CardDeclined,
    EvidenceRequest,
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
    TransferView,
    UnknownAtGateway,
    WrongStateAtGateway,
)
from tests.contracts.payments.conftest import NO_KEY, STRIPE_KEY, Counter


def test_an_opened_payment_waits_for_a_card_and_names_its_order(counter: Counter) -> None:
    opened = counter.opened(2608)
    assert opened.status is IntentStatus.REQUIRES_PAYMENT_METHOD
    assert opened.amount == Money(2608)
    assert opened.capturable == Money.zero()
    assert opened.metadata == {"order": "C-2041"}
    assert opened.client_secret.startswith(f"{opened.id}_secret_")
    assert opened.capture_before is None


def test_a_confirmed_payment_is_reserved_for_some_days_and_nothing_is_taken(
    counter: Counter,
) -> None:
    authorized = counter.authorized(2608)
    assert authorized.status is IntentStatus.REQUIRES_CAPTURE
    assert authorized.capturable == Money(2608)
    assert authorized.received == Money.zero()
    assert authorized.capture_before is not None
    hold = authorized.capture_before - datetime.now(UTC)
    assert timedelta(days=4) < hold < timedelta(days=8)
    assert authorized.method is not None
    assert (authorized.method.brand, authorized.method.last4) == ("visa", "4242")


def test_less_than_authorized_can_be_captured_and_the_rest_is_freed_not_refunded(
    counter: Counter,
) -> None:
    authorized = counter.authorized(2608)
    captured = counter.gateway.capture(
        CaptureRequest(counter.key("capture"), authorized.id, Money(2332))
    )
    assert captured.status is IntentStatus.SUCCEEDED
    assert captured.received == Money(2332)
    assert captured.capturable == Money.zero()
    assert captured.refunded == Money.zero()
    assert counter.gateway.refunds(authorized.id) == ()


def test_more_than_authorized_is_never_captured(counter: Counter) -> None:
    authorized = counter.authorized(2608)
    with pytest.raises(GatewayRefused):
        counter.gateway.capture(CaptureRequest(counter.key("capture"), authorized.id, Money(2609)))
    assert counter.gateway.payment(authorized.id).received == Money.zero()


def test_the_same_capture_asked_twice_is_done_once(counter: Counter) -> None:
    authorized = counter.authorized(2608)
    request = CaptureRequest(counter.key("capture"), authorized.id, Money(2332))
    assert counter.gateway.capture(request) == counter.gateway.capture(request)
    assert counter.gateway.payment(authorized.id).received == Money(2332)


def test_a_second_capture_under_another_key_is_refused(counter: Counter) -> None:
    authorized = counter.authorized(2608)
    counter.gateway.capture(CaptureRequest(counter.key("one"), authorized.id, Money(1000)))
    with pytest.raises(WrongStateAtGateway):
        counter.gateway.capture(CaptureRequest(counter.key("two"), authorized.id, Money(1000)))
    assert counter.gateway.payment(authorized.id).received == Money(1000)


def test_a_key_used_again_with_another_amount_is_refused(counter: Counter) -> None:
    counter.gateway.open_payment(PaymentRequest(counter.key("same"), Money(2000)))
    with pytest.raises(KeyReused):
        counter.gateway.open_payment(PaymentRequest(counter.key("same"), Money(2001)))


def test_a_canceled_authorization_is_free_again_and_cannot_be_captured(counter: Counter) -> None:
    authorized = counter.authorized(2608)
    canceled = counter.gateway.cancel(authorized.id, counter.key("cancel"), "requested_by_customer")
    assert canceled.status is IntentStatus.CANCELED
    assert canceled.cancellation_reason == "requested_by_customer"
    assert canceled.capturable == Money.zero()
    assert canceled.refunded == Money.zero()
    with pytest.raises(WrongStateAtGateway):
        counter.gateway.capture(CaptureRequest(counter.key("late"), authorized.id, Money(100)))


def test_refunds_add_up_and_stop_at_what_was_captured(counter: Counter) -> None:
    authorized = counter.authorized(2608)
    counter.gateway.capture(CaptureRequest(counter.key("capture"), authorized.id, Money(2332)))
    first = counter.gateway.refund(
        RefundRequest(counter.key("r1"), authorized.id, Money(332), {"line": "7"})
    )
    assert (first.amount, first.status, first.metadata) == (Money(332), "succeeded", {"line": "7"})
    with pytest.raises(GatewayRefused):
        counter.gateway.refund(RefundRequest(counter.key("r2"), authorized.id, Money(2001)))
    counter.gateway.refund(RefundRequest(counter.key("r3"), authorized.id, Money(2000)))
    assert counter.gateway.payment(authorized.id).refunded == Money(2332)
    amounts = [refund.amount for refund in counter.gateway.refunds(authorized.id)]
    assert amounts == [Money(332), Money(2000)]


def test_the_amount_of_an_open_payment_can_be_corrected(counter: Counter) -> None:
    opened = counter.opened(2608)
    changed = counter.gateway.change_amount(opened.id, Money(3000), counter.key("change"))
    assert changed.amount == Money(3000)
    counter.pay(opened.id)
    with pytest.raises(GatewayRefused):
        counter.gateway.change_amount(opened.id, Money(3500), counter.key("too late"))


@pytest.mark.parametrize(
    ("card", "word"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "lost_card"),
    ],
)
def test_a_declined_charge_says_the_banks_word_and_takes_nothing(
    counter: Counter, card: str, word: str
) -> None:
    with pytest.raises(CardDeclined) as refusal:
        counter.gateway.charge_kept(
            KeptMethodCharge(counter.key("charge"), Money(1500), counter.customer(), card)
        )
    assert refusal.value.facts["decline_code"] == word
    failed = counter.gateway.payment(refusal.value.facts["intent_id"])
    assert failed.status is IntentStatus.REQUIRES_PAYMENT_METHOD
    assert failed.received == Money.zero()
    assert failed.last_decline_code == word


def test_a_kept_card_is_charged_while_the_customer_is_away(counter: Counter) -> None:
    customer = counter.customer()
    keeping = counter.gateway.open_keeping(
        KeepMethodRequest(counter.key("keep"), customer, {"order": "C-2041"})
    )
    assert keeping.status is IntentStatus.REQUIRES_PAYMENT_METHOD
    counter.sdk.v1.setup_intents.confirm(keeping.id, {"payment_method": "pm_card_visa"})
    kept = counter.gateway.keeping(keeping.id)
    assert kept.status is IntentStatus.SUCCEEDED
    assert kept.method_id is not None
    assert [method.id for method in counter.gateway.kept_methods(customer)] == [kept.method_id]
    charged = counter.gateway.charge_kept(
        KeptMethodCharge(counter.key("charge"), Money(2332), customer, kept.method_id)
    )
    assert charged.status is IntentStatus.SUCCEEDED
    assert charged.received == Money(2332)


def test_a_bank_that_wants_to_see_the_customer_says_so_and_a_page_can_go_on(
    counter: Counter,
) -> None:
    with pytest.raises(AuthenticationRequired) as refusal:
        counter.gateway.charge_kept(
            KeptMethodCharge(
                counter.key("charge"),
                Money(2332),
                counter.customer(),
                "pm_card_authenticationRequired",
            )
        )
    intent_id = refusal.value.facts["intent_id"]
    assert refusal.value.facts["client_secret"].startswith(intent_id)
    assert counter.gateway.payment(intent_id).status is IntentStatus.REQUIRES_PAYMENT_METHOD


def test_a_card_with_strong_authentication_waits_for_its_owner(counter: Counter) -> None:
    opened = counter.opened(2608)
    counter.pay(opened.id, "pm_card_authenticationRequired")
    waiting = counter.gateway.payment(opened.id)
    assert waiting.status is IntentStatus.REQUIRES_ACTION
    assert waiting.capturable == Money.zero()


def test_a_forgotten_card_can_not_be_charged(counter: Counter) -> None:
    customer = counter.customer()
    keeping = counter.gateway.open_keeping(KeepMethodRequest(counter.key("keep"), customer))
    counter.sdk.v1.setup_intents.confirm(keeping.id, {"payment_method": "pm_card_visa"})
    method_id = counter.gateway.keeping(keeping.id).method_id
    assert method_id is not None
    counter.gateway.forget_method(method_id, counter.key("forget"))
    assert counter.gateway.kept_methods(customer) == ()
    with pytest.raises(GatewayRefused):
        counter.gateway.charge_kept(
            KeptMethodCharge(counter.key("charge"), Money(500), customer, method_id)
        )


def test_a_payment_can_be_taken_at_once(counter: Counter) -> None:
    opened = counter.opened(1250, capture=CaptureMode.AUTOMATIC)
    counter.pay(opened.id)
    paid = counter.gateway.payment(opened.id)
    assert (paid.status, paid.received) == (IntentStatus.SUCCEEDED, Money(1250))


def test_a_bank_debit_is_not_known_to_succeed_for_a_while(counter: Counter) -> None:
    opened = counter.opened(
        1250,
        capture=CaptureMode.AUTOMATIC,
        methods=(MethodKind.CARD, MethodKind.SEPA_DEBIT),
    )
    account = counter.sdk.v1.payment_methods.create(
        {
            "type": "sepa_debit",
            "sepa_debit": {"iban": "FR3020041010050500013M02609"},
            "billing_details": {"name": "Léa Martin", "email": "lea@exemple.fr"},
        }
    )
    counter.sdk.v1.payment_intents.confirm(
        opened.id,
        {
            "payment_method": account.id,
            "mandate_data": {
                "customer_acceptance": {
                    "type": "online",
                    "online": {"ip_address": "127.0.0.1", "user_agent": "test"},
                }
            },
        },
    )
    waiting = counter.gateway.payment(opened.id)
    assert waiting.status is IntentStatus.PROCESSING
    assert waiting.received == Money.zero()
    assert waiting.method is not None
    assert (waiting.method.kind, waiting.method.last4) == ("sepa_debit", "2609")


def test_a_bank_debit_cannot_be_reserved_first(counter: Counter) -> None:
    with pytest.raises(GatewayRefused):
        counter.opened(1250, methods=(MethodKind.SEPA_DEBIT,))


def test_an_unknown_payment_is_named_as_such(counter: Counter) -> None:
    with pytest.raises(UnknownAtGateway):
        counter.gateway.payment("pi_unknown")
    with pytest.raises(UnknownAtGateway):
        counter.gateway.refund(RefundRequest(counter.key("r"), "pi_unknown", Money(100)))


def test_too_small_an_amount_is_refused(counter: Counter) -> None:
    with pytest.raises(GatewayRefused):
        counter.opened(49)


def test_lost_messages_are_found_again_oldest_first(counter: Counter) -> None:
    since = datetime.now(UTC) - timedelta(seconds=1)
    authorized = counter.authorized(2608)
    about = [
        event.kind
        for event in counter.gateway.events_since(since)
        if event.intent_id == authorized.id and event.kind.startswith("payment_intent.")
    ]
    assert about == ["payment_intent.created", "payment_intent.amount_capturable_updated"]


def test_the_balance_moves_by_what_was_captured_less_the_fee(counter: Counter) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    authorized = counter.authorized(2608)
    captured = counter.gateway.capture(
        CaptureRequest(counter.key("capture"), authorized.id, Money(2332))
    )
    entries = counter.gateway.balance_entries(before, before + timedelta(minutes=5))
    [entry] = [entry for entry in entries if entry.source_id == captured.charge_id]
    assert entry.amount == Money(2332)
    assert entry.net == entry.amount - entry.fee
    assert entry.fee.cents > 0


def shared(counter: Counter, cents: int) -> TransferView:
    """A share of what was just paid, sent to a farm's account."""
    opened = counter.opened(2000, capture=CaptureMode.AUTOMATIC)
    counter.pay(opened.id, "pm_card_bypassPending")
    payee = counter.gateway.open_payee(PayeeRequest(counter.key("payee"), "ferme@exemple.fr"))
    name = counter.key("share")
    request = TransferRequest(
        name, Money(cents), payee, transfer_group=name, metadata={"payout": name}
    )
    try:
        return counter.gateway.transfer(request)
    except GatewayRefused as refusal:
        if counter.bench is None:
            pytest.skip(f"the farm has to complete its account at Stripe by hand: {refusal}")
        raise


def test_a_share_that_was_sent_is_found_by_its_name_however_late(counter: Counter) -> None:
    made = shared(counter, 500)
    assert made.transfer_group is not None
    (found,) = counter.gateway.transfers_of(made.transfer_group)
    assert (found.id, found.amount, found.metadata) == (made.id, Money(500), made.metadata)
    assert counter.gateway.transfers_of(counter.key("another")) == ()


def test_a_part_that_was_taken_back_is_found_by_our_mark(counter: Counter) -> None:
    made = shared(counter, 500)
    assert counter.gateway.reversals(made.id) == ()
    for number, cents in enumerate((200, 300)):
        key = counter.key(f"back-{number}")
        counter.gateway.reverse_transfer(
            ReversalRequest(key, made.id, Money(cents), metadata={"reversal": key})
        )
    found = counter.gateway.reversals(made.id)
    assert [each.amount for each in found] == [Money(200), Money(300)]
    assert found[1].metadata["reversal"] == counter.key("back-1")
    with pytest.raises(GatewayRefused):
        counter.gateway.reverse_transfer(ReversalRequest(counter.key("more"), made.id, Money(1)))


def test_a_dispute_is_answered_once_in_words(counter: Counter) -> None:
    opened = counter.opened(1250, capture=CaptureMode.AUTOMATIC)
    counter.pay(opened.id, "pm_card_createDispute")
    found = counter.gateway.disputes(opened.id)
    if not found and counter.bench is None:
        pytest.skip("Stripe opens the dispute of its test card some moments later")
    (dispute,) = found
    assert (dispute.amount, dispute.status) == (Money(1250), "needs_response")
    said = {"customer_name": "Léa Martin", "uncategorized_text": "Remis à Léa Martin."}
    request = EvidenceRequest(counter.key("answer"), dispute.id, said)
    answered = counter.gateway.answer_dispute(request)
    assert answered.status == "under_review"
    assert counter.gateway.answer_dispute(request) == answered


@pytest.mark.skipif(not STRIPE_KEY, reason=NO_KEY)
def test_every_promise_here_is_asked_of_stripes_own_test_mode_as_well(counter: Counter) -> None:
    assert STRIPE_KEY.startswith("sk_test_")
    assert counter.gateway.balance().available is not None
