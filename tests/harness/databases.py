"""Databases for tests: copies of the migrated template, made in a blink, dropped after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from shop.local_stack.addresses import LOOPBACK
from shop.local_stack.postgres import ADMIN, OWNER
from tests.harness.servers import PASSWORD, TEMPLATE, Running


@contextmanager
def cloned_database(server: Running, name: str) -> Iterator[str]:
    """A database of one's own with every table and no row; gives its address."""
    _administer(
        server,
        sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(TEMPLATE), sql.Identifier(OWNER)
        ),
    )
    try:
        yield server.url(name)
    finally:
        _administer(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _administer(server: Running, statement: sql.Composed) -> None:
    with psycopg.connect(
        host=LOOPBACK,
        port=server.port,
        user=ADMIN,
        password=PASSWORD,
        dbname=ADMIN,
        autocommit=True,
    ) as admin:
        admin.execute(statement)
