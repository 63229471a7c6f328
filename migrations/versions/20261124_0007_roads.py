"""roads.

Revision ID: 3483308dd54e
Revises: 75a7b3952462
"""

from __future__ import annotations

revision = "3483308dd54e"
down_revision = "75a7b3952462"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
