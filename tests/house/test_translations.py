"""Every word on screen exists in French, and the catalog holds nothing else."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from shop.local_stack.folders import PROJECT

FRENCH = PROJECT / "shop/translations/fr/LC_MESSAGES/messages.po"
KEYWORDS = DEFAULT_KEYWORDS | {"_l": None, "lazy_gettext": None}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")

Key = tuple[str, ...]


def key_of(id_: str | tuple[str, ...] | list[str]) -> Key:
    """The forms of a message id: one, or singular and plural."""
    return (id_,) if isinstance(id_, str) else tuple(id_)


@cache
def said() -> dict[Key, str]:
    """Every message id of the source, and where it is said."""
    mappings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(pattern, each["method"]) for each in mappings for pattern in each["pattern"]]
    found: dict[Key, str] = {}
    for name, line, id_, _, _ in extract_from_dir(
        PROJECT, method_map=methods, keywords=KEYWORDS, directory_filter=_holds_source
    ):
        found.setdefault(key_of(id_), f"{name}:{line}")
    return found


def _holds_source(folder: str) -> bool:
    parts = Path(folder).relative_to(PROJECT).parts
    return not parts or parts[0] in {"shop", "worker"}


@cache
def french() -> Catalog:
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr")


def messages() -> list[Message]:
    return [message for message in french() if message.id]


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_every_message_is_in_the_french_catalog() -> None:
    written = {key_of(message.id) for message in messages()}
    assert {place: key for key, place in said().items() if key not in written} == {}


def test_the_catalog_holds_no_message_that_nobody_says_any_more() -> None:
    assert {key_of(message.id) for message in messages()} - set(said()) == set()


def test_every_message_has_its_french_words() -> None:
    assert [message.id for message in messages() if not all(forms(message))] == []


def test_no_translation_is_a_guess_left_unread() -> None:
    assert [message.id for message in messages() if message.fuzzy] == []


def test_what_is_filled_in_is_the_same_in_both_languages() -> None:
    assert [
        (message.id, form)
        for message in messages()
        for form in forms(message)
        if set(PLACEHOLDER.findall(form)) - {"%(num)s", "%(num)d"}
        != set(PLACEHOLDER.findall(key_of(message.id)[-1])) - {"%(num)s", "%(num)d"}
    ] == []


@pytest.mark.parametrize(
    ("fault", "pattern"),
    [
        ("a straight apostrophe", r"\w'\w"),
        ("a plain space before double punctuation", r"\w [:;!?»]"),
        ("a plain space after an opening quote", r"« "),
        ("no space before an exclamation or question mark", r"\w[!?](?!\w)"),
    ],
)
def test_the_french_is_set_as_a_printer_would(fault: str, pattern: str) -> None:
    assert [
        form for message in messages() for form in forms(message) if re.search(pattern, form)
    ] == [], fault
