"""Settings are read once, typed, and refused by name."""

from __future__ import annotations

from datetime import date

import pytest

from shop.settings import BadSettings, Settings

LEAST = {
    "DATABASE_URL": "postgresql+psycopg://shop@localhost/shop",
    "REDIS_URL": "redis://localhost",
    "SECRET_KEY": "x" * 32,
    "STRIPE_API_KEY": "sk_test_sim_1",
    "STRIPE_PUBLIC_KEY": "pk_test_sim_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "SMTP_URL": "smtp://localhost",
    "MEDIA_DIR": "/tmp/media",
    "BASE_URL": "http://localhost",
    "SIMULATION": "1",
}


def test_the_day_of_a_map_is_a_day() -> None:
    assert Settings.from_env(LEAST).roads_data_date is None
    read = Settings.from_env({**LEAST, "ROADS_DATA_DATE": "2026-11-20"})
    assert read.roads_data_date == date(2026, 11, 20)
    with pytest.raises(BadSettings, match="ROADS_DATA_DATE"):
        Settings.from_env({**LEAST, "ROADS_DATA_DATE": "last week"})
