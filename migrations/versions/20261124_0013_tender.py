"""Tables for tender.

Revision ID: b0d8e02bb454
Revises: e91ebc6a988b
"""

from __future__ import annotations

revision = "b0d8e02bb454"
down_revision = "e91ebc6a988b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing yet."""


def downgrade() -> None:
    """Change nothing yet."""
