"""When transfers were asked for, answers to banks, a market's delay rules and limits of resale.

Revision ID: 64b29edaa295
Revises: b0d8e02bb454
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "64b29edaa295"
down_revision = "b0d8e02bb454"
branch_labels = None
depends_on = None

LIMITS = (
    ("resale_share", 5000, "CGI, art. 75"),
    ("resale_year", 10_000_000, "CGI, art. 75"),
    ("member_share", 7000, "Code rural, art. L611-8"),
)
"""Shares in basis points, a year in cents."""

ASKED = ("payouts", "payout_reversals")


def upgrade() -> None:
    """Note when the provider was first asked to pay; keep what was said to banks."""
    for table in ASKED:
        op.add_column(table, sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "dispute_answers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("dispute_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="noted", nullable=False),
        sa.Column("said", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "noted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('noted', 'sent', 'refused')", name=op.f("ck_dispute_answers_state")
        ),
        sa.ForeignKeyConstraint(
            ["by_person_id"],
            ["people.id"],
            name=op.f("fk_dispute_answers_by_person_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_answers_dispute_id_disputes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_answers")),
    )
    op.create_index(
        "ix_dispute_answers_one",
        "dispute_answers",
        ["dispute_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.create_table(
        "market_delays",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "basis IN ('delivery', 'month_end', 'invoice')", name=op.f("ck_market_delays_basis")
        ),
        sa.CheckConstraint(
            "kind IN ('perishable', 'fresh_meat', 'spirits', 'other')",
            name=op.f("ck_market_delays_kind"),
        ),
        sa.CheckConstraint("days BETWEEN 0 AND 120", name=op.f("ck_market_delays_days")),
        sa.CheckConstraint("source <> ''", name=op.f("ck_market_delays_source")),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_market_delays_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_market_delays_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_delays")),
        sa.UniqueConstraint(
            "market_id",
            "kind",
            "valid_from",
            name=op.f("uq_market_delays_market_id_kind_valid_from"),
        ),
    )
    op.add_column(
        "market_producers",
        sa.Column("is_member", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    limits = op.create_table(
        "sales_limits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("warn_bp", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('resale_share', 'resale_year', 'member_share')",
            name=op.f("ck_sales_limits_kind"),
        ),
        sa.CheckConstraint(
            "value > 0 AND warn_bp BETWEEN 0 AND 10000", name=op.f("ck_sales_limits_value")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_limits")),
        sa.UniqueConstraint("kind", "valid_from", name=op.f("uq_sales_limits_kind_valid_from")),
    )
    op.bulk_insert(
        limits,
        [
            {
                "kind": kind,
                "value": value,
                "warn_bp": 8000,
                "source": source,
                "valid_from": date(2019, 1, 1),
            }
            for kind, value, source in LIMITS
        ],
    )


def downgrade() -> None:
    """Forget it again."""
    op.drop_table("sales_limits")
    op.drop_column("market_producers", "is_member")
    op.drop_table("market_delays")
    op.drop_table("dispute_answers")
    for table in ASKED:
        op.drop_column(table, "asked_at")
