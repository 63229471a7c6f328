"""Messages arrive signed; on demand late, twice, backwards or never, as they do in life."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from shop.kernel.errors import GatewayUnavailable
from shop.kernel.money import Money
from shop.orders.ports import CaptureRequest, EventRefused, IntentStatus, PaymentRequest
from tests.unit.simulators.conftest import Rig

STORY = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.amount_capturable_updated",
]


def test_each_event_names_the_payment_it_is_about(rig: Rig) -> None:
    authorized = rig.authorized()
    events = rig.events()
    assert [event.kind for event in events] == STORY
    assert {event.intent_id for event in events} == {authorized.id}
    assert events[-1].metadata == {"order": "C-2041"}
    assert events[-1].body["data"]["object"]["amount_capturable"] == 2608


def test_a_letter_is_given_once(rig: Rig) -> None:
    rig.authorized()
    assert rig.kinds() == STORY
    assert rig.kinds() == []


def test_a_changed_letter_is_refused(rig: Rig) -> None:
    rig.authorized()
    letter = rig.bench.webhooks()[-1]
    forged = letter.payload.replace(b'"amount_capturable": 2608', b'"amount_capturable": 9999')
    assert forged != letter.payload
    with pytest.raises(EventRefused):
        rig.gateway.read_event(forged, letter.signature)


@pytest.mark.parametrize(
    "signature", ["", "nonsense", "t=1,v1=00", "v1=00", "t=abc,v1=00", "t=1,v0=00", "t=1=2,v1"]
)
def test_a_letter_without_a_sound_signature_is_refused(rig: Rig, signature: str) -> None:
    rig.authorized()
    with pytest.raises(EventRefused):
        rig.gateway.read_event(rig.bench.webhooks()[0].payload, signature)


@pytest.mark.parametrize("payload", [b"", b"\xff\xfe", b"[]", b'{"object": "event"}'])
def test_an_unreadable_letter_is_refused_even_when_signed(rig: Rig, payload: bytes) -> None:
    signature = rig.bench.sign(payload)
    with pytest.raises(EventRefused):
        rig.gateway.read_event(payload, signature)


def test_an_old_letter_is_refused_and_sent_again_it_is_good(rig: Rig) -> None:
    rig.authorized()
    letter = rig.bench.webhooks()[0]
    rig.clock.at += timedelta(seconds=301)
    with pytest.raises(EventRefused):
        rig.gateway.read_event(letter.payload, letter.signature)
    deed = {"deed": "send_again", "id": letter.event_id}
    rig.bench.browser.post("/_control/deeds", json=deed)
    assert rig.kinds() == ["payment_intent.created"]


def test_letters_come_twice_on_demand(rig: Rig) -> None:
    rig.bench.turn(webhooks_double=True)
    rig.authorized()
    assert rig.kinds() == [kind for kind in STORY for _ in range(2)]


def test_letters_come_backwards_on_demand(rig: Rig) -> None:
    rig.bench.turn(webhooks_reverse=True)
    rig.authorized()
    assert rig.kinds() == []
    rig.clock.at += timedelta(seconds=3)
    assert rig.kinds() == STORY[::-1]


def test_letters_come_late_on_demand(rig: Rig) -> None:
    rig.bench.turn(webhooks_late_s=60)
    rig.authorized()
    rig.clock.at += timedelta(seconds=59)
    assert rig.kinds() == []
    rig.clock.at += timedelta(seconds=1)
    assert rig.kinds() == STORY


def test_lost_letters_are_found_by_asking(rig: Rig) -> None:
    since = rig.clock()
    rig.bench.turn(webhooks_lose=2)
    rig.authorized()
    assert rig.kinds() == STORY[2:]
    assert [event.kind for event in rig.gateway.events_since(since)] == STORY


def test_more_than_a_page_of_events_is_found(rig: Rig) -> None:
    since = rig.clock()
    for _ in range(105):
        rig.opened()
    assert len(rig.gateway.events_since(since)) == 105


def test_a_letter_that_is_not_taken_comes_again_after_a_while(rig: Rig) -> None:
    rig.opened()
    post = rig.bench.simulator.post
    letter = post.next_letter()
    assert letter is not None
    post.failed(letter, "500")
    assert post.next_letter() is None
    rig.clock.at += timedelta(seconds=1)
    again = post.next_letter()
    assert again is not None
    assert again.event_id == letter.event_id
    assert again.signature != letter.signature


def test_an_outage_is_an_outage_and_leaves_nothing_behind(rig: Rig) -> None:
    authorized = rig.authorized()
    rig.bench.turn(outage=True)
    request = CaptureRequest("once", authorized.id, Money(2000))
    with pytest.raises(GatewayUnavailable):
        rig.gateway.capture(request)
    rig.bench.turn(outage=False)
    assert rig.gateway.payment(authorized.id).status is IntentStatus.REQUIRES_CAPTURE
    assert rig.gateway.capture(request).received == Money(2000)


def test_when_the_answer_is_lost_the_same_key_finds_what_was_done(rig: Rig) -> None:
    authorized = rig.authorized()
    rig.events()
    rig.bench.turn(lose_answers=1)
    request = CaptureRequest("once", authorized.id, Money(2000))
    with pytest.raises(GatewayUnavailable):
        rig.gateway.capture(request)
    assert rig.gateway.capture(request).received == Money(2000)
    assert rig.kinds() == ["charge.captured", "payment_intent.succeeded"]


def test_the_next_payment_can_be_declined_on_demand(rig: Rig) -> None:
    rig.bench.turn(decline_next="lost_card")
    opened = rig.opened()
    page = f"/pay/{opened.client_secret}"
    form = {
        "return_url": "https://exemple.fr/r",
        "number": "4242424242424242",
        "expiry": "12/30",
        "cvc": "123",
    }
    assert rig.bench.browser.post(page, data=form).status_code == 402
    assert rig.gateway.payment(opened.id).last_decline_code == "lost_card"
    assert rig.bench.browser.post(page, data=form).status_code == 303


def test_switches_that_do_not_exist_or_make_no_sense_are_refused(rig: Rig) -> None:
    for wanted in ({"colour": 1}, {"hold_days": "many"}):
        assert rig.bench.browser.post("/_control/switches", json=wanted).status_code == 400


def test_the_state_can_be_read_by_programs(rig: Rig) -> None:
    authorized = rig.authorized()
    state = json.loads(rig.bench.browser.get("/_control/state").data)
    assert [intent["id"] for intent in state["payment_intents"]] == [authorized.id]
    assert {event["type"] for event in state["events"]} == set(STORY)


def test_the_gateway_says_what_it_asked_for_only_once(rig: Rig) -> None:
    rig.gateway.open_payment(PaymentRequest("a", Money(900)))
    assert rig.bench.http_client.asked == [("POST", "/v1/payment_intents")]
