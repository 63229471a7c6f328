"""credits and till.

Revision ID: 9ede3b219963
Revises: 40c477020282
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shop.infra import append_only

revision = "9ede3b219963"
down_revision = "40c477020282"
branch_labels = None
depends_on = None

GROW_ONLY = (
    "account_allocations",
    "account_receipts",
    "contract_transfers",
    "till_closings",
    "till_entries",
)

NEW_ACCOUNTS = (
    "credit",
    "cash",
    "cheques",
    "meal_vouchers",
    "bank",
    "receivable",
    "direct_due",
    "direct_promised",
)

RULES = (
    ("cash_limit_cents", 100_000, date(2015, 9, 1), None, "Code monétaire et financier, D. 112-3"),
    ("meal_day_limit_cents", 2_500, date(2022, 10, 1), None, "Code du travail, R. 3262-10"),
    ("meal_any_food", 1, date(2022, 8, 18), date(2027, 1, 1), "Loi n° 2025-56, article 1"),
    ("journal_years", 6, date(2018, 1, 1), None, "Livre des procédures fiscales, L. 102 B"),
    ("voucher_days", 365, date(2020, 1, 1), None, ""),
    ("reminder_days", 10, date(2020, 1, 1), None, ""),
)
"""Name, amount, from, until (not included), where it is written."""

KNOWN = """
SELECT (regexp_matches(pg_get_constraintdef(oid), '''([a-z_]+)''', 'g'))[1]
FROM pg_constraint WHERE conname = 'ck_ledger_accounts_account_kind'
"""


NOT_OVERDRAWN = """
CREATE FUNCTION purse_is_not_overdrawn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT kind FROM ledger_accounts WHERE id = NEW.account_id)
            IN ('credit', 'vouchers', 'solidarity')
        AND (SELECT sum(amount_cents) FROM ledger_postings
             WHERE account_id = NEW.account_id) > 0 THEN
        RAISE EXCEPTION 'account % is overdrawn', NEW.account_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""

NOT_OVERDRAWN_AT_COMMIT = """
CREATE CONSTRAINT TRIGGER ledger_postings_not_overdrawn AFTER INSERT ON ledger_postings
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.amount_cents > 0)
EXECUTE FUNCTION purse_is_not_overdrawn()
"""


