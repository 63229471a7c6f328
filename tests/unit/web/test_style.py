import re
from itertools import chain

import pytest

from shop.web import assets

CSS = {path.name: path.read_text(encoding="utf-8") for path in assets.STATIC.glob("css/*.css")}
TOKENS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", CSS["tokens.css"]))
SURFACES = ["paper", "paper-deep", "card", "olive-mist", "olive-pale"]
ON_LIGHT = ["ink", "ink-soft", "forest", "forest-deep", "tomato-deep"]
PAIRS = [
    *chain.from_iterable([(text, surface) for text in ON_LIGHT] for surface in SURFACES),
    ("ochre-deep", "ochre-pale"),
    ("tomato-deep", "tomato-pale"),
    ("sky", "sky-pale"),
]
UNDER_WHITE = ["forest", "forest-deep", "forest-night", "tomato", "tomato-deep", "sky"]


def luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("text", "surface"), PAIRS)
def test_text_stands_out_from_what_it_stands_on(text: str, surface: str) -> None:
    assert contrast(TOKENS[text], TOKENS[surface]) >= 4.5


@pytest.mark.parametrize("surface", UNDER_WHITE)
def test_white_text_can_be_read_on_every_dark_surface(surface: str) -> None:
    assert contrast("#ffffff", TOKENS[surface]) >= 4.5


@pytest.mark.parametrize("name", sorted(CSS))
def test_a_style_sheet_asks_nothing_from_elsewhere(name: str) -> None:
    urls = re.findall(r"url\([\"']?([^)\"']{0,10})", CSS[name])
    assert all(url.startswith("data:image") for url in urls)
    assert "@import" not in CSS[name]


@pytest.mark.parametrize("name", sorted(CSS))
def test_every_token_used_is_defined(name: str) -> None:
    defined = set(re.findall(r"(--[\w-]+):", "".join(CSS.values())))
    assert set(re.findall(r"var\((--[\w-]+)", CSS[name])) <= defined


def test_every_script_imported_is_there() -> None:
    for script in assets.STATIC.glob("js/*.js"):
        for name in re.findall(r"from \"\./([\w.-]+)\"", script.read_text(encoding="utf-8")):
            assert (script.parent / name).is_file(), f"{script.name} imports {name}"
