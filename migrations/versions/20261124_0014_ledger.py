"""Tables for ledger.

Revision ID: 64b29edaa295
Revises: b0d8e02bb454
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "64b29edaa295"
down_revision = "b0d8e02bb454"
branch_labels = None
depends_on = None

ASKED = ("payouts", "payout_reversals")


def upgrade() -> None:
    """Note when the provider was first asked to pay, or to take back."""
    for table in ASKED:
        op.add_column(table, sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Forget it again."""
    for table in ASKED:
        op.drop_column(table, "asked_at")
