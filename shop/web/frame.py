"""Header and footer: written once for everybody who has no account, and kept.

What differs from page to page of one visitor is the address to come back to; it stands in the
kept text as a mark, and is put there for each page.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy

from shop.web.assets import asset
from shop.web.locale import LANGUAGES, chosen_language

if TYPE_CHECKING:
    from shop.web.shell import Shell

MOST = 1_000
"""Frames kept; beyond, all are forgotten."""

_KEY = "carriole.frames"
_SIGN_IN = "where0to0sign0in"
_HERE = "where0we0are"


def frame(template: str, around: LocalProxy[Shell]) -> Markup:
    """The part ``template`` around the page, for the person who looks at it."""
    shell: Shell = around._get_current_object()
    if shell.account is not None:
        return Markup(render_template(template, shell=shell, path=shell.path))
    kept: dict[Any, str] = current_app.extensions.setdefault(_KEY, {})
    key = (
        template,
        asset(""),
        request.script_root,
        chosen_language(),
        shell.name,
        shell.tagline,
        shell.home_url,
        bool(shell.sign_in_url),
        tuple((link.label, link.url, link.is_current) for link in shell.nav),
        shell.legal,
        shell.basket and (shell.basket.url, shell.basket.lines, shell.basket.total_cents),
    )
    written = kept.get(key)
    if written is None:
        anywhere = replace(shell, sign_in_url=_SIGN_IN if shell.sign_in_url else "")
        written = render_template(template, shell=anywhere, path=_HERE)
        if len(kept) >= MOST:
            kept.clear()
        kept[key] = written
    here = written.replace(_SIGN_IN, escape(shell.sign_in_url))
    return Markup(here.replace(_HERE, _path_in_a_link(shell)) if _HERE in here else here)


def register(app: Flask) -> None:
    """Give templates ``frame``."""
    app.jinja_env.globals["frame"] = frame


def _path_in_a_link(shell: Shell) -> str:
    link = url_for("choose_language", code=next(iter(LANGUAGES)), next=shell.path)
    return str(escape(link.split("next=", 1)[1]))
