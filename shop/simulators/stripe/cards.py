"""The provider's well-known test numbers, and what each of them does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Ask = Literal["never", "always", "unless_set_up", "once", "on_session"]
"""When the bank wants to see the cardholder: ``always``; ``unless_set_up``: off session until the
card was kept with authentication; ``once``: the card counts as kept from the start;
``on_session``: when the person is there."""


@dataclass(frozen=True, slots=True)
class TestCard:
    """One test number: what it shows, and what its bank says.

    ``decline`` is the bank's word (empty: yes); ``alias`` the ready-made payment method.
    """

    __test__ = False

    number: str
    alias: str
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    networks: tuple[str, ...] = ("visa",)
    ask: Ask = "never"
    decline: str = ""
    error: str = "card_declined"
    then: Literal["", "dispute", "refund_fails", "refund_later", "available"] = ""
    refused_at_setup: bool = False


def declined(number: str, alias: str, word: str, error: str = "card_declined") -> TestCard:
    """A card that is always declined, already when it is to be kept."""
    return TestCard(number, alias, decline=word, error=error, refused_at_setup=True)


CARDS = (
    TestCard("4242424242424242", "pm_card_visa"),
    TestCard("4000056655665556", "pm_card_visa_debit", funding="debit"),
    TestCard(
        "5555555555554444", "pm_card_mastercard", brand="mastercard", networks=("mastercard",)
    ),
    TestCard("378282246310005", "pm_card_amex", brand="amex", networks=("amex",)),
    TestCard("4000002500000003", "pm_card_fr", country="FR"),
    TestCard("4000002760000016", "pm_card_de", country="DE"),
    TestCard("4000008260000000", "pm_card_gb", country="GB"),
    TestCard(
        "4000002500001001",
        "pm_card_visa_cartesBancaires",
        country="FR",
        funding="debit",
        networks=("cartes_bancaires", "visa"),
    ),
    TestCard(
        "5555552500001001",
        "pm_card_mastercard_cartesBancaires",
        brand="mastercard",
        country="FR",
        funding="debit",
        networks=("cartes_bancaires", "mastercard"),
    ),
    declined("4000000000000002", "pm_card_visa_chargeDeclined", "generic_decline"),
    declined(
        "4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"
    ),
    declined("4000000000009987", "pm_card_visa_chargeDeclinedLostCard", "lost_card"),
    declined("4000000000009979", "pm_card_visa_chargeDeclinedStolenCard", "stolen_card"),
    declined("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "", "expired_card"),
    declined("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "", "incorrect_cvc"),
    declined("4000000000000119", "pm_card_chargeDeclinedProcessingError", "", "processing_error"),
    declined(
        "4000000000006975",
        "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
        "card_velocity_exceeded",
    ),
    declined("4100000000000019", "pm_card_radarBlock", "fraudulent"),
    TestCard("4000000000000341", "pm_card_chargeCustomerFail", decline="generic_decline"),
    TestCard("4000002500003155", "pm_card_authenticationRequiredOnSetup", ask="unless_set_up"),
    TestCard("4000002760003184", "pm_card_authenticationRequired", ask="always"),
    TestCard("4000003800000446", "pm_card_authenticationRequiredSetupForOffSession", ask="once"),
    TestCard(
        "4000008260003178",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        ask="unless_set_up",
        decline="insufficient_funds",
    ),
    TestCard("4000000000003220", "pm_card_threeDSecure2Required", ask="on_session"),
    TestCard(
        "4000008400001629",
        "pm_card_threeDSecureRequiredChargeDeclined",
        ask="on_session",
        decline="generic_decline",
    ),
    TestCard("4000000000003055", "pm_card_threeDSecureOptional"),
    TestCard("4000000000000259", "pm_card_createDispute", then="dispute"),
    TestCard("4000000000005126", "pm_card_refundFail", then="refund_fails"),
    TestCard("4000000000007726", "pm_card_pendingRefund", then="refund_later"),
    TestCard("4000000000000077", "pm_card_bypassPending", then="available"),
)
BY_NUMBER = {card.number: card for card in CARDS}
ALIASES = {card.alias: card for card in CARDS} | {
    "pm_card_chargeDeclined": BY_NUMBER["4000000000000002"],
    "pm_card_visa_chargeDeclinedExpiredCard": BY_NUMBER["4000000000000069"],
    "pm_card_chargeDeclinedInsufficientFunds": BY_NUMBER["4000000000009995"],
    "pm_card_threeDSecureRequired": BY_NUMBER["4000000000003220"],
}


@dataclass(frozen=True, slots=True)
class TestIban:
    """One test account: succeeds or fails, then perhaps is disputed."""

    __test__ = False

    iban: str
    outcome: Literal["succeeds", "fails", "disputed"] = "succeeds"
    slow: bool = False


IBANS = (
    TestIban("FR1420041010050500013M02606"),
    TestIban("FR3020041010050500013M02609", slow=True),
    TestIban("FR8420041010050500013M02607", "fails"),
    TestIban("FR7920041010050500013M02600", "fails", slow=True),
    TestIban("FR5720041010050500013M02608", "disputed"),
    TestIban("DE89370400440532013000"),
)
BY_IBAN = {account.iban: account for account in IBANS}

REASONS = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined.",
    "stolen_card": "Your card was declined.",
    "fraudulent": "Your card was declined.",
    "card_velocity_exceeded": (
        "Your card was declined for making repeated attempts too frequently or exceeding its "
        "amount limit."
    ),
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": (
        "An error occurred while processing your card. Try again in a little bit."
    ),
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "incorrect_number": "Your card number is incorrect.",
}
"""What the provider says to people, by the bank's word or the error's code."""

ERROR_OF = {name: name for name in ("expired_card", "incorrect_cvc", "processing_error")}
"""Bank's words that are error codes of their own; all others come as ``card_declined``."""

EUROPE = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
EEA = frozenset(re.findall(r"[A-Z]{2}", EUROPE))


def passes_luhn(number: str) -> bool:
    """Whether the check digit of a card number is right."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def iban_is_sound(iban: str) -> bool:
    """Whether the check digits of an account number are right."""
    if not (15 <= len(iban) <= 34 and iban.isalnum()):
        return False
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
