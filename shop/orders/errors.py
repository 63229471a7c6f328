"""Refusals of orders and money."""

from __future__ import annotations

from typing import ClassVar

from shop.kernel.errors import Conflict, InvalidInput, NotFound


class OrderUnknown(NotFound):
    """There is no such order, or not for this person."""

    code: ClassVar[str] = "order_unknown"


class BasketUnknown(NotFound):
    """There is no such basket, or it is not this visitor's."""

    code: ClassVar[str] = "basket_unknown"


class OfferUnavailable(InvalidInput):
    """Not on the shelf of this cycle; facts: ``offer_id``."""

    code: ClassVar[str] = "offer_unavailable"


class AmountRefused(InvalidInput):
    """Not a whole number of steps; facts: ``offer_id``, ``amount``, ``step``."""

    code: ClassVar[str] = "amount_refused"


class BasketEmpty(Conflict):
    """Nothing is in the basket."""

    code: ClassVar[str] = "basket_empty"


class BasketLapsed(Conflict):
    """The time is over: the basket no longer holds what is in it."""

    code: ClassVar[str] = "basket_lapsed"


class BasketOrdered(Conflict):
    """The basket is an order already; facts: ``basket_id``."""

    code: ClassVar[str] = "basket_ordered"


class BelowMinimum(Conflict):
    """Too little in the basket for that delivery; facts: ``minimum``, ``missing`` in cents."""

    code: ClassVar[str] = "below_minimum"


class DeliveryMissing(InvalidInput):
    """No delivery was chosen, or it does not serve that address; ``field`` says which."""

    code: ClassVar[str] = "delivery_missing"


class ContactMissing(InvalidInput):
    """The order says not yet who is there; ``field`` says what is missing."""

    code: ClassVar[str] = "contact_missing"


class TermsNotAccepted(InvalidInput):
    """The terms of sale were not accepted."""

    code: ClassVar[str] = "terms_not_accepted"


class OrderNotPayable(Conflict):
    """The order is paid, canceled or too old to be paid; facts: ``state``."""

    code: ClassVar[str] = "order_not_payable"


class RefundRefused(Conflict):
    """Nothing can be given back that way now; facts: ``why``."""

    code: ClassVar[str] = "refund_refused"


class RefundTooLarge(InvalidInput):
    """More than is left of it; facts: ``field``, ``left`` in cents."""

    code: ClassVar[str] = "refund_too_large"


class RefundUnknown(NotFound):
    """There is no such refund."""

    code: ClassVar[str] = "refund_unknown"


class SavedCardUnknown(NotFound):
    """There is no such card, or it is not this person's."""

    code: ClassVar[str] = "saved_card_unknown"


class AmendmentRefused(Conflict):
    """The order cannot be changed any more, or not that way; facts: ``why``."""

    code: ClassVar[str] = "amendment_refused"


class LineUnknown(NotFound):
    """There is no such order line; facts: ``line_id``."""

    code: ClassVar[str] = "line_unknown"


class OrderNotInPreparation(Conflict):
    """The order was not confirmed yet, or has left already; facts: ``order_id``, ``state``."""

    code: ClassVar[str] = "order_not_in_preparation"


class PurchaseOrderUnknown(NotFound):
    """There is no such purchase order, or not for this person."""

    code: ClassVar[str] = "purchase_order_unknown"


class AnswerRefused(InvalidInput):
    """An amount lacks, is below zero or above what was ordered; ``field`` says which line."""

    code: ClassVar[str] = "answer_refused"


class AnswerTooLate(Conflict):
    """The goods were collected already; facts: ``state``."""

    code: ClassVar[str] = "answer_too_late"


class FeeRuleRefused(Conflict):
    """A fee cannot be set like that; facts: ``field``, ``reason``."""

    code: ClassVar[str] = "fee_rule_refused"


class PurseTooSmall(Conflict):
    """Less is left than is to be taken; facts: ``kind``, ``wanted`` in cents."""

    code: ClassVar[str] = "purse_too_small"


class VoucherRefused(InvalidInput):
    """No such code, not in this market, used up or past its day; ``reason`` says which."""

    code: ClassVar[str] = "voucher_refused"


class WayRefused(InvalidInput):
    """That way of paying is not accepted there, or not for so much; ``reason`` says why."""

    code: ClassVar[str] = "way_refused"


class AccountRefused(Conflict):
    """An organisation may not order on account: closed, not a member, above its limit."""

    code: ClassVar[str] = "account_refused"


class OrganisationUnknown(NotFound):
    """There is no such organisation, or not for this person."""

    code: ClassVar[str] = "organisation_unknown"


class ContractUnknown(NotFound):
    """There is no such season contract, or not for this person."""

    code: ClassVar[str] = "contract_unknown"


class TooMuch(InvalidInput):
    """More than is due; facts: ``due`` in cents."""

    code: ClassVar[str] = "too_much"


class EvidenceRefused(Conflict):
    """A dispute cannot be answered, or not so (``why``, perhaps ``field``)."""

    code = "evidence_refused"


class DisputeUnknown(NotFound):
    """This market has no such contested payment."""

    code = "dispute_unknown"
