"""rounds.

Revision ID: 75a7b3952462
Revises: c3e815afba60
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shop.infra import append_only

revision = "75a7b3952462"
down_revision = "c3e815afba60"
branch_labels = None
depends_on = None

LIVE = "state IN ('queued', 'running')"
KINDS = ("collect", "relay", "drive", "home", "hub")
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    """Versions of plans, what is told of them, what is promised from them, what-if runs."""
    _versions()
    _changes()
    _promises()
    _emissions()
    op.add_column(
        "plan_runs",
        sa.Column("variant", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    _live_index(f"{LIVE} AND variant IS NULL")
    op.add_column("truck_rounds", sa.Column("plan_key", sa.Text(), nullable=True))
    op.add_column("stops", sa.Column("plan_key", sa.Text(), nullable=True))
    op.create_index(op.f("ix_stops_plan_key"), "stops", ["plan_key"])
    _stop_kinds((*KINDS, "extra"))
    op.add_column("vehicles", sa.Column("fuel", sa.Text(), server_default="diesel", nullable=False))
    op.add_column(
        "vehicles",
        sa.Column("litres_per_1000_km", sa.Integer(), server_default="110", nullable=False),
    )


def downgrade() -> None:
    """Rounds as the search found them."""
    op.drop_column("vehicles", "litres_per_1000_km")
    op.drop_column("vehicles", "fuel")
    op.execute("DELETE FROM stop_orders USING stops s WHERE s.id = stop_id AND s.kind = 'extra'")
    op.execute("DELETE FROM stops WHERE kind = 'extra'")
    _stop_kinds(KINDS)
    op.drop_index(op.f("ix_stops_plan_key"), table_name="stops")
    op.drop_column("stops", "plan_key")
    op.drop_column("truck_rounds", "plan_key")
    op.execute("UPDATE plan_runs SET state = 'abandoned' WHERE variant IS NOT NULL")
    _live_index(LIVE)
    op.drop_column("plan_runs", "variant")
    for table in ("emission_factors", "promise_plans", "round_changes", "plan_versions"):
        op.drop_table(table)


def _live_index(condition: str) -> None:
    op.drop_index("uq_plan_runs_live", table_name="plan_runs")
    op.create_index(
        "uq_plan_runs_live",
        "plan_runs",
        ["cycle_id"],
        unique=True,
        postgresql_where=sa.text(condition),
    )


def _stop_kinds(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_stops_stop_kind"), "stops", type_="check")
    words = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_stops_stop_kind"), "stops", f"kind IN ({words})")


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _at(name: str = "at") -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=NOW, nullable=False)


def _versions() -> None:
    op.create_table(
        "plan_versions",
        _key(),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("same_as", sa.Integer(), nullable=True),
        sa.Column("edit", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("board", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cost_cents", sa.Integer(), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("unserved", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        _at(),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_plan_versions_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_plan_versions_cycle_id_cycles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_versions")),
        sa.UniqueConstraint("cycle_id", "number", name=op.f("uq_plan_versions_cycle_id_number")),
        info={"append_only": True},
    )
    op.execute(append_only.trigger("plan_versions"))


def _changes() -> None:
    op.create_table(
        "round_changes",
        _key(),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        _at(),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["people.id"], name=op.f("fk_round_changes_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["truck_rounds.id"],
            name=op.f("fk_round_changes_round_id_truck_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_changes")),
    )
    op.create_index(op.f("ix_round_changes_round_id"), "round_changes", ["round_id"])


def _promises() -> None:
    op.create_table(
        "promise_plans",
        _key(),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("board", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        _at("made_at"),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_promise_plans_cycle_id_cycles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_plans")),
        sa.UniqueConstraint("cycle_id", name=op.f("uq_promise_plans_cycle_id")),
    )


def _emissions() -> None:
    op.create_table(
        "emission_factors",
        _key(),
        sa.Column("fuel", sa.Text(), nullable=False),
        sa.Column("grams_per_litre", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from",
            name=op.f("ck_emission_factors_dates"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emission_factors")),
        sa.UniqueConstraint("fuel", "valid_from", name=op.f("uq_emission_factors_fuel_valid_from")),
    )
