"""Who asks, and whether they may: the one door that pages of every room use.

Wraps Flask-Login, so that nothing else knows it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, redirect, request, url_for
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_user,
    logout_user,
)
from werkzeug.wrappers import Response

from shop.accounts.domain.roles import Identity, Role
from shop.accounts.errors import RoleMissing
from shop.accounts.queries.identity import identity
from shop.infra.unit_of_work import reading

P = ParamSpec("P")
R = TypeVar("R")


class _SignedIn(UserMixin):  # type: ignore[misc]
    def __init__(self, who: Identity) -> None:
        self.identity = who
        self.id = str(who.person_id)


def register(app: Flask) -> None:
    """Teach ``app`` who is signed in."""
    manager = LoginManager()
    manager.login_view = "accounts.sign_in"
    manager.session_protection = "basic"

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(person_id: str) -> _SignedIn | None:
        with reading() as session:
            who = identity(session, int(person_id))
        return _SignedIn(who) if who else None

    manager.init_app(app)

    @app.context_processor
    def who() -> dict[str, Any]:
        return {"identity": current_identity()}


def current_identity() -> Identity | None:
    """The person who asks, or None for a visitor."""
    return getattr(current_user, "identity", None)


def signed_in_identity() -> Identity:
    """The person who asks, on a page that only signed-in people reach.

    Raises:
        RoleMissing: nobody is signed in.
    """
    who = current_identity()
    if who is None:
        raise RoleMissing(role="signed_in")
    return who


def sign_in(who: Identity) -> None:
    """Remember the person in the session cookie."""
    login_user(_SignedIn(who), remember=True)


def sign_out() -> None:
    """Forget the person."""
    logout_user()


def signed_in(view: Callable[P, R]) -> Callable[P, R | Response]:
    """For signed-in people only; others are sent to the door and come back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if current_identity() is None:
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
        return view(*args, **kwargs)

    return guarded


def holds(role: Role) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """For people who hold ``role`` somewhere; the page then asks ``demand`` for the place."""

    def decorate(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            who = current_identity()
            if who is not None and not who.has(role):
                raise RoleMissing(role=role)
            return view(*args, **kwargs)

        return signed_in(guarded)

    return decorate


def demand(role: Role, place_id: int) -> Identity:
    """The person who asks, when they hold ``role`` at that market, producer or pick-up point.

    Raises:
        RoleMissing: they do not.
    """
    who = signed_in_identity()
    if place_id not in who.places(role):
        raise RoleMissing(role=role)
    return who
