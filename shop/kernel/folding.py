"""Text folded for searching and sorting: no accents, no case, plain spaces."""

from __future__ import annotations

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss"})
_SAINT = re.compile(r"\bst(e?)\b")


def fold(text: str) -> str:
    """``text`` as it is compared: « Saint-Étienne-d'Œuf » and « st etienne d oeuf » are equal."""
    bare = unicodedata.normalize("NFKD", text.translate(_LIGATURES).casefold())
    letters = "".join(c if c.isalnum() else " " for c in bare if not unicodedata.combining(c))
    return _SAINT.sub(r"saint\1", " ".join(letters.split()))


def slugify(text: str) -> str:
    """``text`` as it stands in an address: folded, words joined by hyphens."""
    return fold(text).replace(" ", "-")
