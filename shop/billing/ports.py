"""What billing needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from shop.billing.domain.bank_line import BankLine
from shop.kernel.money import Money


class InvoicePrinter(Protocol):
    """Whoever makes the paper that carries its own data: PDF/A-3b with ``factur-x.xml``."""

    def print_invoice(self, document: str, data: Mapping[str, Any]) -> bytes:
        """The file of ``document`` filled with ``data``, whose ``xml`` is attached.

        The same data give the same bytes.
        """


@dataclass(frozen=True, slots=True)
class CreditTransfer:
    """One payment in a file to the bank."""

    reference: str
    name: str
    iban: str
    bic: str
    amount: Money
    text: str


@dataclass(frozen=True, slots=True)
class CreditTransferFile:
    """Payments from one account on one day; ``message_id`` names the file once and for all."""

    message_id: str
    made_at: datetime
    execute_on: date
    debtor: str
    iban: str
    bic: str
    schema: str
    transfers: tuple[CreditTransfer, ...]


class CreditTransferWriter(Protocol):
    """Whoever writes SEPA credit transfers as the bank takes them."""

    def write(self, order: CreditTransferFile) -> bytes:
        """The file, valid by its schema; the same order gives the same bytes.

        Raises:
            GatewayRefused: it cannot be written so that the schema holds.
        """


@dataclass(frozen=True, slots=True)
class BankStatement:
    """A statement that was read."""

    iban: str
    opening: Money | None
    closing: Money | None
    lines: Sequence[BankLine]


class BankStatementReader(Protocol):
    """Whoever reads the statements of banks (CAMT.053)."""

    def read(self, content: bytes) -> list[BankStatement]:
        """The statements in a file.

        Raises:
            BankFileRefused: it is no such file, or asks for what a file must not ask.
        """
