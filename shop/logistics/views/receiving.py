"""What a form says of goods that were brought: an amount per line, and what is noted of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from flask_babel import gettext as _

from shop.kernel.errors import InvalidInput
from shop.kernel.quantity import UNITS_PER_PRICE, Quantity
from shop.logistics.domain.picking import read_grams
from shop.logistics.domain.receipt import read_temperature
from shop.logistics.errors import ReasonMissing, UseByPassed
from shop.logistics.services.collection import Brought
from shop.orders.domain.terms import ShortageReason
from shop.orders.queries.purchase_orders import PurchaseOrderLineView, PurchaseOrderPage

LOT_LENGTH = 60
REASONS = (
    ShortageReason.NOT_SUPPLIED,
    ShortageReason.DAMAGED,
    ShortageReason.QUALITY,
    ShortageReason.LOST,
)
"""Why less is taken in than was promised."""


@dataclass(slots=True)
class Typed:
    """What was typed, by the name of its box, and what is wrong with it."""

    raw: Mapping[str, str] = field(default_factory=dict)
    brought: list[Brought] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


def read(page: PurchaseOrderPage, form: Mapping[str, str]) -> Typed:
    """Every line of a purchase order as a form says it; ``nothing`` says that nothing came."""
    typed = Typed(form)
    if form.get("nothing"):
        typed.brought = [
            Brought(line.line_id, 0, _reason(form.get("why", "")) or ShortageReason.NOT_SUPPLIED)
            for line in page.lines
        ]
        return typed
    for line in page.lines:
        _read_line(line, typed)
    return typed


def note_refusal(typed: Typed, refusal: InvalidInput) -> None:
    """Say what the service refused at the box that it is about."""
    name = str(refusal.facts.get("field", ""))
    if isinstance(refusal, ReasonMissing):
        typed.errors[name] = _("Less than promised: say why.")
    elif isinstance(refusal, UseByPassed):
        typed.errors[name] = _("Past before the delivery: these goods cannot be taken in.")
    elif refusal.facts.get("reason") == "too_much":
        typed.errors[name] = _("That is much more than was ordered.")
    else:
        raise refusal


def shown(amount: Quantity) -> str:
    """A quantity as it is typed: pieces, kilograms, liters."""
    value = Decimal(amount.amount) / UNITS_PER_PRICE[amount.unit]
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _read_line(line: PurchaseOrderLineView, typed: Typed) -> None:
    key, said = line.line_id, typed.raw
    amount = _amount(said.get(f"brought-{key}", ""), line)
    if amount is None:
        typed.errors[f"brought-{key}"] = _("Please give a number; 0 when nothing came.")
    weight_g: int | None = None
    temperature_dc: int | None = None
    use_by_on: date | None = None
    try:
        weight_g = read_grams(weight) if (weight := said.get(f"weight-{key}", "").strip()) else None
    except ValueError:
        typed.errors[f"weight-{key}"] = _("Type grams (1234) or kilograms with a comma (1,234).")
    try:
        temperature_dc = read_temperature(said.get(f"temperature-{key}", ""))
    except ValueError:
        typed.errors[f"temperature-{key}"] = _("Type degrees, such as 3.5 or -18.")
    try:
        given = said.get(f"use_by-{key}", "").strip()
        use_by_on = date.fromisoformat(given) if given else None
    except ValueError:
        typed.errors[f"use_by-{key}"] = _("This is not a day.")
    if amount is not None:
        lot = " ".join(said.get(f"lot-{key}", "").split())[:LOT_LENGTH] or None
        reason = _reason(said.get(f"reason-{key}", "")) if amount < line.expected else None
        typed.brought.append(Brought(key, amount, reason, weight_g, lot, use_by_on, temperature_dc))


def _reason(given: str) -> ShortageReason | None:
    return ShortageReason(given) if given in {reason.value for reason in REASONS} else None


def _amount(raw: str, line: PurchaseOrderLineView) -> int | None:
    try:
        value = Decimal(raw.strip().replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except InvalidOperation:
        return None
    if not value.is_finite() or not 0 <= value <= 1_000_000:
        return None
    scale = UNITS_PER_PRICE[line.ordered.unit]
    scaled = value * scale
    if scale == 1 and scaled != scaled.to_integral_value():
        return None
    return int(scaled.to_integral_value(ROUND_HALF_UP))
