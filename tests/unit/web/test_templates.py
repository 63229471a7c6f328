import re
from pathlib import Path

import pytest

import shop
from shop.web import assets

SHOP = Path(shop.__file__).parent
PAGES = [path for path in sorted(SHOP.glob("*/templates/**/*.html")) if "mail" not in path.parts]
SPRITE = (assets.STATIC / "img/icons.svg").read_text(encoding="utf-8")
ICONS = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE))


def relative(path: Path) -> str:
    return path.relative_to(SHOP).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_page_holds_no_style_and_no_script_of_its_own(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_page_asks_nothing_from_elsewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(?:src|<link[^>]*href)=\"(?:https?:)?//(?!js\.stripe\.com/)", text)


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_icon_named_is_drawn(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"\bicon\('([\w-]+)'", text) + re.findall(r"icon_name='([\w-]+)'", text)
    assert set(named) <= ICONS
