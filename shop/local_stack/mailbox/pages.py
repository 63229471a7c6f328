"""The pages of the mail catcher: the list of mails, one mail, its files."""

from __future__ import annotations

import io
from itertools import islice
from pathlib import Path

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import Babel, get_locale
from werkzeug.wrappers import Response as AnyResponse

from shop.local_stack.folders import PROJECT
from shop.local_stack.mailbox.store import MailStore, attachments_of, body_of, line_of

SHOWN = 200
"""Mails on the list; older ones are found by address."""

LANGUAGES = ["fr", "en"]

_STORE = "carriole.mailbox"

pages = Blueprint("mailbox", __name__, template_folder="templates")


def make_pages(store: MailStore) -> Flask:
    """The web application that shows what ``store`` holds."""
    app = Flask(__name__)
    app.extensions[_STORE] = store
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(PROJECT) / "shop" / "translations")
    app.config["BABEL_DEFAULT_LOCALE"] = "fr"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/Paris"
    Babel(app, locale_selector=_language)
    app.jinja_env.globals["get_locale"] = get_locale
    app.register_blueprint(pages)
    return app


def _language() -> str:
    return request.accept_languages.best_match(LANGUAGES, "fr")


def _store() -> MailStore:
    store: MailStore = current_app.extensions[_STORE]
    return store


@pages.get("/")
def inbox() -> str:
    """Every mail, the newest first."""
    to = request.args.get("to", "")
    return render_template("mailbox/inbox.html", mails=islice(_store().newest(to), SHOWN), to=to)


@pages.post("/clear")
def clear() -> AnyResponse:
    """Throw every mail away."""
    _store().clear()
    return redirect(url_for("mailbox.inbox"))


@pages.get("/<key>")
def mail(key: str) -> str:
    """One mail with both its bodies and its files."""
    found = _store().mail(key) or abort(404)
    return render_template(
        "mailbox/mail.html",
        mail=line_of(key, found),
        html=body_of(found, "html") is not None,
        text=body_of(found, "plain"),
        attachments=attachments_of(found),
    )


@pages.get("/<key>/html")
def html(key: str) -> Response:
    """The formatted body alone, where nothing in it can run or call out."""
    found = _store().mail(key) or abort(404)
    # Links leave the frame: the shop refuses to be shown inside one.
    response = Response('<base target="_blank">' + (body_of(found, "html") or ""))
    response.headers["Content-Security-Policy"] = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
        "style-src 'unsafe-inline'; img-src data:"
    )
    return response


@pages.get("/<key>/source")
def source(key: str) -> Response:
    """The mail as it went over the wire."""
    found = _store().mail(key) or abort(404)
    return Response(found.as_bytes(), mimetype="text/plain")


@pages.get("/<key>/files/<int:number>")
def attachment(key: str, number: int) -> Response:
    """One file of a mail, to be saved."""
    files = attachments_of(_store().mail(key) or abort(404))
    if number >= len(files):
        abort(404)
    wanted = files[number]
    return send_file(
        io.BytesIO(wanted.content),
        mimetype=wanted.kind,
        as_attachment=True,
        download_name=wanted.name,
    )
