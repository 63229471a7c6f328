"""rounds.

Revision ID: 75a7b3952462
Revises: c3e815afba60
"""

from __future__ import annotations

revision = "75a7b3952462"
down_revision = "c3e815afba60"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
