"""An invoice as plain JSON values, to be kept for ever, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from shop.billing.domain.invoice import (
    Correction,
    Invoice,
    InvoiceLine,
    Mandate,
    Party,
    TaxGroup,
)
from shop.billing.domain.invoice_terms import InvoiceKind, InvoiceLineKind, Means
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice
from shop.orders.domain.tenders import PaidBy, PaidPart


def freeze(invoice: Invoice) -> dict[str, Any]:
    """``invoice`` as plain JSON values, to be kept for ever."""
    return {
        "kind": invoice.kind.value,
        "number": invoice.number,
        "issued_on": invoice.issued_on.isoformat(),
        "supplied_on": invoice.supplied_on.isoformat(),
        "due_on": invoice.due_on.isoformat() if invoice.due_on else None,
        "seller": _plain(invoice.seller),
        "buyer": _plain(invoice.buyer),
        "lines": [_freeze_line(line) for line in invoice.lines],
        "taxes": [
            {
                "rate_bp": group.rate_bp,
                "gross": group.gross.cents,
                "base": group.base.cents,
                "tax": group.tax.cents,
                "rounding": group.rounding.cents,
            }
            for group in invoice.taxes
        ],
        "paid": invoice.paid.cents,
        "means": invoice.means.value,
        "language": invoice.language,
        "order_number": invoice.order_number,
        "mentions": list(invoice.mentions),
        "exemption_code": invoice.exemption_code,
        "notes": list(invoice.notes),
        "currency": invoice.currency,
        "paid_parts": [[part.by.value, part.amount.cents] for part in invoice.paid_parts],
        "mandate": _freeze_mandate(invoice.mandate),
        "correction": _freeze_correction(invoice.correction),
    }


def thaw(frozen: Mapping[str, Any]) -> Invoice:
    """The invoice that was frozen."""
    return Invoice(
        kind=InvoiceKind(frozen["kind"]),
        number=frozen["number"],
        issued_on=date.fromisoformat(frozen["issued_on"]),
        supplied_on=date.fromisoformat(frozen["supplied_on"]),
        due_on=date.fromisoformat(frozen["due_on"]) if frozen["due_on"] else None,
        seller=Party(**frozen["seller"]),
        buyer=Party(**frozen["buyer"]),
        lines=tuple(_thaw_line(line) for line in frozen["lines"]),
        taxes=tuple(
            TaxGroup(
                group["rate_bp"],
                Money(group["gross"]),
                Money(group["base"]),
                Money(group["tax"]),
                Money(group["rounding"]),
            )
            for group in frozen["taxes"]
        ),
        paid=Money(frozen["paid"]),
        means=Means(frozen["means"]),
        language=frozen["language"],
        order_number=frozen["order_number"],
        mentions=tuple(frozen["mentions"]),
        exemption_code=frozen["exemption_code"],
        notes=tuple(frozen["notes"]),
        currency=frozen["currency"],
        paid_parts=tuple(
            PaidPart(PaidBy(by), Money(cents)) for by, cents in frozen.get("paid_parts", ())
        ),
        mandate=_thaw_mandate(frozen["mandate"]),
        correction=_thaw_correction(frozen["correction"]),
    )


def _plain(party: Party) -> dict[str, str]:
    return {name: getattr(party, name) for name in Party.__dataclass_fields__}


def _freeze_line(line: InvoiceLine) -> dict[str, Any]:
    return {
        "kind": line.kind.value,
        "name": line.name,
        "gross": line.gross.cents,
        "rate_bp": line.rate_bp,
        "amount": line.quantity.amount,
        "unit": line.quantity.unit.value,
        "price": None if line.price is None else [line.price.cents, line.price.unit.value],
        "reference": line.reference,
        "note": line.note,
        "order_line_id": line.order_line_id,
        "producer_id": line.producer_id,
        "net": line.net.cents,
    }


def _thaw_line(line: Mapping[str, Any]) -> InvoiceLine:
    price = line["price"]
    return InvoiceLine(
        kind=InvoiceLineKind(line["kind"]),
        name=line["name"],
        gross=Money(line["gross"]),
        rate_bp=line["rate_bp"],
        quantity=Quantity(line["amount"], Unit(line["unit"])),
        price=None if price is None else UnitPrice(price[0], Unit(price[1])),
        reference=line["reference"],
        note=line["note"],
        order_line_id=line["order_line_id"],
        producer_id=line["producer_id"],
        net=Money(line["net"]),
    )


def _freeze_mandate(mandate: Mandate | None) -> dict[str, Any] | None:
    return (
        None
        if mandate is None
        else {
            "issuer": mandate.issuer,
            "signed_on": mandate.signed_on.isoformat(),
            "contest_days": mandate.contest_days,
        }
    )


def _thaw_mandate(frozen: Mapping[str, Any] | None) -> Mandate | None:
    if frozen is None:
        return None
    signed_on = date.fromisoformat(frozen["signed_on"])
    return Mandate(frozen["issuer"], signed_on, frozen["contest_days"])


def _freeze_correction(correction: Correction | None) -> dict[str, Any] | None:
    return (
        None
        if correction is None
        else {
            "number": correction.number,
            "issued_on": correction.issued_on.isoformat(),
            "reason": correction.reason,
        }
    )


def _thaw_correction(frozen: Mapping[str, Any] | None) -> Correction | None:
    if frozen is None:
        return None
    issued_on = date.fromisoformat(frozen["issued_on"])
    return Correction(frozen["number"], issued_on, frozen["reason"])
