"""The lives of payouts, of movements that are compared, and of invoices on their way."""

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

SUBMISSION = Lifecycle(
    name="invoice_submission",
    initial="ready",
    moves={
        ("ready", "submit"): "submitted",
        ("submitted", "reject"): "rejected",
        ("submitted", "refuse"): "refused",
        ("submitted", "approve"): "approved",
        ("approved", "pay"): "paid",
        ("rejected", "submit"): "submitted",
    },
)
"""What became of an invoice at a public buyer's portal, or at an approved platform.

Rejected: the portal could not take the file, which is sent again once that is mended. Refused:
the buyer says no; a credit note and a new invoice answer that.
"""

INVOICE_RUN = Lifecycle(
    name="invoice_run",
    initial="waiting",
    moves={
        ("waiting", "start"): "running",
        ("running", "start"): "running",
        ("running", "finish"): "done",
    },
)
"""Issuing the invoices of a whole cycle; a run that was cut is started again where it was."""
