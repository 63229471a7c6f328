"""What stands around each page for the person who looks at it: the market, and open doors.

Every address of another room that appears in the frame of the page is named here, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request, url_for
from flask import session as browser
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shop.accounts.access import current_identity
from shop.accounts.domain.roles import Identity, Role
from shop.catalog.queries.markets import MarketCard
from shop.catalog.queries.producers import ProducerCard
from shop.infra import clock
from shop.infra.unit_of_work import reading
from shop.orders.queries import my_orders
from shop.orders.queries.basket import COOKIE, Visitor, badge
from shop.web.locale import chosen_language
from shop.web.shell import Account, BasketBadge, Link, Shell, UnpaidBadge

TELLS_UNPAID = ("market.home", "orders.basket")
"""Pages that tell of an order that waits for its payment."""

LEGAL = ("terms", "legal", "privacy", "ranking")


@dataclass(frozen=True, slots=True)
class Way:
    """A row of the column beside the pages of the desk or of a farm."""

    label: LazyString
    endpoint: str
    icon: str
    group: LazyString | str = ""
    exact: bool = False

    def link(self, **place: Any) -> Link:
        """The row at that market or farm, in the person's language."""
        url = url_for(self.endpoint, **place)
        return Link(str(self.label), url, self.icon, group=str(self.group), exact=self.exact)


SELL, FOLLOW, MONEY = _l("Sell"), _l("Follow"), _l("Money")

DESK = (
    Way(_l("Today"), "today.page", "home", exact=True),
    Way(_l("Cycles"), "desk.cycles", "calendar", SELL),
    Way(_l("Delivery"), "desk.delivery", "pin", SELL),
    Way(_l("Orders"), "orders_desk.orders", "list", FOLLOW),
    Way(_l("Purchase orders"), "orders_desk.purchase_orders", "farm", FOLLOW),
    Way(_l("Goods coming in"), "receipts.farms", "crate", FOLLOW),
    Way(_l("Rounds"), "planner.rounds", "truck", FOLLOW),
    Way(_l("Not delivered"), "failed_stops.page", "warning", FOLLOW),
    Way(_l("Sheets"), "planner.sheets", "print", FOLLOW),
    Way(_l("Other platforms"), "exchange.files", "upload", FOLLOW),
    Way(_l("Money"), "orders_desk.money", "euro", MONEY),
    Way(_l("Till"), "desk_billing.till_page", "euro", MONEY),
    Way(_l("Credit and accounts"), "orders_desk.credits_page", "tag", MONEY),
    Way(_l("Season contracts"), "orders_desk.market_contracts", "leaf", MONEY),
    Way(_l("Fees"), "orders_desk.fees", "tag", MONEY),
    Way(_l("Settlement"), "desk_billing.desk_settlements", "receipt", MONEY),
    Way(_l("Paying producers"), "desk_billing.payouts_page", "out", MONEY),
    Way(_l("Legal dates"), "desk_billing.delays_page", "clock", MONEY),
    Way(_l("Reconciliation"), "desk_billing.reconciliation", "scale", MONEY),
    Way(_l("Invoices"), "invoices_desk.listing", "receipt", MONEY),
)
"""The desk's column, from the top."""

FARM = (
    Way(_l("Today"), "producer.farm", "home", exact=True),
    Way(_l("My products"), "producer.catalogue", "leaf"),
    Way(_l("My files"), "producer.imports", "upload"),
    Way(_l("Where the truck comes"), "producer.gate", "pin"),
    Way(_l("What to bring"), "producer_orders.orders", "crate"),
    Way(_l("What I am owed"), "producer_orders.statement", "euro"),
    Way(_l("Season contracts"), "producer_orders.farm_contracts", "leaf"),
    Way(_l("My statements"), "producer_billing.settlements", "receipt"),
    Way(_l("My invoices"), "invoices_producer.listing", "receipt"),
)
"""A producer's column, from the top."""


def build_shell() -> Shell:
    """The frame of the page that is being made."""
    who = current_identity()
    market: MarketCard | None = g.get("market")
    sign_in = url_for("accounts.sign_in", next=request.full_path.rstrip("?"))
    shared = {
        "account": Account(who.name, _doors(who), url_for("accounts.sign_out")) if who else None,
        "sign_in_url": "" if who else sign_in,
        "simulation": current_app.config["SIMULATION"],
        "mailbox_url": current_app.config.get("MAILBOX_URL") or "",
        "side": _side(market),
    }
    if market is None:
        return Shell(**shared)
    nav, legal = _ways(market.slug)
    return Shell(
        name=market.name,
        tagline=market.territory,
        home_url=url_for("market.home", market=market.slug),
        nav=nav,
        basket=_basket(market, who),
        legal=legal,
        unpaid=_unpaid(market, who),
        **shared,
    )


