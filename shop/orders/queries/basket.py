"""A basket as its visitor sees it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from shop.catalog.queries import offers
from shop.catalog.queries.offers import OfferCard
from shop.infra.places.geocoding import PinBy
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity
from shop.orders.domain.pricing import LinePrice, LineTerms, Totals, price_line, totals
from shop.orders.models import Basket, BasketLine

COOKIE = "basket"
"""Name of the cookie that holds the token; one per market, by its path."""

REMEMBERED = timedelta(hours=12)
"""The head of the page shows a basket that lapsed for so long."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a basket: the token of their cookie, and the account when signed in."""

    token: uuid.UUID | None = None
    person_id: int | None = None

    @classmethod
    def read(cls, raw_token: str | None, person_id: int | None) -> Visitor:
        """The visitor with that cookie; one that makes no sense is as good as none."""
        try:
            token = uuid.UUID(raw_token) if raw_token else None
        except ValueError:
            token = None
        return cls(token, person_id)

    @property
    def is_unknown(self) -> bool:
        """Whether there is nothing to know a basket by."""
        return self.token is None and self.person_id is None

    def owns(self, token: uuid.UUID, person_id: int | None) -> bool:
        """Whether a basket with these two is theirs."""
        if person_id is not None:
            return person_id == self.person_id
        return token == self.token


@dataclass(frozen=True, slots=True)
class BasketCard:
    """A basket without its lines: its state, and what was said of the delivery."""

    id: int
    token: uuid.UUID
    market_id: int
    cycle_id: int
    person_id: int | None
    state: str
    expires_at: datetime
    slot_id: int | None
    contact_name: str | None
    contact_email: str | None
    contact_phone: str | None
    address: str | None
    postcode: str | None
    commune: str | None
    commune_insee: str | None
    lon: float | None
    lat: float | None
    pin_by: PinBy | None
    door_code: str | None
    note: str | None

    @property
    def holds(self) -> bool:
        """Whether its goods are put aside; otherwise the time is over."""
        return self.state == "open"


COLUMNS = (
    Basket.id,
    Basket.token,
    Basket.market_id,
    Basket.cycle_id,
    Basket.person_id,
    Basket.state,
    Basket.expires_at,
    Basket.slot_id,
    Basket.contact_name,
    Basket.contact_email,
    Basket.contact_phone,
    Basket.address,
    Basket.postcode,
    Basket.commune,
    Basket.commune_insee,
    Basket.lon,
    Basket.lat,
    Basket.pin_by,
    Basket.door_code,
    Basket.note,
)
"""In the order of ``BasketCard``."""

_UNORDERED = select(*COLUMNS).where(Basket.state != "ordered").order_by(Basket.id)


@dataclass(frozen=True, slots=True)
class BasketItem:
    """One line: the offer, how much of it, and what that costs."""

    offer: OfferCard
    amount: int
    terms: LineTerms
    price: LinePrice

    @property
    def quantity(self) -> Quantity:
        """The amount in the unit of the offer."""
        return Quantity(self.amount, self.offer.unit)


@dataclass(frozen=True, slots=True)
class BasketView:
    """A basket with its lines, by producer, and their sums without delivery."""

    card: BasketCard
    items: tuple[BasketItem, ...]
    sums: Totals

    @property
    def by_producer(self) -> list[tuple[str, list[BasketItem]]]:
        """Lines under the name of who sells them."""
        groups: dict[str, list[BasketItem]] = {}
        for item in self.items:
            groups.setdefault(item.offer.producer_name, []).append(item)
        return list(groups.items())

    @property
    def has_weighed(self) -> bool:
        """Whether a price will follow the weight."""
        return any(item.terms.is_weighed for item in self.items)


@dataclass(frozen=True, slots=True)
class Badge:
    """A basket as the head of each page shows it."""

    lines: int
    total_cents: int
    held_until: datetime | None
    amounts: dict[int, int]


def terms_of(offer: OfferCard) -> LineTerms:
    """How an offer is priced."""
    return LineTerms(
        price=offer.price,
        unit=offer.unit,
        content=offer.content,
        nominal_g=offer.nominal_g,
        margin_bp=offer.margin_bp,
        deposit_cents=offer.deposit_cents,
    )


def theirs(visitor: Visitor) -> ColumnElement[bool]:
    """Condition: baskets that the cookie or the account names."""
    known: list[ColumnElement[bool]] = []
    if visitor.token is not None:
        known.append(Basket.token == visitor.token)
    if visitor.person_id is not None:
        known.append(Basket.person_id == visitor.person_id)
    return or_(*known)


def choose(visitor: Visitor, cards: list[BasketCard]) -> BasketCard | None:
    """Of several baskets the one of the cookie, else the latest."""
    owned = [card for card in cards if visitor.owns(card.token, card.person_id)]
    of_cookie = [card for card in owned if card.token == visitor.token]
    found = of_cookie or owned
    return found[-1] if found else None


