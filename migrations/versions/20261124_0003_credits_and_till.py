"""credits and till.

Revision ID: 9ede3b219963
Revises: 40c477020282
"""

from __future__ import annotations

revision = "9ede3b219963"
down_revision = "40c477020282"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
