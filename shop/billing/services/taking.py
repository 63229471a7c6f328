"""What a form says of money that somebody takes, and why it cannot be taken so, in words."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from shop.billing.errors import CounterRefused, DayClosed, TakingRefused
from shop.billing.services.till import Taking
from shop.catalog.domain.terms import SpotWay
from shop.infra.formats import money_text
from shop.kernel.errors import ShopError
from shop.kernel.money import Money
from shop.kernel.sheet import Translate
from shop.orders.errors import OrderUnknown, TooMuch, WayRefused

REFUSALS = (TakingRefused, WayRefused, TooMuch, DayClosed, OrderUnknown)
"""Why money is not taken; ``words_of`` tells them."""

MOST = Decimal(1_000_000)


def cents_of(typed: str) -> int | None:
    """Whole cents of « 12,50 » or « 12.5 »; None when it is no amount."""
    plain = typed.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("€", "")
    try:
        amount = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        return None
    if not amount.is_finite() or abs(amount) > MOST or amount != amount.quantize(Decimal("0.01")):
        return None
    return int(amount * 100)


def read(form: Mapping[str, str], order_id: int, *, payee: str) -> Taking:
    """What the form says; cheques are to the order of ``payee`` unless it says otherwise.

    Raises:
        TakingRefused: the amount, the way or the key cannot be read.
    """
    cents = cents_of(form.get("amount", ""))
    given = form.get("way", "")
    if cents is None or given not in {way.value for way in SpotWay}:
        raise TakingRefused(field="amount", reason="amount")
    return Taking(
        key_of(form),
        order_id,
        SpotWay(given),
        Money(cents),
        cheque_number=form.get("cheque_number", "").strip()[:40],
        cheque_bank=form.get("cheque_bank", "").strip()[:80],
        cheque_payee=form.get("cheque_payee", "").strip()[:120] or payee,
    )


def key_of(form: Mapping[str, str]) -> str:
    """The key of a form.

    Raises:
        TakingRefused: it has none.
    """
    try:
        return str(uuid.UUID(form.get("key", "")))
    except ValueError:
        raise TakingRefused(field="key", reason="amount") from None


def words_of(refusal: ShopError, _: Translate, language: str) -> str:
    """Why money cannot be taken so, in words."""
    if isinstance(refusal, TooMuch):
        due = money_text(refusal.facts["due"], language)
        return _("That is more than is due: %(due)s.") % {"due": due}
    if isinstance(refusal, DayClosed):
        return _("The day of this till is closed. Take it tomorrow, or at another till.")
    if isinstance(refusal, OrderUnknown):
        return _("There is no such order here.")
    if isinstance(refusal, CounterRefused):
        return _("This entry was taken back before.")
    if "most" in refusal.facts:
        most = money_text(refusal.facts["most"], language)
        return _("At most %(most)s in this way.") % {"most": most}
    return {
        "cheque": _("A cheque needs its number and its bank."),
        "reason": _("Please write the reason."),
        "not_here": _("This way of paying is not accepted there."),
        "state": _("This order cannot be paid now."),
    }.get(refusal.facts.get("reason", ""), _("Please type an amount."))
