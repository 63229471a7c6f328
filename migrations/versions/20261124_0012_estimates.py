"""Tables for estimates.

Revision ID: e91ebc6a988b
Revises: 8e42e3178046
"""

from __future__ import annotations

revision = "e91ebc6a988b"
down_revision = "8e42e3178046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing yet."""


def downgrade() -> None:
    """Change nothing yet."""
