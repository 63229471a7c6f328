"""Refusals and losses in words that help whoever reads them."""

from __future__ import annotations

from flask_babel import gettext as _

from shop.catalog.errors import AllotmentExhausted, CycleNotOpen, SlotClosed, SlotFull
from shop.catalog.queries.offers import OfferCard
from shop.kernel.errors import ShopError
from shop.kernel.quantity import Quantity
from shop.orders.domain.basket import LineChange
from shop.orders.errors import AmountRefused, BasketLapsed, BelowMinimum, OfferUnavailable
from shop.orders.services import payments
from shop.web.formats import money, quantity


def of_line(refusal: ShopError, offer: OfferCard | None) -> str:
    """Why an amount could not be put into the basket."""
    name = offer.name if offer else ""
    if isinstance(refusal, AllotmentExhausted) and offer is not None:
        left = max(0, refusal.facts["left"]) // offer.step * offer.step
        if left == 0:
            return str(_("%(name)s: there is no more left.", name=name))
        amount = quantity(Quantity(left, offer.unit))
        return str(_("%(name)s: only %(amount)s more left.", name=name, amount=amount))
    if isinstance(refusal, AmountRefused) and offer is not None:
        step = quantity(Quantity(offer.step, offer.unit))
        return str(_("%(name)s is sold by steps of %(step)s.", name=name, step=step))
    if isinstance(refusal, OfferUnavailable):
        return str(_("This product is not on the shelf any more."))
    return str(_("Please give the quantity as a whole number."))


def of_delivery(refusal: ShopError) -> str:
    """Why an order cannot come that way."""
    if isinstance(refusal, BelowMinimum):
        return str(
            _(
                "%(missing)s of products are missing: this delivery starts at %(minimum)s.",
                missing=money(refusal.facts["missing"]),
                minimum=money(refusal.facts["minimum"]),
            )
        )
    if isinstance(refusal, SlotFull):
        return str(_("The last place at that hour is taken. Please choose another one."))
    if isinstance(refusal, SlotClosed):
        return str(_("It is too late for that hour. Please choose another one."))
    if refusal.facts.get("field") == "commune":
        return str(_("This delivery does not go to that commune."))
    return str(_("Please choose how you would like to get your order."))


def of_basket(refusal: ShopError) -> str:
    """Why a basket cannot be ordered."""
    if isinstance(refusal, BasketLapsed):
        return str(_("The time was over: your basket is not put aside any more."))
    if isinstance(refusal, CycleNotOpen):
        return str(_("The market does not take orders at this moment."))
    if isinstance(refusal, OfferUnavailable):
        return str(_("A product of your basket is not on the shelf any more."))
    return str(_("Your basket is empty."))


def of_loss(change: LineChange, offer: OfferCard) -> str:
    """What became less in a basket that came back."""
    before = quantity(Quantity(change.before, offer.unit))
    after = quantity(Quantity(change.after, offer.unit))
    if change.after:
        return str(
            _(
                "%(name)s: %(after)s instead of %(before)s, there is no more left.",
                name=offer.name,
                after=after,
                before=before,
            )
        )
    return str(_("%(name)s has gone meanwhile.", name=offer.name))


def of_payment(code: str | None) -> str:
    """Why the last try failed, in words that help."""
    if code is None:
        return ""
    known = {
        "insufficient_funds": _("Your bank says that the account does not hold enough."),
        "expired_card": _("This card has expired."),
        "incorrect_cvc": _("The three digits on the back are not right."),
        "incorrect_number": _("The card number is not right."),
        "lost_card": _("Your bank refuses this card."),
        "stolen_card": _("Your bank refuses this card."),
        "payment_intent_authentication_failure": _("Your bank could not verify that it was you."),
        "setup_intent_authentication_failure": _("Your bank could not verify that it was you."),
        "authentication_required": _("Your bank could not verify that it was you."),
        "processing_error": _("Something went wrong at the bank. Please try again."),
        payments.MISMATCH: _("The amounts did not agree. Nothing was charged."),
    }
    return str(known.get(code) or _("Your bank refused the payment."))
