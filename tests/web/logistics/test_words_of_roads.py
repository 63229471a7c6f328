"""A plan says where its distances come from."""

from __future__ import annotations

import pytest
from flask import Flask

from shop.logistics.views.words import roads_used


@pytest.mark.parametrize(
    ("source", "data_date", "estimated", "words"),
    [
        ("osrm", "2026-11-20T20:21:00Z", 0, "by road (OSRM, map of 11/20/2026)"),
        ("valhalla", "spring", 0, "by road (Valhalla, map of spring)"),
        ("osrm", "", 5, "by road (OSRM), 5 % estimated"),
        ("osrm", "2026-11-20", 100, "estimated distances"),
    ],
)
def test_the_map_is_named_with_its_day_and_the_share_that_was_estimated(
    app: Flask, source: str, data_date: str, estimated: int, words: str
) -> None:
    facts = {
        "roads": {
            "source": source,
            "data_date": data_date,
            "pairs": 100,
            "estimated": estimated,
        }
    }
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert roads_used(facts) == words
