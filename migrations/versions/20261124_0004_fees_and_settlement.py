"""fees and settlement.

Revision ID: 95f799733142
Revises: 9ede3b219963
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "95f799733142"
down_revision = "9ede3b219963"
branch_labels = None
depends_on = None

NEW_ACCOUNTS = ("transit", "costs")


def upgrade() -> None:
    """Full fee rules, announced fees on orders, accounts of money that moves."""
    widen("ledger_accounts", "account_kind", "kind", add=NEW_ACCOUNTS)
    for name in ("per_order_cents", "per_crate_cents", "tax_rate_bp"):
        op.add_column(
            "fee_rules", sa.Column(name, sa.Integer(), nullable=False, server_default="0")
        )
    op.add_column(
        "fee_rules",
        sa.Column(
            "option_kind",
            sa.Enum(
                "relay",
                "drive",
                "home",
                name="option_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
        ),
    )
    op.add_column("fee_rules", sa.Column("commune_insee", sa.Text()))
    op.add_column("fee_rules", sa.Column("note", sa.Text()))
    op.add_column("fee_rules", sa.Column("by_person_id", sa.BigInteger()))
    op.drop_constraint("uq_fee_rules_market_id_kind_valid_from", "fee_rules")
    op.create_unique_constraint(
        "uq_fee_rules_once",
        "fee_rules",
        ["market_id", "kind", "bearer", "option_kind", "commune_insee", "valid_from"],
        postgresql_nulls_not_distinct=True,
    )
    op.create_check_constraint(
        op.f("ck_fee_rules_amounts"),
        "fee_rules",
        "percent_bp BETWEEN 0 AND 10000 AND per_order_cents >= 0 AND per_crate_cents >= 0"
        " AND tax_rate_bp BETWEEN 0 AND 10000",
    )
    op.create_check_constraint(
        op.f("ck_fee_rules_days"), "fee_rules", "valid_to IS NULL OR valid_from <= valid_to"
    )
    op.add_column(
        "orders",
        sa.Column(
            "fee_parts",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            server_default="{}",
        ),
    )


def downgrade() -> None:
    """As before."""
    op.drop_column("orders", "fee_parts")
    op.drop_constraint(op.f("ck_fee_rules_days"), "fee_rules")
    op.drop_constraint(op.f("ck_fee_rules_amounts"), "fee_rules")
    op.drop_constraint("uq_fee_rules_once", "fee_rules")
    for name in ("by_person_id", "note", "commune_insee", "option_kind"):
        op.drop_column("fee_rules", name)
    for name in ("tax_rate_bp", "per_crate_cents", "per_order_cents"):
        op.drop_column("fee_rules", name)
    op.create_unique_constraint(
        "uq_fee_rules_market_id_kind_valid_from", "fee_rules", ["market_id", "kind", "valid_from"]
    )
    widen("ledger_accounts", "account_kind", "kind", drop=NEW_ACCOUNTS)


def widen(
    table: str,
    check: str,
    column: str,
    *,
    add: Iterable[str] = (),
    drop: Iterable[str] = (),
) -> None:
    """Let a column hold more words, or fewer, keeping those that earlier migrations allowed."""
    name = f"ck_{table}_{check}"
    definition = op.get_bind().scalar(
        sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"),
        {"name": name},
    )
    words = [word for word in re.findall(r"'([a-z0-9_]+)'", definition) if word not in set(drop)]
    words += [word for word in add if word not in words]
    listed = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(name, table)
    op.create_check_constraint(op.f(name), table, f"{column} IN ({listed})")
