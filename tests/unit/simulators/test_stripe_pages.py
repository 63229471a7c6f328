"""The pages that stand in for the provider's form and the cardholder's bank."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from shop.kernel.money import Money
from shop.orders.ports import CaptureMode, IntentStatus, KeepMethodRequest, MethodKind
from tests.unit.simulators.conftest import Rig

BACK = "https://exemple.fr/commande/7?lang=fr"


def typed(number: str, **more: str) -> dict[str, str]:
    return {"return_url": BACK, "number": number, "expiry": "12/30", "cvc": "123", **more}


def pay(rig: Rig, secret: str, form: dict[str, str]) -> TestResponse:
    return rig.bench.browser.post(f"/pay/{secret}", data=form)


def query_of(response: TestResponse) -> dict[str, list[str]]:
    assert response.status_code == 303
    return parse_qs(urlsplit(response.headers["Location"]).query)


def test_the_page_is_found_through_the_gateway_and_says_that_nothing_is_real(rig: Rig) -> None:
    opened = rig.opened()
    url = rig.gateway.hosted_page_url(opened.client_secret, BACK)
    assert url is not None
    page = rig.bench.browser.get(url, headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert "Simulated payment – no real card" in page.text
    assert "€26.08" in page.text
    assert "C-2041" in page.text


def test_paying_brings_the_person_back_with_what_stripe_adds(rig: Rig) -> None:
    opened = rig.opened()
    answer = pay(rig, opened.client_secret, typed("4242 4242 4242 4242"))
    assert answer.headers["Location"].startswith("https://exemple.fr/commande/7?")
    assert query_of(answer) == {
        "lang": ["fr"],
        "payment_intent": [opened.id],
        "payment_intent_client_secret": [opened.client_secret],
        "redirect_status": ["succeeded"],
    }
    assert rig.gateway.payment(opened.id).capturable == Money(2608)


def test_a_page_opened_again_after_paying_goes_straight_back(rig: Rig) -> None:
    opened = rig.opened()
    pay(rig, opened.client_secret, typed("4242424242424242"))
    again = pay(rig, opened.client_secret, typed("4242424242424242"))
    assert query_of(again)["redirect_status"] == ["succeeded"]
    assert rig.kinds().count("charge.succeeded") == 1


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (typed("4000000000000002"), "Your bank declined the card"),
        (typed("4000000000009995"), "not enough money"),
        (typed("4000000000000069"), "This card has expired"),
        (typed("4000000000000127"), "security code is wrong"),
        (typed("4242424242424241"), "card number is wrong"),
        (typed("4111111111111111"), "not a test card"),
        (typed("4242424242424242", expiry="10/26"), "This card has expired"),
        (typed("4242424242424242", expiry="soon"), "expiry date is wrong"),
        (typed("4242424242424242", cvc="12"), "security code is wrong"),
        (typed(""), "card number is wrong"),
    ],
)
def test_a_refusal_is_said_in_words_and_another_card_may_be_tried(
    rig: Rig, form: dict[str, str], said: str
) -> None:
    opened = rig.opened()
    answer = pay(rig, opened.client_secret, form | {"lang": "en"})
    assert answer.status_code == 402
    assert said in answer.text
    assert rig.gateway.payment(opened.id).capturable == Money.zero()
    assert query_of(pay(rig, opened.client_secret, typed("4242424242424242")))


def test_the_bank_asks_and_a_confirmed_payment_is_reserved(rig: Rig) -> None:
    opened = rig.opened()
    sent = pay(rig, opened.client_secret, typed("4000002760003184"))
    assert sent.headers["Location"] == f"/3ds/{opened.client_secret}"
    page = rig.bench.browser.get(sent.headers["Location"])
    assert page.status_code == 200
    answer = rig.bench.browser.post(sent.headers["Location"], data={"decision": "accept"})
    assert query_of(answer)["redirect_status"] == ["succeeded"]
    assert rig.gateway.payment(opened.id).status is IntentStatus.REQUIRES_CAPTURE


@pytest.mark.parametrize("decision", ["refuse", "expire"])
def test_a_payment_that_is_not_confirmed_stays_open_for_another_try(
    rig: Rig, decision: str
) -> None:
    opened = rig.opened()
    pay(rig, opened.client_secret, typed("4000002760003184"))
    answer = rig.bench.browser.post(f"/3ds/{opened.client_secret}", data={"decision": decision})
    assert query_of(answer)["redirect_status"] == ["failed"]
    failed = rig.gateway.payment(opened.id)
    assert failed.status is IntentStatus.REQUIRES_PAYMENT_METHOD
    assert failed.last_error_code == "payment_intent_authentication_failure"
    assert "payment_intent.payment_failed" in rig.kinds()


def test_a_confirmed_payment_may_still_be_declined(rig: Rig) -> None:
    opened = rig.opened()
    pay(rig, opened.client_secret, typed("4000008260003178"))
    answer = rig.bench.browser.post(f"/3ds/{opened.client_secret}", data={"decision": "accept"})
    assert query_of(answer)["redirect_status"] == ["failed"]
    assert rig.gateway.payment(opened.id).last_decline_code == "insufficient_funds"


def test_the_customer_chooses_the_network_of_a_co_badged_card(rig: Rig) -> None:
    for network, brand in (("cartes_bancaires", "cartes_bancaires"), ("visa", "visa")):
        opened = rig.opened()
        pay(rig, opened.client_secret, typed("4000002500001001", network=network))
        method = rig.gateway.payment(opened.id).method
        assert method is not None
        assert method.networks == ("cartes_bancaires", "visa")
        assert (method.preferred_network, method.brand) == (network, brand)
        intent = rig.v1.payment_intents.retrieve(opened.id, {"expand": ["latest_charge"]})
        assert intent.latest_charge.payment_method_details.card.network == network


def test_a_card_can_be_kept_without_paying(rig: Rig) -> None:
    customer = rig.customer()
    keeping = rig.gateway.open_keeping(KeepMethodRequest(rig.key(), customer))
    answer = pay(rig, keeping.client_secret, typed("4242424242424242"))
    assert query_of(answer)["setup_intent"] == [keeping.id]
    assert [method.last4 for method in rig.gateway.kept_methods(customer)] == ["4242"]


def test_a_kept_card_is_offered_at_the_next_payment(rig: Rig) -> None:
    customer = rig.customer()
    keeping = rig.gateway.open_keeping(KeepMethodRequest(rig.key(), customer))
    pay(rig, keeping.client_secret, typed("4242424242424242"))
    [kept] = rig.gateway.kept_methods(customer)
    opened = rig.opened(customer_id=customer)
    url = rig.gateway.hosted_page_url(opened.client_secret, BACK)
    assert url is not None
    assert kept.id in rig.bench.browser.get(url).text
    answer = pay(rig, opened.client_secret, {"return_url": BACK, "method": kept.id})
    assert query_of(answer)["redirect_status"] == ["succeeded"]
    assert rig.gateway.payment(opened.id).method_id == kept.id


def test_a_bank_account_pays_later(rig: Rig) -> None:
    opened = rig.opened(
        capture=CaptureMode.AUTOMATIC, methods=(MethodKind.CARD, MethodKind.SEPA_DEBIT)
    )
    wrong = {"return_url": BACK, "method": "sepa_debit", "iban": "FR00", "lang": "en"}
    assert "IBAN is wrong" in pay(rig, opened.client_secret, wrong).text
    sound = wrong | {"iban": "FR14 2004 1010 0505 0001 3M02 606"}
    assert query_of(pay(rig, opened.client_secret, sound))["redirect_status"] == ["pending"]
    assert rig.gateway.payment(opened.id).status is IntentStatus.PROCESSING


def test_a_bank_account_is_not_offered_where_money_is_reserved_first(rig: Rig) -> None:
    opened = rig.opened()
    form = {"return_url": BACK, "method": "sepa_debit", "iban": "FR1420041010050500013M02606"}
    assert pay(rig, opened.client_secret, form).status_code == 402
    assert rig.gateway.payment(opened.id).status is IntentStatus.REQUIRES_PAYMENT_METHOD


@pytest.mark.parametrize("address", ["", "javascript:alert(1)", "//exemple.fr", "file:///x"])
def test_the_way_back_is_the_address_of_a_site(rig: Rig, address: str) -> None:
    opened = rig.opened()
    answer = rig.bench.browser.get(
        f"/pay/{opened.client_secret}", query_string={"return_url": address}
    )
    assert answer.status_code == 400


def test_a_page_needs_the_whole_secret(rig: Rig) -> None:
    opened = rig.opened()
    for secret in (opened.id, f"{opened.id}_secret_x", "pi_x_secret_y"):
        answer = rig.bench.browser.get(f"/pay/{secret}", query_string={"return_url": BACK})
        assert answer.status_code == 404


def test_the_pages_speak_french_first(rig: Rig) -> None:
    for path in ("/", "/_control"):
        assert '<html lang="fr">' in rig.bench.browser.get(path).text
        in_english = rig.bench.browser.get(path, headers={"Accept-Language": "en-GB,fr;q=0.5"})
        assert '<html lang="en">' in in_english.text


def test_the_controls_show_payments_and_every_message(rig: Rig) -> None:
    rig.captured()
    rig.bench.webhooks()
    rig.bench.turn(webhooks_lose=-1)
    rig.opened()
    page = rig.bench.browser.get("/_control", headers={"Accept-Language": "en"}).text
    assert "payment_intent.succeeded" in page
    assert "received" in page
    assert "lost" in page
