"""What is said to a bank about a contested payment, within the lengths that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

LIMITS = {
    "customer_name": 200,
    "customer_email_address": 200,
    "shipping_address": 500,
    "shipping_date": 60,
    "service_date": 60,
    "product_description": 20_000,
    "uncategorized_text": 20_000,
}
"""What the provider takes in words, and how much of each; in characters."""

NEAR = timedelta(days=3)
"""The desk is warned so long before the last day."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The answer to a dispute, field by field, in the provider's names."""

    fields: Mapping[str, str]

    def __post_init__(self) -> None:
        unknown = set(self.fields) - set(LIMITS)
        if unknown:
            raise ValueError(f"no such field: {', '.join(sorted(unknown))}")

    @property
    def too_long(self) -> tuple[str, ...]:
        """Fields that the provider would cut."""
        return tuple(name for name, text in self.fields.items() if len(text) > LIMITS[name])

    @property
    def said(self) -> dict[str, str]:
        """What is handed in: no empty fields."""
        return {name: text.strip() for name, text in self.fields.items() if text.strip()}


def urgency(evidence_by: datetime | None, now: datetime) -> str:
    """How the last moment for proofs stands: ``none``, ``far``, ``near`` or ``past``."""
    if evidence_by is None:
        return "none"
    if evidence_by <= now:
        return "past"
    return "near" if evidence_by - now <= NEAR else "far"
