"""A stop says which failed stop it tries again, and an order what of it was given up.

Revision ID: 9f9ef271e1f1
Revises: d83d7b144a21
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "9f9ef271e1f1"
down_revision = "d83d7b144a21"
branch_labels = None
depends_on = None

SECOND_TRIES = """
UPDATE stops SET again_of_id = (
  SELECT max(failed.id) FROM stops AS failed
  JOIN stop_orders AS before ON before.stop_id = failed.id
  JOIN stop_orders AS now ON now.order_id = before.order_id AND now.stop_id = stops.id
  WHERE failed.id < stops.id AND failed.state = 'failed'
) WHERE plan_key IS NULL AND kind <> 'hub'
"""


def upgrade() -> None:
    """Add both, and read from what is kept which stops are second tries."""
    op.add_column("stops", sa.Column("again_of_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_stops_again_of_id_stops"),
        "stops",
        "stops",
        ["again_of_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(op.f("ix_stops_again_of_id"), "stops", ["again_of_id"])
    op.add_column("stop_orders", sa.Column("given_up_why", sa.Text(), nullable=True))
    op.execute(SECOND_TRIES)


def downgrade() -> None:
    """Forget both."""
    op.drop_column("stop_orders", "given_up_why")
    op.drop_index(op.f("ix_stops_again_of_id"), table_name="stops")
    op.drop_constraint(op.f("fk_stops_again_of_id_stops"), "stops", type_="foreignkey")
    op.drop_column("stops", "again_of_id")
