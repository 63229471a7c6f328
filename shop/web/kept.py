"""What visitors without an account see, written once and kept: header, footer, whole pages.

What differs from one visitor to the next stands in the kept text as a mark, and is put there for
each of them: the address to come back to, and the guard of the forms.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, render_template, request, url_for
from flask import session as browser
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy

from shop.web.assets import asset
from shop.web.locale import LANGUAGES, chosen_language

if TYPE_CHECKING:
    from shop.web.shell import Shell

MOST_FRAMES = 1_000
MOST_PAGES = 400
"""Pieces kept; beyond, all are forgotten."""

_FRAMES = "carriole.frames"
_PAGES = "carriole.pages"
_SIGN_IN = "where0to0sign0in"
_HERE = "where0we0are"
_GUARD = "guard0of0the0forms"


def page(template: str, shell: Shell, seen: Hashable, content: Callable[[], dict[str, Any]]) -> str:
    """The page ``template`` for the person who asks.

    ``seen`` is everything of ``content`` that can change while the address stays the same. A
    page with something for one person on it (an account, a basket, a message) is written anew.
    """
    told = "_flashes" in browser
    if shell.account or shell.unpaid or told or (shell.basket and shell.basket.lines):
        return render_template(template, **content())
    kept: dict[Hashable, str] = current_app.extensions.setdefault(_PAGES, {})
    key = (template, request.full_path, *_around(shell), seen)
    guard = generate_csrf()
    written = kept.get(key)
    if written is None:
        written = render_template(template, **content()).replace(guard, _GUARD)
        _keep(kept, MOST_PAGES, key, written)
    return written.replace(_GUARD, guard)


def frame(template: str, around: LocalProxy[Shell]) -> Markup:
    """The part ``template`` around the page, for the person who looks at it."""
    shell: Shell = around._get_current_object()
    if shell.account is not None:
        return Markup(render_template(template, shell=shell, path=shell.path))
    kept: dict[Hashable, str] = current_app.extensions.setdefault(_FRAMES, {})
    badge = shell.basket and (shell.basket.url, shell.basket.lines, shell.basket.total_cents)
    key = (template, bool(shell.sign_in_url), badge, *_around(shell))
    written = kept.get(key)
    if written is None:
        anywhere = replace(shell, sign_in_url=_SIGN_IN if shell.sign_in_url else "")
        written = render_template(template, shell=anywhere, path=_HERE)
        _keep(kept, MOST_FRAMES, key, written)
    here = written.replace(_SIGN_IN, escape(shell.sign_in_url))
    return Markup(here.replace(_HERE, _path_in_a_link(shell)) if _HERE in here else here)


def register(app: Flask) -> None:
    """Give templates ``frame``."""
    app.jinja_env.globals["frame"] = frame


def _around(shell: Shell) -> tuple[Hashable, ...]:
    """What every page of a market shows, whoever looks."""
    return (
        asset(""),
        request.script_root,
        chosen_language(),
        shell.name,
        shell.tagline,
        shell.home_url,
        tuple((link.label, link.url, link.is_current) for link in shell.nav),
        shell.legal,
    )


def _keep(kept: dict[Hashable, str], most: int, key: Hashable, written: str) -> None:
    if len(kept) >= most:
        kept.clear()
    kept[key] = written


def _path_in_a_link(shell: Shell) -> str:
    link = url_for("choose_language", code=next(iter(LANGUAGES)), next=shell.path)
    return str(escape(link.split("next=", 1)[1]))
