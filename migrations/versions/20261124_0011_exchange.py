"""Files of orders of other platforms, and the routes found for them.

Revision ID: 8e42e3178046
Revises: 9f9ef271e1f1
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "8e42e3178046"
down_revision = "9f9ef271e1f1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep files of orders from other platforms, and the routes found for them."""
    op.create_table(
        "exchange_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("fleet", sa.Text(), nullable=False),
        sa.Column("service_s", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("written", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "asked_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed')",
            name=op.f("ck_exchange_runs_state"),
        ),
        sa.CheckConstraint("fleet IN ('theirs', 'ours')", name=op.f("ck_exchange_runs_fleet")),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_exchange_runs_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_exchange_runs_asked_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_runs")),
    )
    op.create_index(op.f("ix_exchange_runs_market_id"), "exchange_runs", ["market_id"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("exchange_runs")
