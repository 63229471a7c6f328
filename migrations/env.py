"""How migrations reach the database: through the engine of the running application."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text
from sqlalchemy.engine import Connection

from shop.models import METADATA

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "10min"


def migrate(connection: Connection) -> None:
    """Run every pending version in one transaction each, never waiting long for a lock."""
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def engine_of_the_application():  # type: ignore[no-untyped-def]
    """The engine that Flask-SQLAlchemy holds."""
    from flask import current_app  # noqa: PLC0415 - alembic may run without an application

    return current_app.extensions["migrate"].db.engine


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with engine_of_the_application().connect() as connection:
        migrate(connection)
