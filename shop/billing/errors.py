"""What can go wrong after a sale."""

from __future__ import annotations

from typing import ClassVar

from shop.kernel.errors import Conflict, InvalidInput, NotFound


class InvoiceUnknown(NotFound):
    """There is no such invoice, or not for this person."""

    code: ClassVar[str] = "invoice_unknown"


class MandateUnknown(NotFound):
    """This producer gave no such mandate."""

    code: ClassVar[str] = "mandate_unknown"


class InvoiceRunUnknown(NotFound):
    """There is no such run, or not in this market."""

    code: ClassVar[str] = "invoice_run_unknown"


class CreditTooHigh(InvalidInput):
    """More than is left of a line; facts: ``place``, ``left``."""

    code: ClassVar[str] = "credit_too_high"


class NothingToCredit(InvalidInput):
    """No line was named, or the document cannot be credited."""

    code: ClassVar[str] = "nothing_to_credit"


class AlreadyInvoiced(Conflict):
    """What was issued stands: a credit note and a new invoice mend it."""

    code: ClassVar[str] = "already_invoiced"


class CycleNotSettleable(Conflict):
    """A cycle sells still, or is not delivered; facts: ``cycle_id``, ``reason``."""

    code: ClassVar[str] = "cycle_not_settleable"


class SettlementUnknown(NotFound):
    """There is no such statement, or not for this person."""

    code: ClassVar[str] = "settlement_unknown"


class NothingToPay(Conflict):
    """Nobody is owed anything that may be paid that way now."""

    code: ClassVar[str] = "nothing_to_pay"


class PayoutUnknown(NotFound):
    """There is no such payout or batch, or not for this market."""

    code: ClassVar[str] = "payout_unknown"


class AccountRefused(InvalidInput):
    """An account cannot be paid to or from; ``field`` says what is wrong."""

    code: ClassVar[str] = "account_refused"


class BankFileRefused(InvalidInput):
    """A bank's file cannot be read; facts: ``reason``."""

    code: ClassVar[str] = "bank_file_refused"


class MovementUnknown(NotFound):
    """There is no such movement, or it is matched already."""

    code: ClassVar[str] = "movement_unknown"


class AmountsDiffer(Conflict):
    """A movement and an entry are not the same amount: they cannot be one."""

    code: ClassVar[str] = "amounts_differ"


class TillUnknown(NotFound):
    """There is no such till or entry, or not for this person."""

    code: ClassVar[str] = "till_unknown"


class DayClosed(Conflict):
    """The day of that till is closed: nothing is added to it any more."""

    code: ClassVar[str] = "day_closed"


class TakingRefused(InvalidInput):
    """That cannot be taken so; ``reason`` says why, ``most`` how much may be, in cents."""

    code: ClassVar[str] = "taking_refused"


class CounterRefused(Conflict):
    """That entry was taken back before, or is itself a counter-entry."""

    code: ClassVar[str] = "counter_refused"


class DelayRefused(InvalidInput):
    """A rule about by when to pay cannot be so (``field``, ``reason``)."""

    code: ClassVar[str] = "delay_refused"
