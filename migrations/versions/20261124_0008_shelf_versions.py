"""Number the shelves of cycles: what is kept of a shelf is thrown away when its number changes.

Revision ID: c41f27ab90de
Revises: 3483308dd54e
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c41f27ab90de"
down_revision = "3483308dd54e"
branch_labels = None
depends_on = None

TURN = "UPDATE cycles SET shelf_version = shelf_version + 1 WHERE id IN (SELECT cycle_id FROM {});"
OFFERED = f"""
CREATE FUNCTION shelf_of_offers_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {TURN.format("changed")}
    RETURN NULL;
END $$
"""
WITHDRAWN = """
CREATE FUNCTION shelf_of_offer_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE cycles SET shelf_version = shelf_version + 1 WHERE id = NEW.cycle_id;
    RETURN NULL;
END $$
"""
MOVED = """
CREATE FUNCTION shelf_of_{table}_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE cycles SET shelf_version = shelf_version + 1
     WHERE state IN ('draft', 'open') AND id IN (
        SELECT offers.cycle_id FROM after_change
          JOIN before_change ON before_change.id = after_change.id
          JOIN products ON products.{key} = after_change.id
          JOIN offers ON offers.product_id = products.id
         WHERE ({columns_after}) IS DISTINCT FROM ({columns_before}));
    RETURN NULL;
END $$
"""
MOVES = {
    "products": ("id", ("category_id", "sort_key")),
    "producers": ("producer_id", ("slug", "name", "sort_key")),
    "categories": ("category_id", ("slug", "name_fr", "name_en", "position")),
}


def upgrade() -> None:
    """Count every change of what stands on a shelf, in which order and under which word."""
    op.add_column(
        "cycles", sa.Column("shelf_version", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.execute(OFFERED)
    for event, table in (("INSERT", "NEW"), ("DELETE", "OLD")):
        op.execute(
            f"CREATE TRIGGER offers_{event.lower()}_turn_shelf AFTER {event} ON offers"
            f" REFERENCING {table} TABLE AS changed"
            " FOR EACH STATEMENT EXECUTE FUNCTION shelf_of_offers_changed()"
        )
    op.execute(WITHDRAWN)
    op.execute(
        "CREATE TRIGGER offers_withdrawn_turn_shelf AFTER UPDATE OF withdrawn_at ON offers"
        " FOR EACH ROW WHEN (OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at)"
        " EXECUTE FUNCTION shelf_of_offer_changed()"
    )
    for table, (key, columns) in MOVES.items():
        op.execute(
            MOVED.format(
                table=table,
                key=key,
                columns_after=", ".join(f"after_change.{column}" for column in columns),
                columns_before=", ".join(f"before_change.{column}" for column in columns),
            )
        )
        op.execute(
            f"CREATE TRIGGER {table}_turn_shelf AFTER UPDATE ON {table}"
            " REFERENCING OLD TABLE AS before_change NEW TABLE AS after_change"
            f" FOR EACH STATEMENT EXECUTE FUNCTION shelf_of_{table}_changed()"
        )


def downgrade() -> None:
    """Stop counting."""
    for table in MOVES:
        op.execute(f"DROP TRIGGER {table}_turn_shelf ON {table}")
        op.execute(f"DROP FUNCTION shelf_of_{table}_changed()")
    for name in ("insert", "delete", "withdrawn"):
        op.execute(f"DROP TRIGGER offers_{name}_turn_shelf ON offers")
    op.execute("DROP FUNCTION shelf_of_offer_changed()")
    op.execute("DROP FUNCTION shelf_of_offers_changed()")
    op.drop_column("cycles", "shelf_version")
