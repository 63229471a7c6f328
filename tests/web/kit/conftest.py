from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask, Response, jsonify, render_template, request
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.serving import make_server

from shop.local_stack.addresses import LOOPBACK
from shop.web import shell
from shop.web.shell import Account, BasketBadge, Link, Shell

HERE = Path(__file__).parent
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'"
PLACES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [[6.06, 43.41], [6.13, 43.12]]},
            "properties": {"round": 1, "label": "Tournée 1"},
        },
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [6.06, 43.41]},
            "properties": {"id": "b", "kind": "relay", "number": 1, "label": "Brignoles"},
        },
    ],
}


def shell_of_the_kit() -> Shell:
    links = (Link("Le marché", "/"), Link("Les fermes", "/fermes"))
    return Shell(
        name="Paniers du Var",
        nav=links,
        side=links,
        account=Account("Claire Fabre", links, "/sortie"),
        basket=BasketBadge("/panier", 3, 4210),
        legal=links,
        simulation=True,
    )


class Kit:
    """A page with one of everything, and what was sent to it."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.polls = 0
        self.url = ""


@pytest.fixture
def kit() -> Iterator[Kit]:
    made = Kit()
    app = Flask("shop", static_folder=None, template_folder="web/templates")
    app.config.update(SECRET_KEY="only-for-the-tests", WTF_CSRF_ENABLED=False)
    CSRFProtect(app)
    shell.register(app, shell_of_the_kit)
    app.jinja_loader = ChoiceLoader(  # type: ignore[assignment]
        [app.jinja_loader, FileSystemLoader(HERE / "templates")]  # type: ignore[list-item]
    )

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.get("/<page>.html")
    def show(page: str) -> str:
        return render_template(f"{page}.html")

    @app.post("/send")
    def send() -> tuple[str, int]:
        made.sent.append(request.form.to_dict())
        return "", 204

    @app.get("/progress.json")
    def progress() -> Response:
        made.polls += 1
        if made.polls < 2:
            return jsonify(state="running", done=3, total=7, text="3 tournées sur 7")
        return jsonify(state="done", done=7, total=7, text="", url="/desk.html")

    @app.get("/places.json")
    def places() -> Response:
        return jsonify(PLACES)

    server = make_server(LOOPBACK, 0, app, threaded=True)
    made.url = f"http://{LOOPBACK}:{server.port}"
    thread = Thread(target=server.serve_forever, name="kit")
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
