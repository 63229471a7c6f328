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
