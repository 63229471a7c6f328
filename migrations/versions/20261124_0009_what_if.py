"""Scenarios of a plan, what a vehicle emits, vehicles and places of one sale only.

Revision ID: d83d7b144a21
Revises: c41f27ab90de
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "d83d7b144a21"
down_revision = "c41f27ab90de"
branch_labels = None
depends_on = None

ORDER_OF_2017 = (
    "Arrêté du 26 avril 2017 (information GES des prestations de transport), annexe : "
    "{what}, amont et fonctionnement"
)
FACTORS = (
    ("diesel", 3170, ORDER_OF_2017.format(what="gazole routier")),
    ("petrol", 2770, ORDER_OF_2017.format(what="essence E10")),
)
"""Grams of CO2 equivalent per liter, from the well to the wheel."""

SINCE = dt.date(2017, 6, 1)


def upgrade() -> None:
    """Vehicles and hubs of one sale, the form that asked for a search, emission factors."""
    for table in ("vehicles", "hubs"):
        op.add_column(table, sa.Column("cycle_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_cycle_id_cycles"), table, "cycles", ["cycle_id"], ["id"]
        )
    op.add_column("truck_rounds", sa.Column("hub_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_truck_rounds_hub_id_hubs"), "truck_rounds", "hubs", ["hub_id"], ["id"]
    )
    op.add_column("plan_runs", sa.Column("ask_key", sa.Uuid(), nullable=True))
    op.create_unique_constraint(op.f("uq_plan_runs_ask_key"), "plan_runs", ["ask_key"])
    factors = sa.table(
        "emission_factors",
        sa.column("fuel", sa.Text()),
        sa.column("grams_per_litre", sa.Integer()),
        sa.column("source", sa.Text()),
        sa.column("valid_from", sa.Date()),
    )
    op.bulk_insert(
        factors,
        [
            {"fuel": fuel, "grams_per_litre": grams, "source": source, "valid_from": SINCE}
            for fuel, grams, source in FACTORS
        ],
    )


def downgrade() -> None:
    """One hub and the same vehicles for every sale."""
    op.execute("DELETE FROM emission_factors WHERE valid_from = '2017-06-01'")
    op.drop_constraint(op.f("uq_plan_runs_ask_key"), "plan_runs", type_="unique")
    op.drop_column("plan_runs", "ask_key")
    op.drop_constraint(op.f("fk_truck_rounds_hub_id_hubs"), "truck_rounds", type_="foreignkey")
    op.drop_column("truck_rounds", "hub_id")
    op.execute("UPDATE vehicles SET retired_at = now() WHERE cycle_id IS NOT NULL")
    op.execute("DELETE FROM hubs WHERE cycle_id IS NOT NULL")
    for table in ("hubs", "vehicles"):
        op.drop_constraint(op.f(f"fk_{table}_cycle_id_cycles"), table, type_="foreignkey")
        op.drop_column(table, "cycle_id")
