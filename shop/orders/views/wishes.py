"""How a customer wants to pay, as the recap asks and understands it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import current_identity
from shop.catalog.domain.terms import SpotWay
from shop.catalog.queries.delivery import SlotCard
from shop.kernel.errors import ShopError
from shop.kernel.money import Money
from shop.orders.errors import AccountRefused, PurseTooSmall, VoucherRefused, WayRefused
from shop.orders.queries import credit, organisations
from shop.orders.queries.organisations import OrganisationCard
from shop.orders.services.tenders import Wish
from shop.web.formats import money

LARGEST = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Means:
    """What a customer may pay with besides the card."""

    credit: Money
    ways: tuple[str, ...]
    """Ways of paying on the spot, in words."""
    organisations: tuple[OrganisationCard, ...]


def means(session: Session, market_id: int, slot: SlotCard) -> Means:
    """What whoever asks may pay with, for a delivery."""
    names = {
        SpotWay.CASH: _("cash"),
        SpotWay.CHEQUE: _("cheque"),
        SpotWay.MEAL_PAPER: _("meal vouchers on paper"),
        SpotWay.MEAL_CARD: _("meal voucher card"),
    }
    ways = tuple(names[way] for way in slot.option.spot_ways)
    who = current_identity()
    if who is None:
        return Means(Money.zero(), ways, ())
    return Means(
        credit.balance(session, market_id, who.person_id),
        ways,
        tuple(organisations.of_person(session, market_id, who.person_id)),
    )


def read() -> Wish:
    """What the form wishes.

    Raises:
        WayRefused: an amount cannot be read.
    """
    organisation = request.form.get("organisation", type=int)
    if organisation is not None:
        return Wish(organisation_id=organisation)
    on_spot = bool(request.form.get("spot"))
    part = amount_of("spot_amount") if on_spot else None
    code = request.form.get("code", "").strip()
    return Wish(
        codes=tuple(code.replace(";", ",").split(",")) if code else (),
        use_credit=bool(request.form.get("credit")),
        on_spot=on_spot,
        spot=part,
        donation=(amount_of("donation") or Money.zero()) + _rounding(),
    )


def _rounding() -> Money:
    """The cents to the next euro, as the page showed them when they were ticked."""
    cents = request.form.get("round_up", 0, type=int)
    return Money(cents) if 0 < cents < 100 else Money.zero()


def words_of(refusal: ShopError) -> str:
    """Why it cannot be paid so, in words."""
    reason = str(refusal.facts.get("reason", ""))
    said: str
    if isinstance(refusal, VoucherRefused):
        said = {
            "expired": _("This voucher is past its day."),
            "empty": _("Nothing is left on this voucher."),
            "used_up": _("This code has been used as often as it may be."),
            "once": _("You have used this code already."),
            "fund": _("The solidarity fund cannot pay this code at this moment."),
            "two": _("Only one discount code for each order, please."),
        }.get(reason, _("There is no voucher and no discount with this code."))
    elif isinstance(refusal, AccountRefused) and reason == "limit":
        said = _(
            "Only %(left)s may still be ordered on account.", left=money(refusal.facts["left"])
        )
    elif isinstance(refusal, AccountRefused):
        said = _("You may not order on account of this organisation.")
    elif isinstance(refusal, PurseTooSmall):
        said = _("Your credit was used meanwhile. Please look again.")
    elif isinstance(refusal, WayRefused) and reason == "not_here":
        said = _("One cannot pay on the spot there.")
    else:
        said = _("Please type an amount, as 5 or 5.50.")
    return said


def amount_of(name: str) -> Money | None:
    """An amount of the form; None when nothing was typed.

    Raises:
        WayRefused: it cannot be read.
    """
    typed = request.form.get(name, "").replace("\u00a0", "").replace(" ", "").replace("€", "")
    if not typed:
        return None
    try:
        amount = Decimal(typed.replace(",", "."))
    except InvalidOperation:
        raise WayRefused(field=name, reason="amount") from None
    if not amount.is_finite() or not 0 <= amount <= LARGEST or amount * 100 % 1:
        raise WayRefused(field=name, reason="amount")
    return Money(int(amount * 100))
