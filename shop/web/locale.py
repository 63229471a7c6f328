"""Which language a person reads: what they chose, else what their browser asks, else French."""

from __future__ import annotations

from urllib.parse import urlsplit

from babel.support import Translations
from flask import Flask, abort, current_app, has_request_context, redirect, request
from flask_babel import Babel, get_translations
from werkzeug.wrappers import Response

from shop.web.formats import current_locale

LANGUAGES = {"fr": "Français", "en": "English"}
"""Languages of the site by code, in their own words; the first one is the default."""

COOKIE = "language"
_KEY = "carriole.words"
YEAR_S = 365 * 24 * 3600


def chosen_language() -> str:
    """Code of the language of this request; French outside a request."""
    if not has_request_context():
        return "fr"
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    asked = (
        tag.replace("_", "-").split("-")[0].lower() for tag in request.accept_languages.values()
    )
    return next((language for language in asked if language in LANGUAGES), "fr")


def local_path(target: str | None) -> str:
    """``target`` when it is a path of this site, else the root: never another host."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target


def choose_language(code: str) -> Response:
    """Keep a language in a cookie and go back to the page ``next``."""
    if code not in LANGUAGES:
        abort(404)
    response = redirect(local_path(request.args.get("next")), code=303)
    response.set_cookie(
        COOKIE,
        code,
        max_age=YEAR_S,
        samesite="Lax",
        httponly=True,
        secure=request.is_secure,
    )
    return response


def register(app: Flask) -> Babel:
    """Set up languages, the zone of the market and the address of the language switch."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "fr")
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Europe/Paris")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    app.add_url_rule("/language/<code>", "choose_language", choose_language)
    app.jinja_env.globals["LANGUAGES"] = LANGUAGES
    babel = Babel(app, locale_selector=chosen_language)
    app.extensions[_KEY] = {}
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _words().gettext(text),
        lambda one, more, count: _words().ngettext(one, more, count),
        newstyle=True,
    )
    return babel


def _words() -> Translations:
    """The words of this request's language; looked up once per language, not once per word."""
    kept: dict[str, Translations] = current_app.extensions[_KEY]
    language = current_locale().language
    if language not in kept:
        kept[language] = get_translations()
    return kept[language]
