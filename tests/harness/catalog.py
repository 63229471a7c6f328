"""Words on screen: what the source says, what the French catalog holds; ``make messages``."""

from __future__ import annotations

import io
import re
import tomllib
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from shop.local_stack.folders import PROJECT

FRENCH = PROJECT / "shop/translations/fr/LC_MESSAGES/messages.po"
KEYWORDS = DEFAULT_KEYWORDS | {"_l": None, "lazy_gettext": None}
HEADER = r"""msgid ""
msgstr ""
"Language: fr\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"

"""

Key = tuple[str, ...]


def key_of(id_: str | tuple[str, ...] | list[str]) -> Key:
    """The forms of a message id: one, or singular and plural."""
    return (id_,) if isinstance(id_, str) else tuple(id_)


def forms(message: Message) -> list[str]:
    """The translations of one message: one, or singular and plural."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


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


@cache
def french() -> list[Message]:
    """Every message of the French catalog."""
    with FRENCH.open("rb") as file:
        return [message for message in read_po(file, locale="fr") if message.id]


def update() -> list[str]:
    """Write the catalog anew: what is said, sorted, with the French there is.

    Gives the places of the messages that have none yet.
    """
    known = {key_of(message.id): message.string for message in french() if all(forms(message))}
    catalog = Catalog(locale="fr")
    for key in sorted(said()):
        catalog.add(key if len(key) > 1 else key[0], known.get(key, ""))
    written = io.BytesIO()
    write_po(written, catalog, omit_header=True, width=0)
    FRENCH.write_text(HEADER + written.getvalue().decode().lstrip(), encoding="utf-8")
    return [f"{place}: {key[0]}" for key, place in said().items() if key not in known]


def _holds_source(folder: str) -> bool:
    parts = Path(folder).relative_to(PROJECT).parts
    return not parts or parts[0] in {"shop", "worker"}


PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
"""What is filled in when a message is shown."""


if __name__ == "__main__":
    missing = update()
    print("\n".join([*missing, f"{len(said())} messages, {len(missing)} without French."]))
