"""Keep distances and times by road.

Revision ID: 3483308dd54e
Revises: 75a7b3952462
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3483308dd54e"
down_revision = "75a7b3952462"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Maps of road servers, and what they said between two points."""
    op.create_table(
        "road_maps",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("data_date", sa.Text(), nullable=False),
        sa.Column(
            "answered_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road_maps")),
        sa.UniqueConstraint("source", "data_date", name=op.f("uq_road_maps_source_data_date")),
    )
    op.create_index(op.f("ix_road_maps_answered_at"), "road_maps", ["answered_at"])
    op.create_table(
        "road_legs",
        sa.Column("map_id", sa.BigInteger(), nullable=False),
        sa.Column("from_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("to_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["map_id"],
            ["road_maps.id"],
            name=op.f("fk_road_legs_map_id_road_maps"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("map_id", "from_key", "to_key", name=op.f("pk_road_legs")),
    )


def downgrade() -> None:
    """Without them distances are asked for again, or estimated."""
    op.drop_table("road_legs")
    op.drop_table("road_maps")
