"""With what an order is paid, in words: on its page, in its letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from shop.kernel.money import Money
from shop.orders.domain.tenders import PaidBy
from shop.orders.domain.terms import PaymentKind
from shop.orders.queries.order_page import OrderPage


@dataclass(frozen=True, slots=True)
class PaidLine:
    """One way of paying: what was paid so, or still is to be."""

    label: str
    amount: Money
    is_open: bool = False
    """Still to be paid."""


def paid_by(by: PaidBy) -> str:
    """What paid a part of an order."""
    names: dict[PaidBy, str] = {
        PaidBy.VOUCHER: _("Paid with a voucher"),
        PaidBy.CREDIT: _("Paid with your credit"),
        PaidBy.SOLIDARITY: _("Paid by the solidarity fund"),
        PaidBy.CASH: _("Paid in cash"),
        PaidBy.CHEQUE: _("Paid by cheque"),
        PaidBy.MEAL: _("Paid with meal vouchers"),
        PaidBy.CARD: _("Paid by card"),
        PaidBy.DEBIT: _("Paid by bank debit"),
        PaidBy.ACCOUNT: _("On account"),
        PaidBy.OTHER: _("Settled otherwise"),
    }
    return names[by]


def paid_lines(order: OrderPage) -> list[PaidLine]:
    """How an order is paid: what came in, then what is still open; nothing for one that is gone."""
    if order.state == "canceled" or order.is_for_nothing:
        return []
    lines = [PaidLine(paid_by(part.by), part.amount) for part in order.parts]
    standing = order.standing
    if order.organisation:
        rest = standing.outstanding
        label = _("On account of %(name)s", name=order.organisation)
        return [*lines, PaidLine(label, rest, is_open=True)] if rest else lines
    if spot := standing.to_collect:
        known = standing.is_final or not order.has_weighed
        label = _("To pay on the spot") if known else _("To pay on the spot, at most")
        lines.append(PaidLine(label, spot, is_open=True))
    if rest := order.to_pay:
        lines.append(PaidLine(_card_words(order), rest, is_open=True))
    return lines


def _card_words(order: OrderPage) -> str:
    payment = order.payment
    said: str
    if order.state == "awaiting_payment":
        said = _("To be paid by card")
    elif order.standing.is_final and (payment is None or payment.state in ("failed", "returned")):
        said = _("Still to be paid")
    elif payment is not None and payment.kind is PaymentKind.DEBIT_KEPT:
        said = _("By bank debit") if order.standing.is_final else _("By bank debit, at most")
    else:
        said = _("By card") if order.standing.is_final else _("By card, at most")
    return said


def names() -> dict[str, Callable[..., object]]:
    """The filters by which templates know these words."""
    return {"paid_by": paid_by, "paid_lines": paid_lines}
