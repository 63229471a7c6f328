"""Tables for walk.

Revision ID: 465bedc78e8d
Revises: 64b29edaa295
"""

from __future__ import annotations

revision = "465bedc78e8d"
down_revision = "64b29edaa295"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing yet."""


def downgrade() -> None:
    """Change nothing yet."""
