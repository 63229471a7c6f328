"""What every card of a shelf says: put together once for a page, not once for a product."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, g
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from shop.web.assets import asset


@dataclass(frozen=True, slots=True)
class CardWords:
    """Words, icons and the guard of the forms, ready to be written."""

    add: str
    change: str
    less: str
    more: str
    quantity: str
    sold_out: str
    basket_icon: Markup
    check_icon: Markup
    guard: Markup


def card_words() -> CardWords:
    """The words of this page's cards, in its language."""
    if "card_words" not in g:
        g.card_words = CardWords(
            add=gettext("Add"),
            change=gettext("Change"),
            less=gettext("Less:"),
            more=gettext("More:"),
            quantity=gettext("Quantity:"),
            sold_out=gettext("Sold out"),
            basket_icon=_icon("basket"),
            check_icon=_icon("check"),
            guard=Markup('<input type="hidden" name="csrf_token" value="{}">').format(
                generate_csrf()
            ),
        )
    words: CardWords = g.card_words
    return words


def register(app: Flask) -> None:
    """Give the templates of ``app`` the words of cards."""
    app.jinja_env.globals["card_words"] = card_words


def _icon(name: str) -> Markup:
    return Markup(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    ).format(asset("img/icons.svg"), name)
