"""Who is at the door of a market, and which basket is theirs."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from flask import session as browser
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from shop.accounts.access import current_identity
from shop.catalog.errors import CycleNotOpen
from shop.catalog.queries import entrance
from shop.catalog.queries.cycles import CycleCard
from shop.infra import clock
from shop.orders.queries import basket as baskets
from shop.orders.queries.basket import COOKIE, BasketView, Visitor
from shop.orders.queries.my_orders import UNPAID
from shop.orders.services.basket import Kept

bp = Blueprint("orders", __name__, template_folder="../templates")
"""Pages of the customer; ``basket``, ``customer`` and ``paying`` add theirs."""

KEPT_FOR = timedelta(days=30)

KEPT_ORDERS = 3


@bp.before_request
def know_who_asks() -> None:
    """Look up who is signed in before a unit of work is open: the look is one of its own."""
    current_identity()


def enter(session: Session, slug: str) -> CycleCard | None:
    """Remember the market for the frame of the page; the cycle that customers see."""
    g.now = clock.now()
    g.market, found = entrance.by_slug(session, slug, g.now)
    g.selling = bool(found and found.is_open_at(g.now))
    return found


def visitor() -> Visitor:
    """Who asks, as far as a basket is concerned."""
    who = current_identity()
    return Visitor.read(request.cookies.get(COOKIE), who.person_id if who else None)


def see_other(endpoint: str, kept: Kept | None = None, **values: Any) -> Response:
    """Go to another page after a POST; the cookie of the basket goes along."""
    response = redirect(url_for(endpoint, market=g.market.slug, **values), code=303)
    return remember(response, kept)


def remember(response: Response, kept: Kept | None) -> Response:
    """Let the browser keep the token of its basket; each market has its own."""
    if kept is not None and request.cookies.get(COOKIE) != str(kept.token):
        response.set_cookie(
            COOKIE,
            str(kept.token),
            max_age=int(KEPT_FOR.total_seconds()),
            path=f"/{g.market.slug}",
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    return response


def remember_unpaid(token: uuid.UUID) -> None:
    """Let the browser know an order that is to be paid, so that its customer finds it again."""
    kept = [text for text in browser.get(UNPAID, []) if text != str(token)]
    browser[UNPAID] = [*kept, str(token)][-KEPT_ORDERS:]


def forget_unpaid(token: uuid.UUID) -> None:
    """The order is paid or given up: nothing is to be found any more."""
    kept = [text for text in browser.get(UNPAID, []) if text != str(token)]
    if UNPAID in browser:
        browser[UNPAID] = kept


def token_of(text: str) -> uuid.UUID | None:
    """The token in an address, or None when it is not one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def selling(session: Session, market: str) -> CycleCard:
    """Enter a market that sells at this moment.

    Raises:
        CycleNotOpen: it does not.
    """
    cycle = enter(session, market)
    if cycle is None or not g.selling:
        raise CycleNotOpen
    return cycle


def basket_view(session: Session, cycle: CycleCard | None) -> BasketView | None:
    """The visitor's basket in a cycle, noted for the frame of the page; None: there is none."""
    if cycle is None:
        return None
    view = baskets.seen_by(session, cycle.id, visitor())
    g.basket_badge = baskets.badge_of(view)
    return view
