"""first tables.

Revision ID: 5dae772f9dc8
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shop.infra import append_only

revision = "5dae772f9dc8"
down_revision = None
branch_labels = None
depends_on = None

GROW_ONLY = (
    "allotment_movements",
    "handovers",
    "ledger_accounts",
    "ledger_entries",
    "ledger_postings",
    "picking_entries",
    "product_changes",
    "transitions",
)

BALANCED = """
CREATE FUNCTION entry_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount_cents) FROM ledger_postings WHERE entry_id = NEW.entry_id) <> 0 THEN
        RAISE EXCEPTION 'ledger entry % does not add up to zero', NEW.entry_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""

BALANCED_AT_COMMIT = """
CREATE CONSTRAINT TRIGGER ledger_postings_balanced AFTER INSERT ON ledger_postings
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION entry_is_balanced()
"""


def upgrade() -> None:
    create_tables()
    op.execute(append_only.FUNCTION)
    for table in GROW_ONLY:
        op.execute(append_only.trigger(table))
    op.execute(BALANCED)
    op.execute(BALANCED_AT_COMMIT)


def downgrade() -> None:
    drop_tables()
    op.execute("DROP FUNCTION entry_is_balanced()")
    op.execute("DROP FUNCTION refuse_change()")


def create_tables() -> None:
    op.create_table(
        "categories",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "tax_class",
            sa.Enum(
                "food",
                "prepared",
                "full",
                "plants",
                "service",
                name="tax_class",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "temperature_class",
            sa.Enum(
                "ambient",
                "chilled",
                "frozen",
                name="temperature_class",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("source", "event_id", name=op.f("uq_inbox_source_event_id")),
    )
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "customer",
                "producer",
                "market",
                "platform",
                "provider",
                "deposits",
                "vouchers",
                "solidarity",
                "tax",
                name="account_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint(
            "kind", "owner_id", name="uq_ledger_accounts_once", postgresql_nulls_not_distinct=True
        ),
        info={"append_only": True},
    )
    op.create_table(
        "markets",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), server_default="Europe/Paris", nullable=False),
        sa.Column(
            "pack",
            sa.Enum(
                "shop_only",
                "full",
                name="logistics_pack",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("hold_minutes", sa.Integer(), server_default="30", nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("terms_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_markets")),
        sa.UniqueConstraint("slug", name=op.f("uq_markets_slug")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column(
            "posted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), server_default="fr", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_people_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
    )
    op.create_table(
        "producers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=False),
        sa.Column("commune_insee", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("grows", sa.Text(), nullable=False),
        sa.Column("labels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("siret", sa.Text(), nullable=False),
        sa.Column(
            "tax_regime",
            sa.Enum(
                "rsa",
                "normal",
                "rfa",
                "franchise",
                "exempt",
                name="tax_regime",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("collect_from_s", sa.Integer(), nullable=False),
        sa.Column("collect_until_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_producers")),
        sa.UniqueConstraint("slug", name=op.f("uq_producers_slug")),
    )
    op.create_table(
        "tax_rates",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "tax_class",
            sa.Enum(
                "food",
                "prepared",
                "full",
                "plants",
                "service",
                name="tax_class",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("territory", sa.Text(), server_default="FR", nullable=False),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rates")),
        sa.UniqueConstraint(
            "tax_class",
            "territory",
            "valid_from",
            name=op.f("uq_tax_rates_tax_class_territory_valid_from"),
        ),
    )
    op.create_table(
        "transitions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transitions")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_transitions_subject", "transitions", ["subject", "subject_id"], unique=False
    )
    op.create_table(
        "cycles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("collects_on", sa.Date(), nullable=False),
        sa.Column("delivers_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'open', 'closed', 'archived')", name=op.f("ck_cycles_state")
        ),
        sa.CheckConstraint("collects_on <= delivers_on", name=op.f("ck_cycles_days")),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_cycles_hours")),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_cycles_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycles")),
        sa.UniqueConstraint("market_id", "code", name=op.f("uq_cycles_market_id_code")),
    )
    op.create_table(
        "delivery_options",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "relay",
                "drive",
                "home",
                name="option_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("minimum_cents", sa.Integer(), nullable=False),
        sa.Column("fee_cents", sa.Integer(), nullable=False),
        sa.Column("free_from_cents", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "minimum_cents >= 0 AND fee_cents >= 0", name=op.f("ck_delivery_options_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_delivery_options_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_options")),
    )
    op.create_index(
        op.f("ix_delivery_options_market_id"), "delivery_options", ["market_id"], unique=False
    )
    op.create_table(
        "fee_rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "platform",
                "market",
                "preparer",
                "transport",
                "relay",
                name="fee_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("percent_bp", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "bearer",
            sa.Enum(
                "producer",
                "customer",
                name="bearer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_fee_rules_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_rules")),
        sa.UniqueConstraint(
            "market_id", "kind", "valid_from", name=op.f("uq_fee_rules_market_id_kind_valid_from")
        ),
    )
    op.create_table(
        "hubs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=False),
        sa.Column("commune_insee", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("opens_s", sa.Integer(), nullable=False),
        sa.Column("closes_s", sa.Integer(), nullable=False),
        sa.Column("service_s", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_hubs_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hubs")),
    )
    op.create_index(op.f("ix_hubs_market_id"), "hubs", ["market_id"], unique=False)
    op.create_table(
        "market_producers",
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_market_producers_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["producer_id"],
            ["producers.id"],
            name=op.f("fk_market_producers_producer_id_producers"),
        ),
        sa.PrimaryKeyConstraint("market_id", "producer_id", name=op.f("pk_market_producers")),
    )
    op.create_table(
        "pickup_points",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "relay",
                "drive",
                "home",
                name="option_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("host_name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=False),
        sa.Column("commune_insee", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("has_cold", sa.Boolean(), nullable=False),
        sa.Column("crate_capacity", sa.Integer(), nullable=False),
        sa.Column("deliver_from_s", sa.Integer(), nullable=False),
        sa.Column("deliver_until_s", sa.Integer(), nullable=False),
        sa.Column("service_s", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_pickup_points_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickup_points")),
        sa.UniqueConstraint("market_id", "slug", name=op.f("uq_pickup_points_market_id_slug")),
    )
    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column(
            "order_unit",
            sa.Enum(
                "piece",
                "gram",
                "milliliter",
                name="order_unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("order_step", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "price_unit",
            sa.Enum(
                "piece",
                "gram",
                "milliliter",
                name="price_unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("content_amount", sa.Integer(), nullable=True),
        sa.Column(
            "content_unit",
            sa.Enum(
                "piece",
                "gram",
                "milliliter",
                name="content_unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("nominal_g", sa.Integer(), nullable=True),
        sa.Column("min_g", sa.Integer(), nullable=True),
        sa.Column("max_g", sa.Integer(), nullable=True),
        sa.Column("margin_bp", sa.Integer(), server_default="1500", nullable=False),
        sa.Column("deposit_cents", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "tax_class",
            sa.Enum(
                "food",
                "prepared",
                "full",
                "plants",
                "service",
                name="tax_class",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "temperature_class",
            sa.Enum(
                "ambient",
                "chilled",
                "frozen",
                name="temperature_class",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("labels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("allergens", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("crate_share", sa.Integer(), server_default="50", nullable=False),
        sa.Column("usual_allotment", sa.Integer(), nullable=True),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column(
            "listed",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(nominal_g IS NULL AND min_g IS NULL AND max_g IS NULL) OR (0 < min_g AND min_g <= nominal_g AND nominal_g <= max_g)",
            name=op.f("ck_products_variable_weight"),
        ),
        sa.CheckConstraint("content_amount > 0", name=op.f("ck_products_content")),
        sa.CheckConstraint("order_step > 0", name=op.f("ck_products_step")),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_products_price")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_products_category_id_categories")
        ),
        sa.ForeignKeyConstraint(
            ["producer_id"], ["producers.id"], name=op.f("fk_products_producer_id_producers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint(
            "producer_id", "reference", name=op.f("uq_products_producer_id_reference")
        ),
    )
    op.create_table(
        "sheet_imports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "uploaded",
                "read",
                "applied",
                "refused",
                "discarded",
                name="import_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("preview", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("uploaded_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "uploaded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["producer_id"], ["producers.id"], name=op.f("fk_sheet_imports_producer_id_producers")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["people.id"], name=op.f("fk_sheet_imports_uploaded_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_imports")),
    )
    op.create_index(
        op.f("ix_sheet_imports_producer_id"), "sheet_imports", ["producer_id"], unique=False
    )
    op.create_table(
        "vehicles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plate", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("capacity", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fixed_cents", sa.Integer(), nullable=False),
        sa.Column("cents_per_km", sa.Integer(), nullable=False),
        sa.Column("cents_per_hour", sa.Integer(), nullable=False),
        sa.Column("shift_s", sa.Integer(), nullable=False),
        sa.Column("max_overtime_s", sa.Integer(), nullable=False),
        sa.Column("overtime_cents_per_hour", sa.Integer(), nullable=False),
        sa.Column("start_from_s", sa.Integer(), nullable=False),
        sa.Column("start_until_s", sa.Integer(), nullable=False),
        sa.Column("max_reloads", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("start_from_s <= start_until_s", name=op.f("ck_vehicles_start")),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_vehicles_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicles")),
        sa.UniqueConstraint("plate", name=op.f("uq_vehicles_plate")),
    )
    op.create_index(op.f("ix_vehicles_market_id"), "vehicles", ["market_id"], unique=False)
    op.create_table(
        "delivery_communes",
        sa.Column("option_id", sa.BigInteger(), nullable=False),
        sa.Column("insee", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["option_id"],
            ["delivery_options.id"],
            name=op.f("fk_delivery_communes_option_id_delivery_options"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("option_id", "insee", name=op.f("pk_delivery_communes")),
    )
    op.create_table(
        "delivery_slots",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("option_id", sa.BigInteger(), nullable=False),
        sa.Column("pickup_point_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cutoff_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_delivery_slots_hours")),
        sa.CheckConstraint(
            "taken >= 0 AND taken <= capacity", name=op.f("ck_delivery_slots_capacity")
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_delivery_slots_cycle_id_cycles")
        ),
        sa.ForeignKeyConstraint(
            ["option_id"],
            ["delivery_options.id"],
            name=op.f("fk_delivery_slots_option_id_delivery_options"),
        ),
        sa.ForeignKeyConstraint(
            ["pickup_point_id"],
            ["pickup_points.id"],
            name=op.f("fk_delivery_slots_pickup_point_id_pickup_points"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_slots")),
        sa.UniqueConstraint(
            "cycle_id",
            "option_id",
            "pickup_point_id",
            "starts_at",
            name="uq_delivery_slots_once",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "desk",
                "producer",
                "preparer",
                "driver",
                "relay_host",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("market_id", sa.BigInteger(), nullable=True),
        sa.Column("producer_id", sa.BigInteger(), nullable=True),
        sa.Column("pickup_point_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_grants_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_grants_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pickup_point_id"],
            ["pickup_points.id"],
            name=op.f("fk_grants_pickup_point_id_pickup_points"),
        ),
        sa.ForeignKeyConstraint(
            ["producer_id"], ["producers.id"], name=op.f("fk_grants_producer_id_producers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint(
            "person_id",
            "role",
            "market_id",
            "producer_id",
            "pickup_point_id",
            name="uq_grants_once",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_grants_person_id"), "grants", ["person_id"], unique=False)
    op.create_table(
        "offers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "piece",
                "gram",
                "milliliter",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("allotted", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), server_default="0", nullable=False),
        sa.Column("committed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("committed >= 0", name=op.f("ck_offers_committed")),
        sa.CheckConstraint("held + committed <= allotted", name=op.f("ck_offers_allotment")),
        sa.CheckConstraint("held >= 0", name=op.f("ck_offers_held")),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_offers_price")),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_offers_cycle_id_cycles")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_offers_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.UniqueConstraint("cycle_id", "product_id", name=op.f("uq_offers_cycle_id_product_id")),
    )
    op.create_index(op.f("ix_offers_product_id"), "offers", ["product_id"], unique=False)
    op.create_table(
        "plan_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("progress", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("stop_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "asked_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'abandoned')",
            name=op.f("ck_plan_runs_state"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_plan_runs_asked_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_plan_runs_cycle_id_cycles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_runs")),
    )
    op.create_index(
        "uq_plan_runs_live",
        "plan_runs",
        ["cycle_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "product_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["sheet_imports.id"],
            name=op.f("fk_product_changes_import_id_sheet_imports"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_changes_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_changes")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_product_changes_product_id"), "product_changes", ["product_id"], unique=False
    )
    op.create_table(
        "purchase_orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'issued', 'accepted', 'refused', 'collected')",
            name=op.f("ck_purchase_orders_state"),
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_purchase_orders_cycle_id_cycles")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_purchase_orders_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["producer_id"], ["producers.id"], name=op.f("fk_purchase_orders_producer_id_producers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_orders")),
        sa.UniqueConstraint(
            "cycle_id", "producer_id", name=op.f("uq_purchase_orders_cycle_id_producer_id")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_orders_number")),
        sa.UniqueConstraint("token", name=op.f("uq_purchase_orders_token")),
    )
    op.create_index(
        op.f("ix_purchase_orders_producer_id"), "purchase_orders", ["producer_id"], unique=False
    )
    op.create_table(
        "allotment_movements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "hold",
                "release",
                "commit",
                "return",
                name="movement_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_allotment_movements_amount")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name=op.f("fk_allotment_movements_offer_id_offers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allotment_movements")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_allotment_movements_offer_id"), "allotment_movements", ["offer_id"], unique=False
    )
    op.create_table(
        "baskets",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slot_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("commune", sa.Text(), nullable=True),
        sa.Column("commune_insee", sa.Text(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("door_code", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'lapsed', 'ordered')", name=op.f("ck_baskets_state")),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_baskets_cycle_id_cycles")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_baskets_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_baskets_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["delivery_slots.id"], name=op.f("fk_baskets_slot_id_delivery_slots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baskets")),
        sa.UniqueConstraint("token", name=op.f("uq_baskets_token")),
    )
    op.create_index(
        "ix_baskets_expiring",
        "baskets",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_baskets_person_id"), "baskets", ["person_id"], unique=False)
    op.create_table(
        "purchase_order_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("purchase_order_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("product_name", sa.Text(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "piece",
                "gram",
                "milliliter",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("ordered", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=True),
        sa.Column("received", sa.Integer(), nullable=True),
        sa.Column("value_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "confirmed IS NULL OR confirmed BETWEEN 0 AND ordered",
            name=op.f("ck_purchase_order_lines_confirmed"),
        ),
        sa.CheckConstraint("ordered > 0", name=op.f("ck_purchase_order_lines_ordered")),
        sa.CheckConstraint(
            "received IS NULL OR received >= 0", name=op.f("ck_purchase_order_lines_received")
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name=op.f("fk_purchase_order_lines_offer_id_offers")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"],
            ["purchase_orders.id"],
            name=op.f("fk_purchase_order_lines_purchase_order_id_purchase_orders"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_order_lines")),
        sa.UniqueConstraint(
            "purchase_order_id",
            "offer_id",
            name=op.f("uq_purchase_order_lines_purchase_order_id_offer_id"),
        ),
    )
    op.create_index(
        op.f("ix_purchase_order_lines_offer_id"), "purchase_order_lines", ["offer_id"], unique=False
    )
    op.create_table(
        "truck_rounds",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("plan_run_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=False),
        sa.Column("driver_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("cost_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'loading', 'underway', 'done', 'discarded')",
            name=op.f("ck_truck_rounds_state"),
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_truck_rounds_cycle_id_cycles")
        ),
        sa.ForeignKeyConstraint(
            ["driver_id"], ["people.id"], name=op.f("fk_truck_rounds_driver_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["plan_run_id"], ["plan_runs.id"], name=op.f("fk_truck_rounds_plan_run_id_plan_runs")
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicles.id"], name=op.f("fk_truck_rounds_vehicle_id_vehicles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_truck_rounds")),
        sa.UniqueConstraint(
            "plan_run_id", "number", name=op.f("uq_truck_rounds_plan_run_id_number")
        ),
    )
    op.create_index(
        op.f("ix_truck_rounds_cycle_id_state"), "truck_rounds", ["cycle_id", "state"], unique=False
    )
    op.create_index(op.f("ix_truck_rounds_driver_id"), "truck_rounds", ["driver_id"], unique=False)
    op.create_table(
        "basket_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("basket_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_basket_lines_amount")),
        sa.ForeignKeyConstraint(
            ["basket_id"],
            ["baskets.id"],
            name=op.f("fk_basket_lines_basket_id_baskets"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name=op.f("fk_basket_lines_offer_id_offers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_basket_lines")),
        sa.UniqueConstraint(
            "basket_id", "offer_id", name=op.f("uq_basket_lines_basket_id_offer_id")
        ),
    )
    op.create_index(op.f("ix_basket_lines_offer_id"), "basket_lines", ["offer_id"], unique=False)
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("basket_id", sa.BigInteger(), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="awaiting_payment", nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("slot_id", sa.BigInteger(), nullable=False),
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
            nullable=False,
        ),
        sa.Column("option_name", sa.Text(), nullable=False),
        sa.Column("pickup_point_id", sa.BigInteger(), nullable=True),
        sa.Column("slot_starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slot_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=False),
        sa.Column("commune_insee", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("door_code", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("goods_cents", sa.Integer(), nullable=False),
        sa.Column("deposit_cents", sa.Integer(), nullable=False),
        sa.Column("fee_cents", sa.Integer(), nullable=False),
        sa.Column("estimate_cents", sa.Integer(), nullable=False),
        sa.Column("ceiling_cents", sa.Integer(), nullable=False),
        sa.Column("final_cents", sa.Integer(), nullable=True),
        sa.Column("terms_version", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("pay_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('awaiting_payment', 'placed', 'firm', 'fulfilled', 'settled', 'canceled')",
            name=op.f("ck_orders_state"),
        ),
        sa.CheckConstraint("estimate_cents <= ceiling_cents", name=op.f("ck_orders_ceiling")),
        sa.CheckConstraint(
            "final_cents IS NULL OR final_cents <= ceiling_cents", name=op.f("ck_orders_final")
        ),
        sa.ForeignKeyConstraint(
            ["basket_id"], ["baskets.id"], name=op.f("fk_orders_basket_id_baskets")
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_orders_cycle_id_cycles")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_orders_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_orders_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["pickup_point_id"],
            ["pickup_points.id"],
            name=op.f("fk_orders_pickup_point_id_pickup_points"),
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["delivery_slots.id"], name=op.f("fk_orders_slot_id_delivery_slots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("basket_id", name=op.f("uq_orders_basket_id")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
        sa.UniqueConstraint("token", name=op.f("uq_orders_token")),
    )
    op.create_index(op.f("ix_orders_cycle_id_state"), "orders", ["cycle_id", "state"], unique=False)
    op.create_index(op.f("ix_orders_person_id"), "orders", ["person_id"], unique=False)
    op.create_index(op.f("ix_orders_pickup_point_id"), "orders", ["pickup_point_id"], unique=False)
    op.create_index(op.f("ix_orders_slot_id"), "orders", ["slot_id"], unique=False)
    op.create_table(
        "stops",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "collect",
                "relay",
                "drive",
                "home",
                "hub",
                name="stop_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("producer_id", sa.BigInteger(), nullable=True),
        sa.Column("pickup_point_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("arrives_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("departs_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("window_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'arrived', 'served', 'failed')", name=op.f("ck_stops_state")
        ),
        sa.ForeignKeyConstraint(
            ["pickup_point_id"],
            ["pickup_points.id"],
            name=op.f("fk_stops_pickup_point_id_pickup_points"),
        ),
        sa.ForeignKeyConstraint(
            ["producer_id"], ["producers.id"], name=op.f("fk_stops_producer_id_producers")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["truck_rounds.id"],
            name=op.f("fk_stops_round_id_truck_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stops")),
        sa.UniqueConstraint("round_id", "position", name=op.f("uq_stops_round_id_position")),
    )
    op.create_table(
        "crates",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column(
            "temperature_class",
            sa.Enum(
                "ambient",
                "chilled",
                "frozen",
                name="temperature_class",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("fill", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="expected", nullable=False),
        sa.Column("stop_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('expected', 'received', 'loaded', 'handed_over', 'missing', 'quarantined')",
            name=op.f("ck_crates_state"),
        ),
        sa.CheckConstraint("position BETWEEN 1 AND total", name=op.f("ck_crates_position")),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_crates_cycle_id_cycles")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_crates_order_id_orders")
        ),
        sa.ForeignKeyConstraint(["stop_id"], ["stops.id"], name=op.f("fk_crates_stop_id_stops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crates")),
        sa.UniqueConstraint("code", name=op.f("uq_crates_code")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_crates_order_id_position")),
    )
    op.create_index(op.f("ix_crates_cycle_id_state"), "crates", ["cycle_id", "state"], unique=False)
    op.create_index(op.f("ix_crates_stop_id"), "crates", ["stop_id"], unique=False)
    op.create_table(
        "handovers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("stop_id", sa.BigInteger(), nullable=True),
        sa.Column("pickup_point_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "served",
                "refused",
                "absent",
                name="handover_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("receiver", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("device_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_handovers_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_handovers_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["pickup_point_id"],
            ["pickup_points.id"],
            name=op.f("fk_handovers_pickup_point_id_pickup_points"),
        ),
        sa.ForeignKeyConstraint(["stop_id"], ["stops.id"], name=op.f("fk_handovers_stop_id_stops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("key", name=op.f("uq_handovers_key")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_handovers_order_id"), "handovers", ["order_id"], unique=False)
    op.create_index(op.f("ix_handovers_stop_id"), "handovers", ["stop_id"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "card_hold",
                "card_kept",
                name="payment_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state", sa.Text(), server_default="created", nullable=False),
        sa.Column("ceiling_cents", sa.Integer(), nullable=False),
        sa.Column("authorized_cents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("captured_cents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=True),
        sa.Column("client_secret", sa.Text(), nullable=True),
        sa.Column("customer_ref", sa.Text(), nullable=True),
        sa.Column("method_ref", sa.Text(), nullable=True),
        sa.Column("capture_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('created', 'authorized', 'card_kept', 'captured', 'failed', 'canceled')",
            name=op.f("ck_payments_state"),
        ),
        sa.CheckConstraint("captured_cents <= authorized_cents", name=op.f("ck_payments_captured")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_payments_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("intent_id", name=op.f("uq_payments_intent_id")),
    )
    op.create_index(
        "uq_payments_live",
        "payments",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('failed', 'canceled')"),
    )
    op.create_table(
        "seller_orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("producer_name", sa.Text(), nullable=False),
        sa.Column(
            "model",
            sa.Enum(
                "marketplace",
                "hub_resale",
                "farm_resale",
                "producers_shop",
                "season_contract",
                name="sales_model",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_seller_orders_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["producer_id"], ["producers.id"], name=op.f("fk_seller_orders_producer_id_producers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seller_orders")),
        sa.UniqueConstraint(
            "order_id", "producer_id", name=op.f("uq_seller_orders_order_id_producer_id")
        ),
    )
    op.create_index(
        op.f("ix_seller_orders_producer_id"), "seller_orders", ["producer_id"], unique=False
    )
    op.create_table(
        "stop_orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("stop_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_stop_orders_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["stop_id"], ["stops.id"], name=op.f("fk_stop_orders_stop_id_stops"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop_orders")),
        sa.UniqueConstraint("stop_id", "order_id", name=op.f("uq_stop_orders_stop_id_order_id")),
    )
    op.create_index(op.f("ix_stop_orders_order_id"), "stop_orders", ["order_id"], unique=False)
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_ledger_entries_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_ledger_entries_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_ledger_entries_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_entries_key")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_ledger_entries_order_id"), "ledger_entries", ["order_id"], unique=False
    )
    op.create_table(
        "order_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("seller_order_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("product_name", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "piece",
                "gram",
                "milliliter",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column(
            "price_unit",
            sa.Enum(
                "piece",
                "gram",
                "milliliter",
                name="price_unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("content_amount", sa.Integer(), nullable=True),
        sa.Column(
            "content_unit",
            sa.Enum(
                "piece",
                "gram",
                "milliliter",
                name="content_unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("nominal_g", sa.Integer(), nullable=True),
        sa.Column("min_g", sa.Integer(), nullable=True),
        sa.Column("max_g", sa.Integer(), nullable=True),
        sa.Column("margin_bp", sa.Integer(), nullable=False),
        sa.Column("deposit_cents", sa.Integer(), nullable=False),
        sa.Column(
            "tax_class",
            sa.Enum(
                "food",
                "prepared",
                "full",
                "plants",
                "service",
                name="tax_class",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column(
            "temperature_class",
            sa.Enum(
                "ambient",
                "chilled",
                "frozen",
                name="temperature_class",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("crate_share", sa.Integer(), nullable=False),
        sa.Column("ordered", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=True),
        sa.Column("picked", sa.Integer(), nullable=True),
        sa.Column("picked_g", sa.Integer(), nullable=True),
        sa.Column("delivered", sa.Integer(), nullable=True),
        sa.Column("estimate_cents", sa.Integer(), nullable=False),
        sa.Column("ceiling_cents", sa.Integer(), nullable=False),
        sa.Column("billed_cents", sa.Integer(), nullable=True),
        sa.Column(
            "shortage",
            sa.Enum(
                "not_supplied",
                "damaged",
                "quality",
                "lost",
                "under_weight",
                name="shortage_reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "billed_cents IS NULL OR billed_cents <= ceiling_cents",
            name=op.f("ck_order_lines_billed"),
        ),
        sa.CheckConstraint(
            "confirmed IS NULL OR confirmed BETWEEN 0 AND ordered",
            name=op.f("ck_order_lines_confirmed"),
        ),
        sa.CheckConstraint(
            "delivered IS NULL OR delivered <= picked", name=op.f("ck_order_lines_delivered")
        ),
        sa.CheckConstraint("ordered > 0", name=op.f("ck_order_lines_ordered")),
        sa.CheckConstraint("picked IS NULL OR picked >= 0", name=op.f("ck_order_lines_picked")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name=op.f("fk_order_lines_offer_id_offers")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["producer_id"], ["producers.id"], name=op.f("fk_order_lines_producer_id_producers")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_order_lines_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["seller_order_id"],
            ["seller_orders.id"],
            name=op.f("fk_order_lines_seller_order_id_seller_orders"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint("order_id", "offer_id", name=op.f("uq_order_lines_order_id_offer_id")),
    )
    op.create_index(op.f("ix_order_lines_offer_id"), "order_lines", ["offer_id"], unique=False)
    op.create_index(op.f("ix_order_lines_product_id"), "order_lines", ["product_id"], unique=False)
    op.create_index(
        op.f("ix_order_lines_seller_order_id"), "order_lines", ["seller_order_id"], unique=False
    )
    op.create_table(
        "payment_operations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "create",
                "capture",
                "charge",
                "cancel",
                "refund",
                name="operation_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "noted",
                "done",
                "refused",
                name="operation_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="noted",
            nullable=False,
        ),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column(
            "noted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_payment_operations_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_operations")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_operations_key")),
    )
    op.create_index(
        op.f("ix_payment_operations_payment_id"), "payment_operations", ["payment_id"], unique=False
    )
    op.create_table(
        "ledger_postings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_cents <> 0", name=op.f("ck_ledger_postings_amount")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_ledger_postings_account_id_ledger_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["ledger_entries.id"],
            name=op.f("fk_ledger_postings_entry_id_ledger_entries"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_postings")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_ledger_postings_account_id"), "ledger_postings", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_ledger_postings_entry_id"), "ledger_postings", ["entry_id"], unique=False
    )
    op.create_table(
        "picking_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "picked",
                "short",
                "undone",
                name="picking_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "not_supplied",
                "damaged",
                "quality",
                "lost",
                "under_weight",
                name="shortage_reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("device_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_picking_entries_amount")),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_picking_entries_weight")),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_picking_entries_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name=op.f("fk_picking_entries_order_line_id_order_lines"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picking_entries")),
        sa.UniqueConstraint("key", name=op.f("uq_picking_entries_key")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_picking_entries_order_line_id"), "picking_entries", ["order_line_id"], unique=False
    )


def drop_tables() -> None:
    op.drop_index(op.f("ix_picking_entries_order_line_id"), table_name="picking_entries")
    op.drop_table("picking_entries")
    op.drop_index(op.f("ix_ledger_postings_entry_id"), table_name="ledger_postings")
    op.drop_index(op.f("ix_ledger_postings_account_id"), table_name="ledger_postings")
    op.drop_table("ledger_postings")
    op.drop_index(op.f("ix_payment_operations_payment_id"), table_name="payment_operations")
    op.drop_table("payment_operations")
    op.drop_index(op.f("ix_order_lines_seller_order_id"), table_name="order_lines")
    op.drop_index(op.f("ix_order_lines_product_id"), table_name="order_lines")
    op.drop_index(op.f("ix_order_lines_offer_id"), table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index(op.f("ix_ledger_entries_order_id"), table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index(op.f("ix_stop_orders_order_id"), table_name="stop_orders")
    op.drop_table("stop_orders")
    op.drop_index(op.f("ix_seller_orders_producer_id"), table_name="seller_orders")
    op.drop_table("seller_orders")
    op.drop_index(
        "uq_payments_live",
        table_name="payments",
        postgresql_where=sa.text("state NOT IN ('failed', 'canceled')"),
    )
    op.drop_table("payments")
    op.drop_index(op.f("ix_handovers_stop_id"), table_name="handovers")
    op.drop_index(op.f("ix_handovers_order_id"), table_name="handovers")
    op.drop_table("handovers")
    op.drop_index(op.f("ix_crates_stop_id"), table_name="crates")
    op.drop_index(op.f("ix_crates_cycle_id_state"), table_name="crates")
    op.drop_table("crates")
    op.drop_table("stops")
    op.drop_index(op.f("ix_orders_slot_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_pickup_point_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_person_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_cycle_id_state"), table_name="orders")
    op.drop_table("orders")
    op.drop_index(op.f("ix_basket_lines_offer_id"), table_name="basket_lines")
    op.drop_table("basket_lines")
    op.drop_index(op.f("ix_truck_rounds_driver_id"), table_name="truck_rounds")
    op.drop_index(op.f("ix_truck_rounds_cycle_id_state"), table_name="truck_rounds")
    op.drop_table("truck_rounds")
    op.drop_index(op.f("ix_purchase_order_lines_offer_id"), table_name="purchase_order_lines")
    op.drop_table("purchase_order_lines")
    op.drop_index(op.f("ix_baskets_person_id"), table_name="baskets")
    op.drop_index(
        "ix_baskets_expiring", table_name="baskets", postgresql_where=sa.text("state = 'open'")
    )
    op.drop_table("baskets")
    op.drop_index(op.f("ix_allotment_movements_offer_id"), table_name="allotment_movements")
    op.drop_table("allotment_movements")
    op.drop_index(op.f("ix_purchase_orders_producer_id"), table_name="purchase_orders")
    op.drop_table("purchase_orders")
    op.drop_index(op.f("ix_product_changes_product_id"), table_name="product_changes")
    op.drop_table("product_changes")
    op.drop_index(
        "uq_plan_runs_live",
        table_name="plan_runs",
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.drop_table("plan_runs")
    op.drop_index(op.f("ix_offers_product_id"), table_name="offers")
    op.drop_table("offers")
    op.drop_index(op.f("ix_grants_person_id"), table_name="grants")
    op.drop_table("grants")
    op.drop_table("delivery_slots")
    op.drop_table("delivery_communes")
    op.drop_index(op.f("ix_vehicles_market_id"), table_name="vehicles")
    op.drop_table("vehicles")
    op.drop_index(op.f("ix_sheet_imports_producer_id"), table_name="sheet_imports")
    op.drop_table("sheet_imports")
    op.drop_table("products")
    op.drop_table("pickup_points")
    op.drop_table("market_producers")
    op.drop_index(op.f("ix_hubs_market_id"), table_name="hubs")
    op.drop_table("hubs")
    op.drop_table("fee_rules")
    op.drop_index(op.f("ix_delivery_options_market_id"), table_name="delivery_options")
    op.drop_table("delivery_options")
    op.drop_table("cycles")
    op.drop_index("ix_transitions_subject", table_name="transitions")
    op.drop_table("transitions")
    op.drop_table("tax_rates")
    op.drop_table("producers")
    op.drop_table("people")
    op.drop_index(
        "ix_outbox_waiting",
        table_name="outbox",
        postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
    )
    op.drop_table("outbox")
    op.drop_table("markets")
    op.drop_table("ledger_accounts")
    op.drop_table("inbox")
    op.drop_table("categories")
