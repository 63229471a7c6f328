"""The whole shop starts, answers, and comes back when a part of it dies."""

from __future__ import annotations

import urllib.request

import pytest

from shop.local_stack.errors import StackError
from tests.harness.whole import WholeShop

PARTS = ["postgres", "valkey", "mail", "stripe", "worker", "web"]


def status_of(url: str) -> int:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return int(answer.status)


def test_every_part_runs_and_the_site_answers(whole_shop: WholeShop) -> None:
    assert [child.name for child in whole_shop.stack.children] == PARTS
    assert status_of(whole_shop.url) == 200
    assert status_of(whole_shop.stack.doors.mailbox_url) == 200


def test_a_part_that_dies_is_named_with_its_last_words(whole_shop: WholeShop) -> None:
    whole_shop.kill("valkey")
    with pytest.raises(StackError, match=r"valkey has ended \(-9\)[\s\S]*Ready to accept"):
        whole_shop.stack.watch()


def test_the_site_answers_again_after_postgresql_was_killed(whole_shop: WholeShop) -> None:
    whole_shop.kill("postgres")
    whole_shop.revive("postgres")
    assert status_of(whole_shop.url) == 200
