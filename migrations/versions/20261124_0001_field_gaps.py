"""field gaps.

Revision ID: d1477685a052
Revises: 5dae772f9dc8
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shop.infra import append_only

revision = "d1477685a052"
down_revision = "5dae772f9dc8"
branch_labels = None
depends_on = None


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Goods are counted, orders given up are explained, doors are pinned, letters have a tongue."""
    op.add_column("orders", sa.Column("not_delivered_why", sa.Text(), nullable=True))
    op.add_column("orders", sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "producers", sa.Column("language", sa.Text(), server_default="fr", nullable=False)
    )
    op.add_column(
        "markets",
        sa.Column(
            "shortage_rule",
            sa.String(length=40),
            server_default="first_ordered",
            nullable=False,
        ),
    )
    op.create_check_constraint(
        "shortage_rule", "markets", "shortage_rule IN ('first_ordered', 'pro_rata')"
    )
    op.create_table(
        "goods_receipts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("purchase_order_line_id", sa.BigInteger(), nullable=False),
        sa.Column("place", _enum("receipt_place", "farm", "hub"), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column(
            "reason",
            _enum("shortage_reason", "not_supplied", "damaged", "quality", "lost", "under_weight"),
            nullable=True,
        ),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("use_by_on", sa.Date(), nullable=True),
        sa.Column("temperature_dc", sa.Integer(), nullable=True),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("device_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_goods_receipts_amount")),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_goods_receipts_weight")),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_goods_receipts_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_order_line_id"],
            ["purchase_order_lines.id"],
            name=op.f("fk_goods_receipts_purchase_order_line_id_purchase_order_lines"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_receipts")),
        sa.UniqueConstraint("key", name=op.f("uq_goods_receipts_key")),
    )
    op.create_index(
        op.f("ix_goods_receipts_purchase_order_line_id"),
        "goods_receipts",
        ["purchase_order_line_id"],
    )
    op.execute(append_only.trigger("goods_receipts"))


def downgrade() -> None:
    """Forget all that."""
    op.drop_table("goods_receipts")
    op.drop_constraint("shortage_rule", "markets", type_="check")
    op.drop_column("markets", "shortage_rule")
    op.drop_column("producers", "language")
    op.drop_column("orders", "pinned_at")
    op.drop_column("orders", "not_delivered_why")
