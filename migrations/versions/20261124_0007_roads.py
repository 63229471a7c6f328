"""Keep distances by road, where doors are, and the calendars of drivers.

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
    for table in ("baskets", "orders"):
        op.add_column(table, sa.Column("pin_by", sa.String(40)))
        op.create_check_constraint(
            op.f(f"ck_{table}_pin_by"),
            table,
            "pin_by IN ('commune', 'address', 'person', 'desk')",
        )
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_calendar_feeds_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("token", name=op.f("uq_calendar_feeds_token")),
    )
    op.create_index(
        "uq_calendar_feeds_live",
        "calendar_feeds",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def downgrade() -> None:
    """Without them distances are asked for again, or estimated."""
    op.drop_table("calendar_feeds")
    for table in ("orders", "baskets"):
        op.drop_constraint(op.f(f"ck_{table}_pin_by"), table)
        op.drop_column(table, "pin_by")
    op.drop_table("road_legs")
    op.drop_table("road_maps")
