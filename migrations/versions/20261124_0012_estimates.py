"""When trucks are expected, how far off that was, and delays that drivers tell.

Revision ID: e91ebc6a988b
Revises: 8e42e3178046
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "e91ebc6a988b"
down_revision = "8e42e3178046"
branch_labels = None
depends_on = None

NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    """When trucks are expected, how far off that was, delays told by drivers."""
    _estimates()
    _scores()
    _delays()
    op.add_column("plan_runs", sa.Column("rest_of", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Stops as they are planned, and nothing else."""
    op.drop_column("plan_runs", "rest_of")
    for table in ("round_delays", "arrival_scores", "stop_estimates"):
        op.drop_table(table)


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _at(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column[object]:
    default = NOW if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def _seconds(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _to(table: str, column: str, other: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{other}.id"],
        name=op.f(f"fk_{table}_{column}_{other}"),
        ondelete="CASCADE" if cascade else None,
    )


def _estimates() -> None:
    table = "stop_estimates"
    op.create_table(
        table,
        _key(),
        sa.Column("stop_id", sa.BigInteger(), nullable=False),
        *(_at(name) for name in ("made_at", "expected_at", "earliest_at", "latest_at", "base_at")),
        *(_seconds(name) for name in ("spread_s", "work_s", "paced_s")),
        sa.Column("waits", sa.Boolean(), server_default="false", nullable=False),
        _at("left_base_at", nullable=True),
        _seconds("left_spread_s", nullable=True),
        _seconds("left_work_s", nullable=True),
        _seconds("left_paced_s", nullable=True),
        sa.Column("left_waits", sa.Boolean(), nullable=True),
        *(_at(name, nullable=True) for name in ("told_from", "told_until", "told_at")),
        sa.Column("told_count", sa.Integer(), server_default="0", nullable=False),
        _at("scored_at", nullable=True),
        sa.CheckConstraint(
            "earliest_at <= expected_at AND expected_at <= latest_at",
            name=op.f(f"ck_{table}_order"),
        ),
        _to(table, "stop_id", "stops", cascade=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("stop_id", name=op.f(f"uq_{table}_stop_id")),
    )


def _scores() -> None:
    table = "arrival_scores"
    op.create_table(
        table,
        _key(),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("market_id", "round_id", "stop_id")
        ),
        sa.Column("horizon", sa.Text(), nullable=False),
        *(_seconds(name) for name in ("work_s", "off_s", "spread_s", "took_s")),
        _at("at", now=True),
        sa.CheckConstraint("horizon IN ('left', 'last')", name=op.f(f"ck_{table}_horizon")),
        _to(table, "market_id", "markets"),
        _to(table, "round_id", "truck_rounds", cascade=True),
        _to(table, "stop_id", "stops", cascade=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("stop_id", "horizon", name=op.f(f"uq_{table}_stop_id_horizon")),
    )
    op.create_index(op.f(f"ix_{table}_market_id_id"), table, ["market_id", "id"])
    op.create_index(op.f(f"ix_{table}_round_id"), table, ["round_id"])


def _delays() -> None:
    table = "round_delays"
    op.create_table(
        table,
        _key(),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        _at("at", now=True),
        sa.CheckConstraint("minutes >= 0 AND minutes <= 600", name=op.f(f"ck_{table}_minutes")),
        _to(table, "round_id", "truck_rounds", cascade=True),
        _to(table, "by_person_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_round_id"), table, ["round_id"])
