"""Tables for board.

Revision ID: 9f9ef271e1f1
Revises: d83d7b144a21
"""

from __future__ import annotations

revision = "9f9ef271e1f1"
down_revision = "d83d7b144a21"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing yet."""


def downgrade() -> None:
    """Change nothing yet."""
