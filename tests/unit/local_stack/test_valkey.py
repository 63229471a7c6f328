from __future__ import annotations

import os
from pathlib import Path

import pytest
import redis

from shop.local_stack.addresses import any_free_port
from shop.local_stack.children import Child
from shop.local_stack.valkey import find_valkey, valkey_answers, valkey_recipe, valkey_url


def start(folder: Path, port: int) -> Child:
    log = folder / "valkey.log"
    child = Child(valkey_recipe(find_valkey(), folder, port, "a-password", os.environ, log))
    url = valkey_url(port, "a-password")
    assert child.answers_within(10, lambda: valkey_answers(url)), child.last_words()
    return child


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "a folder"
    made.mkdir()
    return made


def test_what_was_queued_is_there_after_a_restart(folder: Path) -> None:
    port = any_free_port()
    url = valkey_url(port, "a-password")
    server = start(folder, port)
    with redis.Redis.from_url(url) as client:
        client.rpush("queue", "wake up")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    server.stop()
    server = start(folder, port)
    with redis.Redis.from_url(url) as client:
        assert client.lrange("queue", 0, -1) == [b"wake up"]
    server.stop()


def test_nobody_else_on_the_machine_can_read_it(folder: Path) -> None:
    port = any_free_port()
    server = start(folder, port)
    assert not valkey_answers(f"redis://127.0.0.1:{port}/0")
    assert (folder / "valkey.conf").stat().st_mode & 0o777 == 0o600
    server.stop()
