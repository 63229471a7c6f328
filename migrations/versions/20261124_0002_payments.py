"""payments: refunds, amendments, disputes, saved cards, debits that take days.

Revision ID: 40c477020282
Revises: d1477685a052
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "40c477020282"
down_revision = "d1477685a052"
branch_labels = None
depends_on = None

CHECKS = {
    ("payments", "payment_kind"): (
        "kind IN ('card_hold', 'card_kept')",
        "kind IN ('card_hold', 'card_kept', 'debit_kept')",
    ),
    ("payments", "state"): (
        "state IN ('created', 'authorized', 'card_kept', 'captured', 'failed', 'canceled')",
        "state IN ('created', 'authorized', 'card_kept', 'processing', 'captured', 'returned',"
        " 'failed', 'canceled')",
    ),
    ("payment_operations", "operation_kind"): (
        "kind IN ('create', 'capture', 'charge', 'cancel', 'refund')",
        "kind IN ('create', 'capture', 'charge', 'cancel', 'refund', 'increase', 'renew')",
    ),
    ("ledger_accounts", "account_kind"): (
        "kind IN ('customer', 'producer', 'market', 'platform', 'provider', 'deposits', 'vouchers',"
        " 'solidarity', 'tax')",
        "kind IN ('customer', 'producer', 'market', 'platform', 'provider', 'disputed', 'credit',"
        " 'deposits', 'vouchers', 'solidarity', 'tax')",
    ),
}
"""What a column may say, before and after."""


def upgrade() -> None:
    say(1)
    op.add_column(
        "payments",
        sa.Column("refunded_cents", sa.Integer(), server_default="0", nullable=False),
    )
    op.add_column("payments", sa.Column("replaces_id", sa.BigInteger(), nullable=True))
    op.add_column("payments", sa.Column("keep_agreed_at", instant(), nullable=True))
    op.add_column("payments", sa.Column("taken_ref", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_payments_taken_ref"), "payments", ["taken_ref"])
    op.create_foreign_key(
        op.f("fk_payments_replaces_id_payments"), "payments", "payments", ["replaces_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_payments_refunded"), "payments", "refunded_cents BETWEEN 0 AND captured_cents"
    )
    op.drop_index("uq_payments_live", "payments")
    op.create_index(
        "uq_payments_secured",
        "payments",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('authorized', 'card_kept', 'processing', 'captured')"),
    )
    op.create_index(
        "uq_payments_open",
        "payments",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("state = 'created'"),
    )
    create_refunds()
    create_amendments()
    create_disputes()
    create_cards()


def downgrade() -> None:
    for table in (
        "saved_cards",
        "payment_customers",
        "disputes",
        "order_amendments",
        "refund_lines",
        "refunds",
    ):
        op.drop_table(table)
    op.drop_index("uq_payments_open", "payments")
    op.drop_index("uq_payments_secured", "payments")
    op.create_index(
        "uq_payments_live",
        "payments",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('failed', 'canceled')"),
    )
    op.drop_constraint(op.f("ck_payments_refunded"), "payments")
    op.drop_constraint(op.f("fk_payments_replaces_id_payments"), "payments")
    for column in ("keep_agreed_at", "replaces_id", "refunded_cents", "taken_ref"):
        op.drop_column("payments", column)
    say(0)


def say(which: int) -> None:
    """Let columns hold the words of before (0) or after (1)."""
    for (table, name), words in CHECKS.items():
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, words[which])


def instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def words(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def key() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def now() -> sa.TextClause:
    return sa.text("clock_timestamp()")


def create_refunds() -> None:
    op.create_table(
        "refunds",
        key(),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("way", words("card", "credit", name="refund_way"), nullable=False),
        sa.Column("state", sa.Text(), server_default="noted", nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            words(
                "missing", "damaged", "quality", "wrong", "late", "withdrawn", "goodwill", "other",
                name="refund_reason",
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("noted_at", instant(), server_default=now(), nullable=False),
        sa.Column("done_at", instant(), nullable=True),
        sa.CheckConstraint("state IN ('noted', 'done', 'refused')", name=op.f("ck_refunds_state")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_refunds_amount")),
        sa.CheckConstraint(
            "way = 'card' AND payment_id IS NOT NULL OR way = 'credit' AND person_id IS NOT NULL",
            name=op.f("ck_refunds_way_is_open"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_refunds_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_refunds_person_id_people")),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_refunds_by_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("key", name=op.f("uq_refunds_key")),
    )  # fmt: skip
    op.create_index(op.f("ix_refunds_order_id"), "refunds", ["order_id"])
    op.create_index(op.f("ix_refunds_payment_id"), "refunds", ["payment_id"])
    op.create_table(
        "refund_lines",
        key(),
        sa.Column("refund_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "part", words("goods", "deposit", "delivery", name="refund_part"), nullable=False
        ),
        sa.Column("order_line_id", sa.BigInteger(), nullable=True),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_refund_lines_amount")),
        sa.CheckConstraint(
            "(part = 'goods') = (order_line_id IS NOT NULL)", name=op.f("ck_refund_lines_line")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_refund_lines_refund_id_refunds")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name=op.f("fk_refund_lines_order_line_id_order_lines"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_lines")),
    )
    op.create_index(op.f("ix_refund_lines_refund_id"), "refund_lines", ["refund_id"])
    op.create_index(op.f("ix_refund_lines_order_line_id"), "refund_lines", ["order_line_id"])


def create_amendments() -> None:
    op.create_table(
        "order_amendments",
        key(),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("wanted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ceiling_cents", sa.Integer(), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", instant(), server_default=now(), nullable=False),
        sa.Column("lapses_at", instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'applied', 'lapsed')", name=op.f("ck_order_amendments_state")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_amendments_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_order_amendments_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_order_amendments_by_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_amendments")),
        sa.UniqueConstraint("key", name=op.f("uq_order_amendments_key")),
    )
    op.create_index(op.f("ix_order_amendments_order_id"), "order_amendments", ["order_id"])
    op.create_index(op.f("ix_order_amendments_payment_id"), "order_amendments", ["payment_id"])
    op.create_index(
        "uq_order_amendments_waiting",
        "order_amendments",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def create_disputes() -> None:
    op.create_table(
        "disputes",
        key(),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence_by", instant(), nullable=True),
        sa.Column("opened_at", instant(), server_default=now(), nullable=False),
        sa.Column("closed_at", instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'under_review', 'won', 'lost')", name=op.f("ck_disputes_state")
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_disputes_amount")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_disputes_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("provider_ref", name=op.f("uq_disputes_provider_ref")),
    )
    op.create_index(op.f("ix_disputes_payment_id"), "disputes", ["payment_id"])


def create_cards() -> None:
    op.create_table(
        "payment_customers",
        key(),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_ref", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_payment_customers_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_customers")),
        sa.UniqueConstraint("person_id", name=op.f("uq_payment_customers_person_id")),
        sa.UniqueConstraint("customer_ref", name=op.f("uq_payment_customers_customer_ref")),
    )
    op.create_table(
        "saved_cards",
        key(),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("method_ref", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("last4", sa.Text(), nullable=False),
        sa.Column("exp_month", sa.Integer(), nullable=True),
        sa.Column("exp_year", sa.Integer(), nullable=True),
        sa.Column("agreed_at", instant(), server_default=now(), nullable=False),
        sa.Column("chosen_at", instant(), server_default=now(), nullable=False),
        sa.Column("forgotten_at", instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_saved_cards_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_cards")),
        sa.UniqueConstraint("method_ref", name=op.f("uq_saved_cards_method_ref")),
    )
    op.create_index(op.f("ix_saved_cards_person_id"), "saved_cards", ["person_id"])
