"""Vouchers for the fund, codes that it pays for, season contracts that members sign.

Revision ID: b0d8e02bb454
Revises: e91ebc6a988b
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "b0d8e02bb454"
down_revision = "e91ebc6a988b"
branch_labels = None
depends_on = None

KINDS = ("gift", "desk", "solidarity")
STATES = ("signed", "ended")


def upgrade() -> None:
    """Make room for what is bought for the fund, paid from it, and signed on a page."""
    op.add_column("vouchers", sa.Column("form_key", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_vouchers_form_key"), "vouchers", ["form_key"])
    _voucher_kinds((*KINDS, "donation"))
    _discount_codes()
    for column in (
        sa.Column("terms", sa.Text(), server_default="", nullable=False),
        sa.Column("terms_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("signed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("form_key", sa.Text(), nullable=True),
    ):
        op.add_column("season_contracts", column)
    for name in ("token", "form_key"):
        op.create_unique_constraint(op.f(f"uq_season_contracts_{name}"), "season_contracts", [name])
    op.alter_column("season_contracts", "signed_on", nullable=True)
    op.alter_column("season_contracts", "state", server_default="offered")
    _contract_states(("offered", *STATES, "dropped"))


def downgrade() -> None:
    """Forget contracts that nobody signed, and what was bought for the fund is a gift."""
    contracts = sa.table("season_contracts", sa.column("id"), sa.column("state"))
    gone = sa.select(contracts.c.id).where(contracts.c.state.in_(("offered", "dropped")))
    for name in ("contract_deliveries", "contract_instalments", "contract_transfers"):
        parts = sa.table(name, sa.column("contract_id"))
        op.execute(sa.delete(parts).where(parts.c.contract_id.in_(gone)))
    op.execute(sa.delete(contracts).where(contracts.c.state.in_(("offered", "dropped"))))
    _contract_states(STATES)
    op.alter_column("season_contracts", "state", server_default="signed")
    op.alter_column("season_contracts", "signed_on", nullable=False)
    for name in ("form_key", "signed_at", "signed_by", "token", "terms_hash", "terms"):
        op.drop_column("season_contracts", name)
    op.drop_column("orders", "discount_code_id")
    op.drop_table("discount_codes")
    op.execute("UPDATE vouchers SET kind = 'gift' WHERE kind = 'donation'")
    _voucher_kinds(KINDS)
    op.drop_column("vouchers", "form_key")


def _voucher_kinds(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_vouchers_voucher_kind"), "vouchers", type_="check")
    known = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_vouchers_voucher_kind"), "vouchers", f"kind IN ({known})")


def _contract_states(states: tuple[str, ...]) -> None:
    name = op.f("ck_season_contracts_state")
    op.drop_constraint(name, "season_contracts", type_="check")
    known = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(name, "season_contracts", f"state IN ({known})")


def _discount_codes() -> None:
    op.create_table(
        "discount_codes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=True),
        sa.Column("percent_bp", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("state IN ('active', 'ended')", name=op.f("ck_discount_codes_state")),
        sa.CheckConstraint(
            "(amount_cents IS NULL) <> (percent_bp IS NULL)",
            name=op.f("ck_discount_codes_one_way"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_discount_codes_amount")),
        sa.CheckConstraint(
            "percent_bp BETWEEN 1 AND 10000", name=op.f("ck_discount_codes_percent")
        ),
        sa.CheckConstraint("uses > 0", name=op.f("ck_discount_codes_uses")),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_discount_codes_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["people.id"], name=op.f("fk_discount_codes_created_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_codes")),
        sa.UniqueConstraint("market_id", "code", name=op.f("uq_discount_codes_market_id_code")),
    )
    op.add_column("orders", sa.Column("discount_code_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_orders_discount_code_id_discount_codes"),
        "orders",
        "discount_codes",
        ["discount_code_id"],
        ["id"],
    )
    op.create_index(op.f("ix_orders_discount_code_id"), "orders", ["discount_code_id"])
