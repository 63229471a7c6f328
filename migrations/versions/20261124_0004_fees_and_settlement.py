"""fees and settlement.

Revision ID: 95f799733142
Revises: 9ede3b219963
"""

from __future__ import annotations

revision = "95f799733142"
down_revision = "9ede3b219963"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
