"""Style, scripts and pictures, at addresses that change with their content.

One version for all of them: scripts may import each other and styles may name pictures by
relative address, and a browser may keep every file for a year. Leaflet comes from its own
package, under ``vendor/leaflet/``, and is not copied.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, current_app, send_from_directory, url_for
from xstatic.pkg import leaflet

STATIC = Path(__file__).parent / "static"
VENDOR = {"leaflet": Path(leaflet.BASE_DIR)}
YEAR_S = 365 * 24 * 3600

_KEY = "carriole.assets"


def version_of(folder: Path) -> str:
    """A short text that changes when any file under ``folder`` does."""
    digest = hashlib.sha256(leaflet.PACKAGE_VERSION.encode())
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def asset(path: str) -> str:
    """Address of ``css/base.css``, ``img/produce/tomato.svg``, ``vendor/leaflet/leaflet.js``…"""
    return f"{current_app.extensions[_KEY]}/{path}"


def produce_picture(name: str | None) -> str:
    """Address of the illustration of a product; a plain crate for a name nobody drew."""
    known = current_app.extensions[f"{_KEY}.produce"]
    return asset(f"img/produce/{name if name in known else 'crate'}.svg")


def send_asset(version: str, path: str) -> Response:
    """The file at ``path``; kept for a year under the present version only."""
    first, _, rest = path.partition("/")
    package, _, inner = rest.partition("/")
    if first == "vendor" and package in VENDOR:
        response = send_from_directory(VENDOR[package], inner)
    else:
        response = send_from_directory(STATIC, path)
    if current_app.extensions[_KEY].endswith(f"/{version}") and not current_app.debug:
        response.cache_control.public = True
        response.cache_control.max_age = YEAR_S
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True
    return response


def favicon() -> Response:
    """The small cart, for browsers that ask before reading the page."""
    return send_from_directory(STATIC / "img", "favicon.svg", max_age=YEAR_S)


def register(app: Flask) -> None:
    """Serve the files of the shell and give templates ``asset`` and ``produce_picture``."""
    app.add_url_rule("/assets/<version>/<path:path>", "asset", send_asset)
    app.add_url_rule("/favicon.ico", "favicon", favicon)
    with app.test_request_context():
        root = url_for("asset", version=version_of(STATIC), path="x")
    app.extensions[_KEY] = root.rsplit("/", 1)[0]
    app.extensions[f"{_KEY}.produce"] = {p.stem for p in (STATIC / "img/produce").glob("*.svg")}
    app.jinja_env.globals.update(asset=asset, produce_picture=produce_picture)
