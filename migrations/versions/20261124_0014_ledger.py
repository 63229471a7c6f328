"""Tables for ledger.

Revision ID: 64b29edaa295
Revises: b0d8e02bb454
"""

from __future__ import annotations

revision = "64b29edaa295"
down_revision = "b0d8e02bb454"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing yet."""


def downgrade() -> None:
    """Change nothing yet."""
