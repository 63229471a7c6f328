"""payments.

Revision ID: 40c477020282
Revises: d1477685a052
"""

from __future__ import annotations

revision = "40c477020282"
down_revision = "d1477685a052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
