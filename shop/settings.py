"""Every setting of the installation, read from the environment once and checked at start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class BadSettings(ValueError):
    """The environment lacks a setting, or one makes no sense; the message names each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation is told from outside. Secrets have no default."""

    database_url: str
    """``postgresql+psycopg://…``"""
    redis_url: str
    """Broker of the worker in database 0; limits and cache in database 1."""
    secret_key: str = field(repr=False)
    stripe_api_key: str = field(repr=False)
    stripe_public_key: str
    stripe_webhook_secret: str = field(repr=False)
    smtp_url: str = field(repr=False)
    """``smtp://user:password@host:port``; ``smtps://`` for TLS from the first byte."""
    media_dir: Path
    base_url: str
    """Address under which people reach the site; links in mails begin with it."""
    stripe_api_base: str | None = None
    """Only for the simulator: where it listens."""
    stripe_page_base: str | None = None
    """Only for the simulator: where browsers find its pages, when that is another address."""
    simulation: bool = False
    """Payment and mail are stand-ins, and every page says so."""
    mailbox_url: str | None = None
    """Only in a simulation: where the mails that were caught are read."""
    mail_from: str = "Carriole <bonjour@exemple.fr>"
    tile_url: str | None = None
    """Address of map tiles with {z}, {x} and {y}; without it maps draw their own outlines."""
    geocoder_url: str | None = None
    """Where addresses become points, in the format of the national service. Not said: that service
    in production, nobody in a simulation; « off »: nobody, people set the pin themselves."""
    roads_order: tuple[str, ...] = ("osrm", "embedded", "valhalla")
    """Who is asked for distances by road, the first that answers; those without a setting below
    are passed over, and without any distances are estimated."""
    osrm_url: str | None = None
    """An OSRM server, ``http://osrm:5000``."""
    osrm_profile: str = "driving"
    osrm_table_size: int = 100
    """Its ``--max-table-size``."""
    roads_data_date: date | None = None
    """Of which day the map of that server is (2026-11-20), when it does not say so itself. Answers
    are kept by it: set it anew with each map, or the kept ones go on counting."""
    roads_extract: Path | None = None
    """An extract of OpenStreetMap (.osm.pbf) for OSRM in the worker itself."""
    valhalla_url: str | None = None
    """A Valhalla server, ``http://valhalla:8002``; it knows what trucks may not."""
    valhalla_table_size: int = 50
    """The square root of its ``max_matrix_location_pairs``."""
    db_pool_size: int = 8
    db_max_overflow: int = 4
    outbox_lease_s: int = 60
    """After so many seconds of silence, work that was begun is given to another worker."""
    log_json: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Settings as the environment gives them.

        Raises:
            BadSettings: with every problem found.
        """
        env = os.environ if env is None else env
        values: dict[str, Any] = {}
        problems: list[str] = []
        for item in fields(cls):
            raw = env.get(item.name.upper(), "").strip()
            if not raw:
                if item.name in REQUIRED:
                    problems.append(f"{item.name.upper()} is missing")
                continue
            try:
                values[item.name] = _READ.get(item.name, str)(raw)
            except ValueError as error:
                problems.append(f"{item.name.upper()}: {error}")
        if not problems:
            settings = cls(**values)
            problems.extend(settings.problems())
        if problems:
            raise BadSettings("; ".join(problems))
        return settings

    def problems(self) -> list[str]:
        """What makes no sense together."""
        found = []
        if urlsplit(self.database_url).scheme != "postgresql+psycopg":
            found.append("DATABASE_URL must begin with postgresql+psycopg://")
        if urlsplit(self.redis_url).scheme not in {"redis", "rediss", "unix"}:
            found.append("REDIS_URL must begin with redis:// or rediss://")
        if urlsplit(self.smtp_url).scheme not in {"smtp", "smtps"}:
            found.append("SMTP_URL must begin with smtp:// or smtps://")
        if urlsplit(self.base_url).scheme not in {"http", "https"}:
            found.append("BASE_URL must begin with http:// or https://")
        for name in ("osrm_url", "valhalla_url", "geocoder_url"):
            if name == "geocoder_url" and self.geocoder_url == "off":
                continue
            if urlsplit(getattr(self, name) or "http://").scheme not in {"http", "https"}:
                found.append(f"{name.upper()} must begin with http:// or https://")
        for name in ("osrm_table_size", "valhalla_table_size"):
            if getattr(self, name) < 1:
                found.append(f"{name.upper()} must be 1 or more")
        if strange := set(self.roads_order) - ROAD_SOURCES:
            found.append(f"ROADS_ORDER knows no {', '.join(sorted(strange))}")
        if self.outbox_lease_s < 1:
            found.append("OUTBOX_LEASE_S must be 1 or more")
        if len(self.secret_key) < 16:
            found.append("SECRET_KEY must have 16 characters or more")
        if not self.simulation:
            if self.stripe_api_base or self.stripe_page_base:
                found.append(
                    "STRIPE_API_BASE is for the simulator: set SIMULATION=1 or leave it out"
                )
            if "sim" in self.stripe_api_key.split("_"):
                found.append("STRIPE_API_KEY is a key of the simulator")
            if urlsplit(self.base_url).scheme != "https":
                found.append("BASE_URL must begin with https:// outside a simulation")
        return found

    @property
    def broker_url(self) -> str:
        """Database 0 of the store: the queue."""
        return _database(self.redis_url, 0)

    @property
    def cache_url(self) -> str:
        """Database 1 of the store: limits and cache."""
        return _database(self.redis_url, 1)


def _flag(raw: str) -> bool:
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError("must be 1 or 0")


def _words(raw: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in raw.split(",") if word.strip())


def _database(url: str, number: int) -> str:
    parts = urlsplit(url)
    return parts._replace(path=f"/{number}").geturl()


_READ: dict[str, Any] = {
    "media_dir": Path,
    "simulation": _flag,
    "log_json": _flag,
    "db_pool_size": int,
    "db_max_overflow": int,
    "outbox_lease_s": int,
    "roads_order": _words,
    "roads_extract": Path,
    "osrm_table_size": int,
    "valhalla_table_size": int,
    "roads_data_date": date.fromisoformat,
    "base_url": lambda raw: raw.rstrip("/"),
}

ROAD_SOURCES = frozenset({"osrm", "embedded", "valhalla"})
"""What ``ROADS_ORDER`` may name."""

REQUIRED = frozenset(
    {
        "database_url",
        "redis_url",
        "secret_key",
        "stripe_api_key",
        "stripe_public_key",
        "stripe_webhook_secret",
        "smtp_url",
        "media_dir",
        "base_url",
    }
)
"""Settings without which nothing starts."""
