"""invoices.

Revision ID: c3e815afba60
Revises: 95f799733142
"""

from __future__ import annotations

revision = "c3e815afba60"
down_revision = "95f799733142"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
