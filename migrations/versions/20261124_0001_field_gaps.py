"""field gaps.

Revision ID: d1477685a052
Revises: 5dae772f9dc8
"""

from __future__ import annotations

revision = "d1477685a052"
down_revision = "5dae772f9dc8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
