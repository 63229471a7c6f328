import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.web import assets

IMG = assets.STATIC / "img"
DRAWINGS = sorted(IMG.rglob("*.svg"))


def test_a_file_is_kept_for_a_year_under_the_present_version(
    bare_site: Flask, visitor: FlaskClient
) -> None:
    with bare_site.test_request_context():
        address = assets.asset("css/base.css")
    answer = visitor.get(address, buffered=True)
    assert answer.status_code == 200
    assert answer.cache_control.max_age == assets.YEAR_S
    assert answer.cache_control.immutable


def test_a_file_under_an_old_version_is_served_and_asked_for_again(visitor: FlaskClient) -> None:
    answer = visitor.get("/assets/0000000000/css/base.css", buffered=True)
    assert answer.status_code == 200
    assert answer.cache_control.no_cache
    assert answer.cache_control.max_age is None


def test_the_version_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a {}")
    before = assets.version_of(tmp_path)
    assert assets.version_of(tmp_path) == before
    (tmp_path / "a.css").write_text("b {}")
    assert assets.version_of(tmp_path) != before


def test_leaflet_comes_from_its_own_package(visitor: FlaskClient) -> None:
    answer = visitor.get("/assets/x/vendor/leaflet/leaflet.js", buffered=True)
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"


@pytest.mark.parametrize(
    "path",
    [
        "../shell.py",
        "vendor/leaflet/../__init__.py",
        "vendor/unknown/leaflet.js",
        "css/none.css",
        "%2e%2e/shell.py",
    ],
)
def test_nothing_else_is_served(visitor: FlaskClient, path: str) -> None:
    assert visitor.get(f"/assets/x/{path}", buffered=True).status_code == 404


def test_a_product_nobody_drew_is_shown_as_a_crate(bare_site: Flask) -> None:
    with bare_site.test_request_context():
        assert assets.produce_picture("tomato").endswith("/img/produce/tomato.svg")
        assert assets.produce_picture("unknown").endswith("/img/produce/crate.svg")
        assert assets.produce_picture(None).endswith("/img/produce/crate.svg")


def test_the_list_of_drawings_is_the_drawings() -> None:
    listed = json.loads((IMG / "produce/index.json").read_text(encoding="utf-8"))
    assert {entry["name"] for entry in listed["produce"]} == {
        path.stem for path in (IMG / "produce").glob("*.svg")
    }
    assert {entry["name"] for entry in listed["farms"]} == {
        path.stem for path in (IMG / "farms").glob("*.svg")
    }
    assert all((IMG / f"{name}.svg").is_file() for name in listed["scenes"])


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawing_is_light_and_asks_nothing_from_elsewhere(drawing: Path) -> None:
    text = drawing.read_text(encoding="utf-8")
    assert drawing.stat().st_size < (24_000 if drawing.parent == IMG else 9_000)
    assert not re.search(r"<script|<image|<foreignObject|style=|href=\"(?!#)", text)
    assert set(re.findall(r"https?://[^\"]*", text)) == {"http://www.w3.org/2000/svg"}