def allow_accounts(kinds: list[str]) -> None:
    """Let accounts be of these kinds, whatever other migrations added."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute("ALTER TABLE ledger_accounts DROP CONSTRAINT ck_ledger_accounts_account_kind")
    op.execute(
        "ALTER TABLE ledger_accounts ADD CONSTRAINT ck_ledger_accounts_account_kind"
        f" CHECK (kind IN ({listed}))"
    )


def known_accounts() -> list[str]:
    """Kinds of accounts that the database allows now."""
    return sorted(row[0] for row in op.get_bind().execute(sa.text(KNOWN)))


def upgrade() -> None:
    create_tables()
    for table in GROW_ONLY:
        op.execute(append_only.trigger(table))
    allow_accounts(sorted({*known_accounts(), *NEW_ACCOUNTS}))
    op.execute(NOT_OVERDRAWN)
    op.execute(NOT_OVERDRAWN_AT_COMMIT)
    rules = sa.table(
        "money_rules",
        sa.column("name", sa.Text),
        sa.column("amount", sa.Integer),
        sa.column("valid_from", sa.Date),
        sa.column("valid_to", sa.Date),
        sa.column("source", sa.Text),
    )
    names = ("name", "amount", "valid_from", "valid_to", "source")
    op.bulk_insert(rules, [dict(zip(names, rule, strict=True)) for rule in RULES])


def downgrade() -> None:
    op.execute("DROP TRIGGER ledger_postings_not_overdrawn ON ledger_postings")
    op.execute("DROP FUNCTION purse_is_not_overdrawn()")
    allow_accounts([kind for kind in known_accounts() if kind not in NEW_ACCOUNTS])
    drop_tables()


def create_tables() -> None:
    op.create_table(
        "money_rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_rules")),
        sa.UniqueConstraint("name", "valid_from", name=op.f("uq_money_rules_name_valid_from")),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("siret", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=False),
        sa.Column("term_days", sa.Integer(), nullable=False),
        sa.Column("limit_cents", sa.Integer(), nullable=False),
        sa.Column("locale", sa.Text(), server_default="fr", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("limit_cents >= 0", name=op.f("ck_organisations_limit")),
        sa.CheckConstraint("term_days BETWEEN 0 AND 90", name=op.f("ck_organisations_term")),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_organisations_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("market_id", "siret", name=op.f("uq_organisations_market_id_siret")),
    )
    op.create_table(
        "season_contracts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="signed", nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("basket_cents", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("member_name", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("member_email", sa.Text(), server_default="", nullable=False),
        sa.Column("member_phone", sa.Text(), server_default="", nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.CheckConstraint("state IN ('signed', 'ended')", name=op.f("ck_season_contracts_state")),
        sa.CheckConstraint("basket_cents > 0", name=op.f("ck_season_contracts_basket")),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_season_contracts_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_season_contracts_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["producer_id"],
            ["producers.id"],
            name=op.f("fk_season_contracts_producer_id_producers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season_contracts")),
    )
    op.create_index(
        op.f("ix_season_contracts_market_id"), "season_contracts", ["market_id"], unique=False
    )
    op.create_index(
        op.f("ix_season_contracts_person_id"), "season_contracts", ["person_id"], unique=False
    )
    op.create_index(
        op.f("ix_season_contracts_producer_id"), "season_contracts", ["producer_id"], unique=False
    )
    op.create_table(
        "tills",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_tills_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tills")),
        sa.UniqueConstraint("market_id", "code", name=op.f("uq_tills_market_id_code")),
    )
    op.create_table(
        "vouchers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "gift",
                "desk",
                "solidarity",
                name="voucher_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("value_cents", sa.Integer(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("recipient", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("buyer_email", sa.Text(), nullable=True),
        sa.Column("buyer_id", sa.BigInteger(), nullable=True),
        sa.Column("granted_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), server_default="fr", nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=True),
        sa.Column("client_secret", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'active', 'ended')", name=op.f("ck_vouchers_state")
        ),
        sa.CheckConstraint("value_cents > 0", name=op.f("ck_vouchers_value")),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["people.id"], name=op.f("fk_vouchers_buyer_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["people.id"], name=op.f("fk_vouchers_granted_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_vouchers_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vouchers")),
        sa.UniqueConstraint("code", name=op.f("uq_vouchers_code")),
        sa.UniqueConstraint("intent_id", name=op.f("uq_vouchers_intent_id")),
        sa.UniqueConstraint("token", name=op.f("uq_vouchers_token")),
    )
    op.create_index(op.f("ix_vouchers_market_id"), "vouchers", ["market_id"], unique=False)
    op.create_table(
        "account_receipts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_account_receipts_amount")),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_account_receipts_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_account_receipts_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_receipts")),
        sa.UniqueConstraint("key", name=op.f("uq_account_receipts_key")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_account_receipts_organisation_id"),
        "account_receipts",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "contract_deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("baskets", sa.Integer(), server_default="1", nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("baskets > 0", name=op.f("ck_contract_deliveries_baskets")),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["season_contracts.id"],
            name=op.f("fk_contract_deliveries_contract_id_season_contracts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_deliveries")),
        sa.UniqueConstraint(
            "contract_id", "on_day", name=op.f("uq_contract_deliveries_contract_id_on_day")
        ),
    )
    op.create_table(
        "contract_instalments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("cheque_number", sa.Text(), server_default="", nullable=False),
        sa.Column("bank", sa.Text(), server_default="", nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_contract_instalments_amount")),
        sa.ForeignKeyConstraint(
            ["by_person_id"],
            ["people.id"],
            name=op.f("fk_contract_instalments_by_person_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["season_contracts.id"],
            name=op.f("fk_contract_instalments_contract_id_season_contracts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_instalments")),
        sa.UniqueConstraint(
            "contract_id", "position", name=op.f("uq_contract_instalments_contract_id_position")
        ),
    )
    op.create_table(
        "contract_transfers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("from_name", sa.Text(), nullable=False),
        sa.Column("to_name", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_contract_transfers_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["season_contracts.id"],
            name=op.f("fk_contract_transfers_contract_id_season_contracts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_transfers")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_contract_transfers_contract_id"),
        "contract_transfers",
        ["contract_id"],
        unique=False,
    )
    op.create_table(
        "organisation_members",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_organisation_members_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_organisation_members_person_id_people")
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "person_id", name=op.f("pk_organisation_members")
        ),
    )
    op.create_index(
        op.f("ix_organisation_members_person_id"),
        "organisation_members",
        ["person_id"],
        unique=False,
    )
    op.create_table(
        "till_closings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("till_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column(
            "period",
            sa.Enum(
                "day",
                "month",
                "year",
                name="period",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("first_entry", sa.BigInteger(), nullable=True),
        sa.Column("last_entry", sa.BigInteger(), nullable=True),
        sa.Column(
            "totals", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("perpetual_cents", sa.BigInteger(), nullable=False),
        sa.Column("counted_cents", sa.Integer(), nullable=True),
        sa.Column("expected_cents", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_till_closings_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["till_id"], ["tills.id"], name=op.f("fk_till_closings_till_id_tills")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_closings")),
        sa.UniqueConstraint(
            "till_id", "period", "label", name=op.f("uq_till_closings_till_id_period_label")
        ),
        sa.UniqueConstraint("till_id", "sequence", name=op.f("uq_till_closings_till_id_sequence")),
        info={"append_only": True},
    )
    op.create_table(
        "account_claims",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reminders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_account_claims_amount")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_account_claims_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_account_claims_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_claims")),
        sa.UniqueConstraint("order_id", name=op.f("uq_account_claims_order_id")),
    )
    op.create_index(
        op.f("ix_account_claims_organisation_id"),
        "account_claims",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "till_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("till_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "taken",
                "counter",
                name="entry_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "way",
            sa.Enum(
                "cash",
                "cheque",
                "meal_paper",
                "meal_card",
                name="spot_way",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("order_number", sa.Text(), server_default="", nullable=False),
        sa.Column("payer", sa.Text(), server_default="", nullable=False),
        sa.Column("counters_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "details", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_cents <> 0", name=op.f("ck_till_entries_amount")),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_till_entries_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["counters_id"],
            ["till_entries.id"],
            name=op.f("fk_till_entries_counters_id_till_entries"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_till_entries_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["till_id"], ["tills.id"], name=op.f("fk_till_entries_till_id_tills")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_entries")),
        sa.UniqueConstraint("counters_id", name=op.f("uq_till_entries_counters_id")),
        sa.UniqueConstraint("key", name=op.f("uq_till_entries_key")),
        sa.UniqueConstraint("till_id", "sequence", name=op.f("uq_till_entries_till_id_sequence")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_till_entries_order_id"), "till_entries", ["order_id"], unique=False)
    op.create_index("ix_till_entries_payer", "till_entries", ["payer", "day"], unique=False)
    op.create_index(
        op.f("ix_till_entries_till_id_day"), "till_entries", ["till_id", "day"], unique=False
    )
    op.create_table(
        "account_allocations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_account_allocations_amount")),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["account_claims.id"],
            name=op.f("fk_account_allocations_claim_id_account_claims"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"],
            ["account_receipts.id"],
            name=op.f("fk_account_allocations_receipt_id_account_receipts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_allocations")),
        sa.UniqueConstraint(
            "receipt_id", "claim_id", name=op.f("uq_account_allocations_receipt_id_claim_id")
        ),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_account_allocations_claim_id"), "account_allocations", ["claim_id"], unique=False
    )
    op.add_column(
        "delivery_options",
        sa.Column("spot_ways", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column(
        "orders", sa.Column("donation_cents", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "orders", sa.Column("spot_cents", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("orders", sa.Column("organisation_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_orders_organisation_id",
        "orders",
        ["organisation_id"],
        unique=False,
        postgresql_where=sa.text("organisation_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_orders_organisation_id_organisations"),
        "orders",
        "organisations",
        ["organisation_id"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("ck_orders_parts"), "orders", "donation_cents >= 0 AND spot_cents >= 0"
    )


def drop_tables() -> None:
    op.drop_constraint(op.f("ck_orders_parts"), "orders", type_="check")
    op.drop_constraint(
        op.f("fk_orders_organisation_id_organisations"), "orders", type_="foreignkey"
    )
    op.drop_index(
        "ix_orders_organisation_id",
        table_name="orders",
        postgresql_where=sa.text("organisation_id IS NOT NULL"),
    )
    op.drop_column("orders", "organisation_id")
    op.drop_column("orders", "spot_cents")
    op.drop_column("orders", "donation_cents")
    op.drop_column("delivery_options", "spot_ways")
    op.drop_index(op.f("ix_account_allocations_claim_id"), table_name="account_allocations")
    op.drop_table("account_allocations")
    op.drop_index(op.f("ix_till_entries_till_id_day"), table_name="till_entries")
    op.drop_index("ix_till_entries_payer", table_name="till_entries")
    op.drop_index(op.f("ix_till_entries_order_id"), table_name="till_entries")
    op.drop_table("till_entries")
    op.drop_index(op.f("ix_account_claims_organisation_id"), table_name="account_claims")
    op.drop_table("account_claims")
    op.drop_table("till_closings")
    op.drop_index(op.f("ix_organisation_members_person_id"), table_name="organisation_members")
    op.drop_table("organisation_members")
    op.drop_index(op.f("ix_contract_transfers_contract_id"), table_name="contract_transfers")
    op.drop_table("contract_transfers")
    op.drop_table("contract_instalments")
    op.drop_table("contract_deliveries")
    op.drop_index(op.f("ix_account_receipts_organisation_id"), table_name="account_receipts")
    op.drop_table("account_receipts")
    op.drop_index(op.f("ix_vouchers_market_id"), table_name="vouchers")
    op.drop_table("vouchers")
    op.drop_table("tills")
    op.drop_index(op.f("ix_season_contracts_producer_id"), table_name="season_contracts")
    op.drop_index(op.f("ix_season_contracts_person_id"), table_name="season_contracts")
    op.drop_index(op.f("ix_season_contracts_market_id"), table_name="season_contracts")
    op.drop_table("season_contracts")
    op.drop_table("organisations")
    op.drop_table("money_rules")
