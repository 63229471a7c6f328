"""Bank statements in CAMT.053, whatever its version, without trusting what is in the file.

Entities, document types and addresses to fetch are refused by ``defusedxml``.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from shop.billing.domain.bank_line import BankLine
from shop.billing.errors import BankFileRefused
from shop.billing.ports import BankStatement
from shop.kernel.money import Money

MAX_BYTES = 20_000_000


class CamtReader:
    """The ``BankStatementReader`` of the application."""

    def read(self, content: bytes) -> list[BankStatement]:
        """The statements in a file.

        Raises:
            BankFileRefused: it is no CAMT.053, or asks for what a file must not ask.
        """
        if len(content) > MAX_BYTES:
            raise BankFileRefused(reason="too_large")
        try:
            root = ElementTree.fromstring(content, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError) as error:
            raise BankFileRefused(reason="unreadable") from error
        if "camt.053" not in root.tag:
            raise BankFileRefused(reason="not_camt")
        return [_statement(found) for found in _all(root, "Stmt")]


def _statement(found: Element) -> BankStatement:
    iban = _text(found, "Acct", "Id", "IBAN")
    balances: dict[str, Money] = {}
    for balance in _children(found, "Bal"):
        balances[_text(balance, "Tp", "CdOrPrtry", "Cd")] = _signed(balance)
    lines: list[BankLine] = []
    for entry in _children(found, "Ntry"):
        lines += _lines(entry)
    return BankStatement(
        iban=iban,
        opening=balances.get("OPBD") or balances.get("PRCD"),
        closing=balances.get("CLBD"),
        lines=lines,
    )


def _lines(entry: Element) -> list[BankLine]:
    """An entry, or the payments that it is the sum of when the bank tells them apart."""
    status = _text(entry, "Sts", "Cd") or _text(entry, "Sts")
    if status not in {"BOOK", ""}:
        return []
    on = _day(entry)
    bank_ref = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    details = [each for part in _children(entry, "NtryDtls") for each in _children(part, "TxDtls")]
    amounts = [_part_amount(each, entry) for each in details]
    whole = _signed(entry)
    told = [amount for amount in amounts if amount is not None]
    if len(details) > 1 and len(told) == len(details) and Money.total(told) == whole:
        return [
            _line(each, on, amount, f"{bank_ref}/{place}" if bank_ref else "", entry)
            for place, (each, amount) in enumerate(zip(details, told, strict=True), start=1)
        ]
    detail = details[0] if len(details) == 1 else None
    return [_line(detail, on, whole, bank_ref, entry)]


def _line(
    detail: Element | None, on: date, amount: Money, bank_ref: str, entry: Element
) -> BankLine:
    reference = party = text = ""
    if detail is not None:
        reference = _text(detail, "Refs", "EndToEndId")
        other = "Dbtr" if amount.cents > 0 else "Cdtr"
        party = _text(detail, "RltdPties", other, "Nm") or _text(
            detail, "RltdPties", other, "Pty", "Nm"
        )
        text = " ".join(
            each.text.strip() for each in _all(detail, "Ustrd") if each.text and each.text.strip()
        )
    if reference == "NOTPROVIDED":
        reference = ""
    return BankLine(
        on=on,
        amount=amount,
        reference=reference,
        counterparty=party,
        text=text or _text(entry, "AddtlNtryInf"),
        bank_ref=bank_ref,
    )


def _part_amount(detail: Element, entry: Element) -> Money | None:
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt")):
        found = _find(detail, *path)
        if found is not None and found.text:
            sign = _text(detail, "CdtDbtInd") or _text(entry, "CdtDbtInd")
            return _money(found, sign)
    return None


def _signed(found: Element) -> Money:
    amount = _find(found, "Amt")
    if amount is None:
        raise BankFileRefused(reason="no_amount")
    return _money(amount, _text(found, "CdtDbtInd"))


def _money(found: Element, sign: str) -> Money:
    if found.get("Ccy", "EUR") != "EUR":
        raise BankFileRefused(reason="currency")
    try:
        cents = Decimal((found.text or "").strip()) * 100
    except InvalidOperation as error:
        raise BankFileRefused(reason="no_amount") from error
    if cents != cents.to_integral_value() or abs(cents) > 10**13:
        raise BankFileRefused(reason="no_amount")
    return Money(int(cents) if sign != "DBIT" else -int(cents))


def _day(entry: Element) -> date:
    for name in ("BookgDt", "ValDt"):
        for kind in ("Dt", "DtTm"):
            if text := _text(entry, name, kind):
                try:
                    return date.fromisoformat(text[:10])
                except ValueError as error:
                    raise BankFileRefused(reason="no_date") from error
    raise BankFileRefused(reason="no_date")


def _local(found: Element) -> str:
    return found.tag.rpartition("}")[2]


def _children(found: Element, name: str) -> list[Element]:
    return [child for child in found if _local(child) == name]


def _all(found: Element, name: str) -> list[Element]:
    return [child for child in found.iter() if _local(child) == name]


def _find(found: Element, *path: str) -> Element | None:
    here: Element | None = found
    for name in path:
        if here is None:
            return None
        children = _children(here, name)
        here = children[0] if children else None
    return here


def _text(found: Element, *path: str) -> str:
    here = _find(found, *path)
    return (here.text or "").strip() if here is not None else ""
