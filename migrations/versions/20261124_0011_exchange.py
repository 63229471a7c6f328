"""Tables for exchange.

Revision ID: 8e42e3178046
Revises: 9f9ef271e1f1
"""

from __future__ import annotations

revision = "8e42e3178046"
down_revision = "9f9ef271e1f1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing yet."""


def downgrade() -> None:
    """Change nothing yet."""