def find(session: Session, cycle_id: int, visitor: Visitor) -> BasketCard | None:
    """The visitor's basket in a cycle that is not ordered yet, or None."""
    if visitor.is_unknown:
        return None
    rows = session.execute(unordered(cycle_id, visitor))
    return choose(visitor, [BasketCard(*tuple(row)) for row in rows])


def unordered(cycle_id: int, visitor: Visitor) -> Select[*tuple[Any, ...]]:
    """Question for the visitor's baskets of a cycle that may still change, oldest first."""
    return _UNORDERED.where(theirs(visitor), Basket.cycle_id == cycle_id)


def amounts(session: Session, basket_id: int) -> dict[int, int]:
    """What is in a basket, by offer, in the order in which it was put there."""
    rows = session.execute(_AMOUNTS, {"basket_id": basket_id})
    return {row.offer_id: row.amount for row in rows}


_AMOUNTS = (
    select(BasketLine.offer_id, BasketLine.amount)
    .where(BasketLine.basket_id == bindparam("basket_id"))
    .order_by(BasketLine.id)
)


def amounts_of(session: Session, cycle_id: int, visitor: Visitor) -> dict[int, int]:
    """The same for whoever looks at the shelf, in one question; empty without a basket."""
    card = find(session, cycle_id, visitor)
    return {} if card is None else amounts(session, card.id)


def seen_by(session: Session, cycle_id: int, visitor: Visitor) -> BasketView | None:
    """The visitor's basket in a cycle with its lines and prices, or None; two questions."""
    if visitor.is_unknown:
        return None
    rows = session.execute(
        unordered(cycle_id, visitor)
        .add_columns(BasketLine.offer_id, BasketLine.amount)
        .outerjoin(BasketLine, BasketLine.basket_id == Basket.id)
        .order_by(BasketLine.id)
    )
    contents: dict[BasketCard, dict[int, int]] = {}
    for row in rows:
        *columns, offer_id, amount = tuple(row)
        lines = contents.setdefault(BasketCard(*columns), {})
        if offer_id is not None:
            lines[offer_id] = amount
    card = choose(visitor, list(contents))
    return None if card is None else priced(card, contents[card], session)


def view(session: Session, card: BasketCard) -> BasketView:
    """The lines of a basket with their prices as they are now."""
    return priced(card, amounts(session, card.id), session)


def priced(card: BasketCard, wanted: Mapping[int, int], session: Session) -> BasketView:
    """``wanted`` with the prices of its offers, by producer and name."""
    return with_prices(card, wanted, offers.by_ids(session, wanted))


def with_prices(
    card: BasketCard, wanted: Mapping[int, int], found: Mapping[int, OfferCard]
) -> BasketView:
    """The same from offers that were read already."""
    items = []
    for offer_id, amount in wanted.items():
        if (offer := found.get(offer_id)) is None:
            continue
        terms = terms_of(offer)
        items.append(BasketItem(offer, amount, terms, price_line(terms, amount)))
    items.sort(key=lambda item: (item.offer.producer_name, item.offer.name, item.offer.id))
    sums = totals((item.price for item in items), Money.zero())
    return BasketView(card, tuple(items), sums)


def badge(session: Session, market_id: int, visitor: Visitor, now: datetime) -> Badge | None:
    """What the head of the page shows; None without a basket. Two questions at most."""
    if visitor.is_unknown:
        return None
    rows = session.execute(
        select(
            Basket.id,
            Basket.token,
            Basket.person_id,
            Basket.state,
            Basket.expires_at,
            BasketLine.offer_id,
            BasketLine.amount,
        )
        .join(BasketLine, BasketLine.basket_id == Basket.id)
        .where(theirs(visitor), Basket.market_id == market_id, Basket.state != "ordered")
        .where(Basket.expires_at > now - REMEMBERED)
        .order_by(Basket.token != visitor.token, Basket.id.desc(), BasketLine.id)
    ).all()
    mine = [row for row in rows if visitor.owns(row.token, row.person_id)]
    if not mine:
        return None
    wanted = {row.offer_id: row.amount for row in mine if row.id == mine[0].id}
    found = offers.by_ids(session, wanted)
    prices = [
        price_line(terms_of(found[offer_id]), amount)
        for offer_id, amount in wanted.items()
        if offer_id in found
    ]
    return Badge(
        lines=len(prices),
        total_cents=totals(prices, Money.zero()).estimate.cents,
        held_until=mine[0].expires_at if mine[0].state == "open" else None,
        amounts=wanted,
    )


def badge_of(view: BasketView | None) -> Badge | None:
    """The same from a basket that was read already."""
    if view is None or not view.items:
        return None
    return Badge(
        lines=len(view.items),
        total_cents=view.sums.estimate.cents,
        held_until=view.card.expires_at if view.card.holds else None,
        amounts={item.offer.id: item.amount for item in view.items},
    )
