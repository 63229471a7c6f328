"""Tables for what_if.

Revision ID: d83d7b144a21
Revises: c41f27ab90de
"""

from __future__ import annotations

revision = "d83d7b144a21"
down_revision = "c41f27ab90de"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing yet."""


def downgrade() -> None:
    """Change nothing yet."""
