"""Every word on screen exists in French, and the catalog holds nothing else."""

from __future__ import annotations

import ast
import re

import pytest

from tests.harness.catalog import KEYWORDS, PLACEHOLDER, PROJECT, forms, french, key_of, said


def test_every_message_is_in_the_french_catalog() -> None:
    written = {key_of(message.id) for message in french()}
    assert {place: key for key, place in said().items() if key not in written} == {}


def test_no_message_is_said_inside_a_formatted_string_where_it_would_not_be_found() -> None:
    said_inside = [
        f"{path.relative_to(PROJECT)}:{call.lineno}"
        for room in ("shop", "worker")
        for path in sorted((PROJECT / room).rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in {*KEYWORDS, "_"}
    ]
    assert said_inside == []


def test_the_catalog_holds_no_message_that_nobody_says_any_more() -> None:
    assert {key_of(message.id) for message in french()} - set(said()) == set()


def test_every_message_has_its_french_words() -> None:
    assert [message.id for message in french() if not all(forms(message))] == []


def test_no_translation_is_a_guess_left_unread() -> None:
    assert [message.id for message in french() if message.fuzzy] == []


def test_what_is_filled_in_is_the_same_in_both_languages() -> None:
    number = {"%(num)s", "%(num)d"}
    assert [
        (message.id, form)
        for message in french()
        for form in forms(message)
        if set(PLACEHOLDER.findall(form)) - number
        != set(PLACEHOLDER.findall(key_of(message.id)[-1])) - number
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
        form for message in french() for form in forms(message) if re.search(pattern, form)
    ] == [], fault
