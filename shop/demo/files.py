"""The demo's data files, as plain values."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

Entry = dict[str, Any]


@cache
def load(name: str) -> Any:
    """The content of one data file, by its name without ending; never to be changed."""
    return json.loads((files("shop.demo") / "data" / f"{name}.json").read_text("utf-8"))


def words(entry: Entry, name: str) -> dict[str, str]:
    """A text of ``entry`` in both languages, as markets, producers and places keep it."""
    return {language: text_of(entry[f"{name}_{language}"]) for language in ("fr", "en")}


def text_of(value: str | list[str]) -> str:
    """A text, or paragraphs joined by an empty line."""
    return value if isinstance(value, str) else "\n\n".join(value)


def full_name(entry: Entry) -> str:
    """First name and surname."""
    return f"{entry['first_name']} {entry['last_name']}"
