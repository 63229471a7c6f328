"""Connections that lay idle are asked whether they still live; busy ones are trusted.

SQLAlchemy's own ``pool_pre_ping`` asks at every use, one message more for each page. After a
restart of the database every connection has rested longer than it is trusted, so none fails:
only what was under way is lost.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

TRUSTED_S = 0.2
"""So long after its last use a connection is taken to live: less than any restart takes."""

_RESTED = "carriole.rested_since"


def watch_idle(engine: Engine, trusted_s: float = TRUSTED_S) -> None:
    """Have connections of ``engine`` that rested ``trusted_s`` be asked before their next use."""

    @event.listens_for(engine, "checkin")
    def rest(connection: Any, record: Any) -> None:
        record.info[_RESTED] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def wake(connection: Any, record: Any, proxy: Any) -> None:
        since = record.info.get(_RESTED)
        if since is None or time.monotonic() - since < trusted_s:
            return
        try:
            alive = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error
        if not alive:
            raise DisconnectionError
