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

from shop.infra import append_only

revision = "95f799733142"
down_revision = "9ede3b219963"
branch_labels = None
depends_on = None

DELAYS = (
    ("perishable", 30, "delivery", [], "Code de commerce, L441-11, II, 1°"),
    ("fresh_meat", 20, "delivery", ["viandes"], "Code de commerce, L441-11, II, 2°"),
    ("spirits", 30, "month_end", ["spiritueux"], "Code de commerce, L441-11, II, 3°"),
    ("other", 60, "invoice", [], "Code de commerce, L441-10, I"),
)
"""How long the law lets us wait, by kind of goods, and the shelves each is about."""

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

    create_tables()
    for kind, days, basis, categories, source in DELAYS:
        op.get_bind().execute(
            sa.text(
                "INSERT INTO payment_delays (kind, days, basis, categories, source, valid_from)"
                " VALUES (:kind, :days, :basis, :categories, :source, '2019-04-26')"
            ),
            {
                "kind": kind,
                "days": days,
                "basis": basis,
                "categories": categories,
                "source": source,
            },
        )


def create_tables() -> None:
    """Statements, payouts, and what is compared with provider and bank."""
    op.create_table(
        "bank_uploads",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_bank_uploads_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_uploads")),
    )
    op.create_index(op.f("ix_bank_uploads_market_id"), "bank_uploads", ["market_id"])
    op.create_table(
        "payment_delays",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("categories", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "basis IN ('delivery', 'month_end', 'invoice')", name=op.f("ck_payment_delays_basis")
        ),
        sa.CheckConstraint(
            "kind IN ('perishable', 'fresh_meat', 'spirits', 'other')",
            name=op.f("ck_payment_delays_kind"),
        ),
        sa.CheckConstraint("days >= 0", name=op.f("ck_payment_delays_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_delays")),
        sa.UniqueConstraint("kind", "valid_from", name=op.f("uq_payment_delays_kind_valid_from")),
    )
    op.create_table(
        "bank_columns",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "columns", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_bank_columns_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_columns")),
        sa.UniqueConstraint("market_id", name=op.f("uq_bank_columns_market_id")),
    )
    op.create_table(
        "bank_files",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Integer(), nullable=False),
        sa.Column("opening_cents", sa.BigInteger(), nullable=True),
        sa.Column("closing_cents", sa.BigInteger(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_bank_files_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_files")),
        sa.UniqueConstraint("market_id", "digest", name=op.f("uq_bank_files_market_id_digest")),
        info={"append_only": True},
    )
    op.create_table(
        "payees",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "transfer",
                "sepa",
                name="payout_method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), server_default="", nullable=False),
        sa.Column("bic", sa.Text(), server_default="", nullable=False),
        sa.Column("account_ref", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "noted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["producer_id"], ["producers.id"], name=op.f("fk_payees_producer_id_producers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payees")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_payees_producer_id"), "payees", ["producer_id"], unique=False)
    op.create_table(
        "payout_batches",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "transfer",
                "sepa",
                name="payout_method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("execute_on", sa.Date(), nullable=False),
        sa.Column("account_holder", sa.Text(), server_default="", nullable=False),
        sa.Column("iban", sa.Text(), server_default="", nullable=False),
        sa.Column("bic", sa.Text(), server_default="", nullable=False),
        sa.Column("sepa_schema", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_payout_batches_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_batches")),
        sa.UniqueConstraint(
            "market_id",
            "method",
            "year",
            "rank",
            name=op.f("uq_payout_batches_market_id_method_year_rank"),
        ),
        sa.UniqueConstraint("message_id", name=op.f("uq_payout_batches_message_id")),
    )
    op.create_table(
        "settlement_rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("settle_after_days", sa.Integer(), nullable=True),
        sa.Column("warn_days", sa.Integer(), server_default="5", nullable=False),
        sa.Column("account_holder", sa.Text(), server_default="", nullable=False),
        sa.Column("iban", sa.Text(), server_default="", nullable=False),
        sa.Column("bic", sa.Text(), server_default="", nullable=False),
        sa.Column("sepa_schema", sa.Text(), server_default="pain.001.001.09", nullable=False),
        sa.CheckConstraint(
            "settle_after_days >= 0", name=op.f("ck_settlement_rules_settle_after_days")
        ),
        sa.CheckConstraint("warn_days >= 0", name=op.f("ck_settlement_rules_warn_days")),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_settlement_rules_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_rules")),
        sa.UniqueConstraint("market_id", name=op.f("uq_settlement_rules_market_id")),
    )
    op.create_table(
        "money_movements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=True),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "noted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "source IN ('provider', 'bank')", name=op.f("ck_money_movements_source")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'matched', 'explained')", name=op.f("ck_money_movements_state")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["bank_files.id"], name=op.f("fk_money_movements_file_id_bank_files")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_money_movements_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_movements")),
        sa.UniqueConstraint("source", "key", name=op.f("uq_money_movements_source_key")),
    )
    op.create_index(
        op.f("ix_money_movements_market_id_state"),
        "money_movements",
        ["market_id", "state"],
        unique=False,
    )
    op.create_table(
        "payouts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "transfer",
                "sepa",
                name="payout_method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state", sa.Text(), server_default="noted", nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reversed_cents", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('noted', 'sent', 'paid', 'refused')", name=op.f("ck_payouts_state")
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payouts_amount")),
        sa.CheckConstraint(
            "reversed_cents BETWEEN 0 AND amount_cents", name=op.f("ck_payouts_reversed")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["payout_batches.id"], name=op.f("fk_payouts_batch_id_payout_batches")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_payouts_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["producer_id"], ["producers.id"], name=op.f("fk_payouts_producer_id_producers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        sa.UniqueConstraint(
            "batch_id", "producer_id", name=op.f("uq_payouts_batch_id_producer_id")
        ),
        sa.UniqueConstraint("reference", name=op.f("uq_payouts_reference")),
    )
    op.create_index(op.f("ix_payouts_producer_id"), "payouts", ["producer_id"], unique=False)
    op.create_table(
        "settlements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("opening_cents", sa.BigInteger(), nullable=False),
        sa.Column("goods_cents", sa.BigInteger(), nullable=False),
        sa.Column("fees_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_tax_cents", sa.BigInteger(), nullable=False),
        sa.Column("others_cents", sa.BigInteger(), nullable=False),
        sa.Column("closing_cents", sa.BigInteger(), nullable=False),
        sa.Column(
            "content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "closing_cents = opening_cents + goods_cents - fees_cents + others_cents",
            name=op.f("ck_settlements_adds_up"),
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_settlements_cycle_id_cycles")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_settlements_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["producer_id"], ["producers.id"], name=op.f("fk_settlements_producer_id_producers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
        sa.UniqueConstraint(
            "cycle_id", "producer_id", name=op.f("uq_settlements_cycle_id_producer_id")
        ),
        sa.UniqueConstraint(
            "market_id", "year", "rank", name=op.f("uq_settlements_market_id_year_rank")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_settlements_number")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_settlements_producer_id"), "settlements", ["producer_id"], unique=False
    )
    op.create_table(
        "movement_matches",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("movement_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_key", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["movement_id"],
            ["money_movements.id"],
            name=op.f("fk_movement_matches_movement_id_money_movements"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement_matches")),
        sa.UniqueConstraint("movement_id", name=op.f("uq_movement_matches_movement_id")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_movement_matches_entry_key"), "movement_matches", ["entry_key"], unique=False
    )
    op.create_table(
        "payout_reversals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("payout_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="noted", nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('noted', 'paid', 'refused')", name=op.f("ck_payout_reversals_state")
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payout_reversals_amount")),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payouts.id"], name=op.f("fk_payout_reversals_payout_id_payouts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_reversals")),
        sa.UniqueConstraint("reference", name=op.f("uq_payout_reversals_reference")),
    )
    op.create_index(
        op.f("ix_payout_reversals_payout_id"), "payout_reversals", ["payout_id"], unique=False
    )
    op.create_table(
        "settlement_postings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("settlement_id", sa.BigInteger(), nullable=False),
        sa.Column("posting_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["posting_id"],
            ["ledger_postings.id"],
            name=op.f("fk_settlement_postings_posting_id_ledger_postings"),
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id"],
            ["settlements.id"],
            name=op.f("fk_settlement_postings_settlement_id_settlements"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_postings")),
        sa.UniqueConstraint("posting_id", name=op.f("uq_settlement_postings_posting_id")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_settlement_postings_settlement_id"),
        "settlement_postings",
        ["settlement_id"],
        unique=False,
    )
    op.execute(append_only.trigger("bank_files"))
    op.execute(append_only.trigger("payees"))
    op.execute(append_only.trigger("settlements"))
    op.execute(append_only.trigger("movement_matches"))
    op.execute(append_only.trigger("settlement_postings"))


def downgrade() -> None:
    """As before."""
    op.drop_table("settlement_postings")
    op.drop_table("payout_reversals")
    op.drop_table("movement_matches")
    op.drop_table("settlements")
    op.drop_table("payouts")
    op.drop_table("money_movements")
    op.drop_table("settlement_rules")
    op.drop_table("payout_batches")
    op.drop_table("payees")
    op.drop_table("bank_files")
    op.drop_table("bank_columns")
    op.drop_table("bank_uploads")
    op.drop_table("payment_delays")

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
