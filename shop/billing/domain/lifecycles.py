"""The lives of a payout, of its taking back, and of a movement that is compared."""

from __future__ import annotations

from shop.kernel.lifecycle import Lifecycle

PAYOUT = Lifecycle(
    name="payout",
    initial="noted",
    moves={
        ("noted", "send"): "sent",
        ("noted", "pay"): "paid",
        ("noted", "refuse"): "refused",
        ("sent", "pay"): "paid",
        ("sent", "refuse"): "refused",
    },
)

PAYOUT_REVERSAL = Lifecycle(
    name="payout_reversal",
    initial="noted",
    moves={
        ("noted", "pay"): "paid",
        ("noted", "refuse"): "refused",
    },
)

MOVEMENT = Lifecycle(
    name="movement",
    initial="open",
    moves={
        ("open", "match"): "matched",
        ("open", "explain"): "explained",
    },
)
