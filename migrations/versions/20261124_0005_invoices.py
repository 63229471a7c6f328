"""invoices.

Revision ID: c3e815afba60
Revises: 95f799733142
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shop.infra import append_only

revision = "c3e815afba60"
down_revision = "95f799733142"
branch_labels = None
depends_on = None

GROW_ONLY = ("invoices", "invoice_taxes", "invoice_lines", "invoice_files")

MENTIONS = (
    ("franchise", "TVA non applicable, art. 293 B du CGI", "VATEX-FR-FRANCHISE", date(2000, 1, 1)),
    (
        "rfa",
        "TVA non applicable, remboursement forfaitaire agricole, art. 298 quater du CGI",
        "",
        date(2000, 1, 1),
    ),
    ("exempt", "Exonération de TVA, art. 261 du CGI", "", date(2000, 1, 1)),
    (
        "delivery",
        "Port accessoire de biens vendus sans TVA : il suit leur régime",
        "",
        date(2000, 1, 1),
    ),
    ("service", "Prestation hors champ de la TVA", "", date(2000, 1, 1)),
    ("deposit", "Consigne d’emballage, hors base d’imposition à la TVA", "", date(2000, 1, 1)),
)


def upgrade() -> None:
    create_tables()
    for table in GROW_ONLY:
        op.execute(append_only.trigger(table))
    # Already compressed: trying again costs time and gains nothing.
    op.execute("ALTER TABLE invoice_files ALTER COLUMN pdf SET STORAGE EXTERNAL")
    mentions = sa.table(
        "tax_mentions",
        sa.column("reason", sa.Text()),
        sa.column("text", sa.Text()),
        sa.column("code", sa.Text()),
        sa.column("valid_from", sa.Date()),
    )
    op.bulk_insert(
        mentions,
        [
            {"reason": reason, "text": text, "code": code, "valid_from": valid_from}
            for reason, text, code, valid_from in MENTIONS
        ],
    )


def downgrade() -> None:
    drop_tables()


def create_tables() -> None:
    op.create_table(
        "invoice_mandates",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("contest_days", sa.Integer(), nullable=False),
        sa.Column("self_billing", sa.Boolean(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column(
            "noted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("noted_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("contest_days >= 0", name=op.f("ck_invoice_mandates_contest_days")),
        sa.CheckConstraint(
            "revoked_on IS NULL OR revoked_on >= signed_on", name=op.f("ck_invoice_mandates_days")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_mandates")),
    )
    op.create_index(
        op.f("ix_invoice_mandates_producer_id_market_id"),
        "invoice_mandates",
        ["producer_id", "market_id"],
        unique=False,
    )
    op.create_table(
        "invoice_series",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "seller_kind",
            sa.Enum(
                "producer",
                "market",
                name="seller_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seller_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "issuer_kind",
            sa.Enum(
                "producer",
                "market",
                name="issuer_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("issuer_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("last_number", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_invoice_series_last_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_series")),
        sa.UniqueConstraint(
            "seller_kind",
            "seller_id",
            "issuer_kind",
            "issuer_id",
            "year",
            name="uq_invoice_series_once",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "seller_identities",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "producer",
                "market",
                name="party_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("legal_form", sa.Text(), server_default="", nullable=False),
        sa.Column("siret", sa.Text(), nullable=False),
        sa.Column("vat_number", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "vat_return",
            sa.Enum(
                "simplified",
                "quarterly",
                "monthly",
                name="vat_return",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="simplified",
            nullable=False,
        ),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), server_default="FR", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("iban", sa.Text(), server_default="", nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("prefix", sa.Text(), server_default="", nullable=False),
        sa.Column("yearly_numbers", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seller_identities")),
        sa.UniqueConstraint("kind", "owner_id", name=op.f("uq_seller_identities_kind_owner_id")),
    )
    op.create_table(
        "tax_mentions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_mentions")),
        sa.UniqueConstraint("reason", "valid_from", name=op.f("uq_tax_mentions_reason_valid_from")),
    )
    op.create_table(
        "selling_terms",
        sa.Column("market_id", sa.BigInteger(), nullable=False),
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
        sa.Column("lead_producer_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(lead_producer_id IS NOT NULL) = (model = 'farm_resale')",
            name=op.f("ck_selling_terms_lead_producer"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_producer_id"],
            ["producers.id"],
            name=op.f("fk_selling_terms_lead_producer_id_producers"),
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_selling_terms_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("market_id", name=op.f("pk_selling_terms")),
    )
    op.create_table(
        "invoice_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("orders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("orders_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("files", sa.Integer(), server_default="0", nullable=False),
        sa.Column("files_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("issued", sa.Integer(), server_default="0", nullable=False),
        sa.Column("blocked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done')", name=op.f("ck_invoice_runs_state")
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_invoice_runs_cycle_id_cycles")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_invoice_runs_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_runs")),
    )
    op.create_index(op.f("ix_invoice_runs_market_id"), "invoice_runs", ["market_id"], unique=False)
    op.create_table(
        "buyer_parties",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("siret", sa.Text(), nullable=False),
        sa.Column("vat_number", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("service_code", sa.Text(), server_default="", nullable=False),
        sa.Column("service_required", sa.Boolean(), nullable=False),
        sa.Column("engagement", sa.Text(), server_default="", nullable=False),
        sa.Column("engagement_required", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_buyer_parties_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_buyer_parties")),
    )
    op.create_table(
        "invoices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "380",
                "381",
                "389",
                "261",
                name="invoice_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column(
            "seller_kind",
            sa.Enum(
                "producer",
                "market",
                name="seller_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seller_id", sa.BigInteger(), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle_id", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("corrects_id", sa.BigInteger(), nullable=True),
        sa.Column("buyer_name", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("buyer_siret", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("supplied_on", sa.Date(), nullable=False),
        sa.Column("net_cents", sa.Integer(), nullable=False),
        sa.Column("tax_cents", sa.Integer(), nullable=False),
        sa.Column("rounding_cents", sa.Integer(), nullable=False),
        sa.Column("gross_cents", sa.Integer(), nullable=False),
        sa.Column("paid_cents", sa.Integer(), nullable=False),
        sa.Column(
            "document", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("xml", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["invoices.id"], name=op.f("fk_invoices_corrects_id_invoices")
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_invoices_cycle_id_cycles")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_invoices_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_invoices_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["invoice_series.id"], name=op.f("fk_invoices_series_id_invoice_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("key", name=op.f("uq_invoices_key")),
        sa.UniqueConstraint(
            "seller_kind",
            "seller_id",
            "number",
            name=op.f("uq_invoices_seller_kind_seller_id_number"),
        ),
        sa.UniqueConstraint("series_id", "sequence", name=op.f("uq_invoices_series_id_sequence")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_invoices_corrects_id"), "invoices", ["corrects_id"], unique=False)
    op.create_index(
        op.f("ix_invoices_market_id_cycle_id"), "invoices", ["market_id", "cycle_id"], unique=False
    )
    op.create_index(op.f("ix_invoices_order_id"), "invoices", ["order_id"], unique=False)
    op.create_index(
        op.f("ix_invoices_seller_kind_seller_id_issued_on"),
        "invoices",
        ["seller_kind", "seller_id", "issued_on"],
        unique=False,
    )
    op.create_table(
        "invoice_files",
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column(
            "printed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_files_invoice_id_invoices")
        ),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_invoice_files")),
        info={"append_only": True},
    )
    op.create_table(
        "invoice_submissions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), server_default="ready", nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('ready', 'submitted', 'rejected', 'refused', 'approved', 'paid')",
            name=op.f("ck_invoice_submissions_state"),
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_submissions_invoice_id_invoices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_submissions")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_invoice_submissions_invoice_id")),
    )
    op.create_table(
        "invoice_taxes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("base_cents", sa.Integer(), nullable=False),
        sa.Column("tax_cents", sa.Integer(), nullable=False),
        sa.Column("rounding_cents", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_taxes_invoice_id_invoices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_taxes")),
        sa.UniqueConstraint(
            "invoice_id", "rate_bp", name=op.f("uq_invoice_taxes_invoice_id_rate_bp")
        ),
        info={"append_only": True},
    )
    op.create_table(
        "invoice_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "goods",
                "delivery",
                "service",
                "deposit",
                "commission",
                name="invoice_line_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("order_line_id", sa.BigInteger(), nullable=True),
        sa.Column("producer_id", sa.BigInteger(), nullable=True),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("net_cents", sa.Integer(), nullable=False),
        sa.Column("gross_cents", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_lines_invoice_id_invoices")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name=op.f("fk_invoice_lines_order_line_id_order_lines"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_lines")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_invoice_lines_invoice_id"), "invoice_lines", ["invoice_id"], unique=False
    )
    op.create_index(
        op.f("ix_invoice_lines_order_line_id"), "invoice_lines", ["order_line_id"], unique=False
    )


def drop_tables() -> None:
    op.drop_index(op.f("ix_invoice_lines_order_line_id"), table_name="invoice_lines")
    op.drop_index(op.f("ix_invoice_lines_invoice_id"), table_name="invoice_lines")
    op.drop_table("invoice_lines")
    op.drop_table("invoice_taxes")
    op.drop_table("invoice_submissions")
    op.drop_table("invoice_files")
    op.drop_index(op.f("ix_invoices_seller_kind_seller_id_issued_on"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_order_id"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_market_id_cycle_id"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_corrects_id"), table_name="invoices")
    op.drop_table("invoices")
    op.drop_table("buyer_parties")
    op.drop_index(op.f("ix_invoice_runs_market_id"), table_name="invoice_runs")
    op.drop_table("invoice_runs")
    op.drop_table("selling_terms")
    op.drop_table("tax_mentions")
    op.drop_table("seller_identities")
    op.drop_table("invoice_series")
    op.drop_index(op.f("ix_invoice_mandates_producer_id_market_id"), table_name="invoice_mandates")
    op.drop_table("invoice_mandates")