def _ways(slug: str) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    """Where one can go from each page of a market; put together once for each language."""
    kept: dict[Any, tuple[tuple[Link, ...], tuple[Link, ...]]]
    kept = current_app.extensions.setdefault("carriole.ways", {})
    key = (slug, chosen_language(), request.script_root)
    if key not in kept:
        legal = (_("Terms of sale"), _("Legal notice"), _("Privacy"), _("How we rank, who sells"))
        kept[key] = (
            (
                Link(_("The shelf"), url_for("market.shelf", market=slug)),
                Link(_("The producers"), url_for("market.producers", market=slug)),
                Link(_("Where and when"), url_for("market.delivery", market=slug)),
            ),
            (
                Link(_("Gift vouchers"), url_for("orders.vouchers", market=slug)),
                *(
                    Link(label, url_for("market.text", market=slug, name=name))
                    for name, label in zip(LEGAL, legal, strict=True)
                ),
            ),
        )
    return kept[key]


def _basket(market: MarketCard, who: Identity | None) -> BasketBadge:
    """What the visitor has put aside in this market."""
    visitor = Visitor.read(request.cookies.get(COOKIE), who.person_id if who else None)
    found = g.get("basket_badge")
    if "basket_badge" not in g and not visitor.is_unknown:
        with reading() as session:
            found = badge(session, market.id, visitor, clock.now())
    return BasketBadge(
        url=url_for("orders.basket", market=market.slug),
        add_url=url_for("orders.put", market=market.slug),
        lines=found.lines if found else 0,
        total_cents=found.total_cents if found else 0,
        held_until=found.held_until if found else None,
        amounts=found.amounts if found else {},
    )


def _unpaid(market: MarketCard, who: Identity | None) -> UnpaidBadge | None:
    """The order that the visitor has not paid; only where somebody may have one."""
    tokens = my_orders.tokens_of(browser.get(my_orders.UNPAID, []))
    if request.endpoint not in TELLS_UNPAID or (not tokens and who is None):
        return None
    person_id = who.person_id if who else None
    with reading() as session:
        found = my_orders.unpaid(
            session, market.id, clock.now(), tokens=tokens, person_id=person_id
        )
    if found is None:
        return None
    return UnpaidBadge(
        number=found.number,
        pay_by=found.pay_by,
        pay_url=url_for("orders.pay", market=market.slug, token=found.token),
        give_up_url=url_for("orders.give_up", market=market.slug, token=found.token),
    )


def _side(market: MarketCard | None) -> tuple[Link, ...]:
    """The column of the desk, or of a producer's pages."""
    side_of: str | None = g.get("side_of")
    if side_of == "desk" and market is not None:
        return tuple(way.link(market=market.slug) for way in DESK)
    producer: ProducerCard | None = g.get("producer")
    if side_of == "producer" and producer is not None:
        return tuple(way.link(producer_id=producer.id) for way in FARM)
    return ()


def _doors(who: Identity) -> tuple[Link, ...]:
    """Pages that the person's roles open."""
    doors = [
        Link(_("Go shopping"), url_for("market.index"), "basket"),
        Link(_("My orders"), url_for("orders.mine"), "list"),
        Link(_("My credit"), url_for("orders.my_credit"), "euro"),
    ]
    if who.has(Role.DESK):
        doors.append(Link(_("The desk"), url_for("desk.home"), "chart"))
    if who.has(Role.PRODUCER):
        doors.append(Link(_("My farm"), url_for("producer.home"), "leaf"))
    if who.has(Role.PREPARER):
        doors.append(Link(_("Preparing"), url_for("picker.home"), "scale"))
    if who.has(Role.DRIVER):
        doors.append(Link(_("My rounds"), url_for("driver.home"), "truck"))
    if who.has(Role.PREPARER) or who.has(Role.DRIVER):
        doors.append(Link(_("My till"), url_for("my_till.page"), "euro"))
    if who.has(Role.RELAY_HOST):
        doors.append(Link(_("My relay point"), url_for("relay.home"), "shop"))
    return tuple(doors)
