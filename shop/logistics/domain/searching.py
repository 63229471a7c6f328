"""What somebody means who types a part of a name, an order or a crate."""

from __future__ import annotations

from collections.abc import Iterable

from shop.kernel.folding import fold


def matches(words: str, texts: Iterable[str]) -> bool:
    """Whether one of ``texts`` holds ``words``, without regard to accents, case and hyphens."""
    wanted = fold(words)
    bare = wanted.replace(" ", "")
    return any(wanted in text or bare in text.replace(" ", "") for text in map(fold, texts))
