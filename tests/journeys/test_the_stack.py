"""The whole shop starts, answers, and comes back when a part of it dies."""

from __future__ import annotations

import urllib.request

import pytest

from shop.local_stack.errors import StackError
from tests.harness.whole import WholeShop

PARTS = {"postgres", "valkey", "mail", "stripe", "worker", "web"}


def answer_of(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return str(answer.read().decode())


def test_every_part_runs_one_may_be_killed_and_come_back_and_a_death_is_named(
    whole_shop: WholeShop,
) -> None:
    assert {child.name for child in whole_shop.stack.children} == PARTS
    assert answer_of(f"{whole_shop.url}/health") == "ok"
    assert "</html>" in answer_of(whole_shop.stack.doors.mailbox_url)

    whole_shop.kill("postgres")
    whole_shop.revive("postgres")
    assert answer_of(f"{whole_shop.url}/health") == "ok"

    whole_shop.kill("valkey")
    with pytest.raises(StackError, match=r"valkey has ended \(-9\)[\s\S]*Ready to accept"):
        whole_shop.stack.watch()
