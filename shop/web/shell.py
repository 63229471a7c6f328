"""What stands around every page: the market's name, where one can go, who is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from flask import Flask, current_app, g, request
from werkzeug.local import LocalProxy

from shop.web import assets, cards, formats, kept, locale, outlines

_KEY = "carriole.shell"


@dataclass(frozen=True, slots=True)
class Link:
    """A place to go; ``icon`` is a name of ``macros/icons.html``, ``count`` stands beside."""

    label: str
    url: str
    icon: str = ""
    count: int | None = None
    group: str = ""
    """Heading under which the desk's column shows it."""
    exact: bool = False
    """Whether pages below it are not there: for the first page of a door."""

    @property
    def is_current(self) -> bool:
        """Whether this page is there, or below; a root is only itself."""
        path = self.url.split("?", 1)[0]
        if request.path == path:
            return True
        if self.exact:
            return False
        return path.count("/") > 1 and request.path.startswith(path.rstrip("/") + "/")


@dataclass(frozen=True, slots=True)
class Account:
    """The person who is signed in, and the doors open to them."""

    name: str
    links: tuple[Link, ...] = ()
    sign_out_url: str = ""
    """Where a POST ends the session."""


@dataclass(frozen=True, slots=True)
class BasketBadge:
    """The basket as the header shows it."""

    url: str
    lines: int = 0
    total_cents: int = 0
    held_until: datetime | None = None
    add_url: str = ""
    """Where the cards of the shelf post an offer and a quantity."""
    amounts: Mapping[int, int] = field(default_factory=dict)
    """What is in it by offer, in the unit of the offer."""


@dataclass(frozen=True, slots=True)
class UnpaidBadge:
    """An order that its customer has not paid yet, and may have lost from sight."""

    number: str
    pay_by: datetime
    pay_url: str
    give_up_url: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything ``base.html``, ``base_desk.html`` and ``base_field.html`` need."""

    name: str = "Carriole"
    tagline: str = ""
    home_url: str = "/"
    nav: tuple[Link, ...] = ()
    side: tuple[Link, ...] = ()
    """The column of the desk."""
    account: Account | None = None
    sign_in_url: str = ""
    basket: BasketBadge | None = None
    unpaid: UnpaidBadge | None = None
    legal: tuple[Link, ...] = ()
    simulation: bool = False
    mailbox_url: str = ""
    """In a simulation: where the mails can be read."""

    @property
    def path(self) -> str:
        """This page, to come back to after a change of language."""
        return request.full_path.rstrip("?") if request.method == "GET" else "/"

    @property
    def side_groups(self) -> list[tuple[str, list[Link]]]:
        """The column of the desk, by heading, in the order given."""
        groups: dict[str, list[Link]] = {}
        for link in self.side:
            groups.setdefault(link.group, []).append(link)
        return list(groups.items())


def register(app: Flask, build: Callable[[], Shell] = Shell) -> None:
    """Set up languages, formats and files; ``build`` makes the shell of each page."""
    locale.register(app)
    formats.register(app)
    assets.register(app)
    cards.register(app)
    kept.register(app)
    outlines.register(app)

    app.extensions[_KEY] = build

    def around_the_page() -> dict[str, Any]:
        # Built at its first use: a page that says the database is away does not ask it.
        shell = LocalProxy(cache(lambda: g.get("shell") or build()))
        return {"shell": shell, "language": locale.chosen_language()}

    app.context_processor(around_the_page)


def shell_of_this_page() -> Shell:
    """The shell of the page under way, for a view that must know it before it writes."""
    if "shell" not in g:
        g.shell = current_app.extensions[_KEY]()
    shell: Shell = g.shell
    return shell
