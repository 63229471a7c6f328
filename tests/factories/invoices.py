"""Invoices made by hand, for rules and paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from shop.billing.domain.invoice import (
    Invoice,
    InvoiceLine,
    Party,
    compose,
    delivery_lines,
)
from shop.billing.domain.invoice_terms import InvoiceKind, InvoiceLineKind, Means
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice

SIRET = "73282932000074"
SELLER = Party(
    "GAEC des Avens",
    "120 chemin du Moulin",
    "83170",
    "Brignoles",
    siret=SIRET,
    vat_number="FR44732829320",
    legal_form="GAEC",
    email="ferme@exemple.fr",
    phone="04 94 00 00 00",
    iban="FR7630006000011234567890189",
    certificate="FR-BIO-01",
)
CONSUMER = Party("Camille Durand", "3 rue des Écoles", "83000", "Toulon")
SCHOOL = Party(
    "Commune de Brignoles",
    "9 place Caramy",
    "83170",
    "Brignoles",
    siret="35600000000048",
    service_code="CANTINE",
    engagement="EJ-2026-118",
)


def goods(name: str, gross: int, rate_bp: int, **more: Any) -> InvoiceLine:
    """One line of goods that costs ``gross`` cents."""
    return InvoiceLine(InvoiceLineKind.GOODS, name, Money(gross), rate_bp, **more)


def basket() -> list[InvoiceLine]:
    """Cheese by weight, wine, bread, their delivery, and a deposit."""
    lines = [
        goods(
            "Tomme de brebis",
            1506,
            550,
            quantity=Quantity.grams(797),
            price=UnitPrice(1890, Unit.GRAM),
            reference="TOM-1",
            note="2 pièces",
        ),
        goods(
            "Vin rosé", 1503, 2000, quantity=Quantity.pieces(3), price=UnitPrice(501, Unit.PIECE)
        ),
        goods("Pain au levain", 377, 550, quantity=Quantity.pieces(1)),
    ]
    delivery = delivery_lines(Money(490), lines, "Livraison", bills_tax=True)
    deposit = InvoiceLine(InvoiceLineKind.DEPOSIT, "Consigne", Money(60), 0, Quantity.pieces(3))
    return [*lines, *delivery, deposit]


def invoice(lines: Sequence[InvoiceLine] | None = None, **more: Any) -> Invoice:
    """An invoice that was paid by card, unless said otherwise."""
    composed, groups = compose(basket() if lines is None else lines)
    values: dict[str, Any] = {
        "kind": InvoiceKind.INVOICE,
        "number": "PDV-GDA3-2026-00012",
        "issued_on": date(2026, 11, 27),
        "supplied_on": date(2026, 11, 26),
        "seller": SELLER,
        "buyer": CONSUMER,
        "lines": composed,
        "taxes": groups,
        "paid": Money.total(group.gross for group in groups),
        "means": Means.CARD,
        "order_number": "C-0001-ABCD",
        "mentions": ("Consigne d’emballage, hors base d’imposition à la TVA",),
    }
    return Invoice(**(values | more))
