"""What stands around each page for the person who looks at it: the market, and open doors.

Every address of another room that appears in the frame of the page is named here, once.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, g, request, url_for
from flask import session as browser
from flask_babel import gettext as _

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
            tuple(
                Link(label, url_for("market.text", market=slug, name=name))
                for name, label in zip(LEGAL, legal, strict=True)
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
        slug = market.slug
        return (
            Link(_("Today"), url_for("today.page", market=slug), "home", exact=True),
            Link(_("Cycles"), url_for("desk.cycles", market=slug), "calendar", group=_("Sell")),
            Link(_("Delivery"), url_for("desk.delivery", market=slug), "pin", group=_("Sell")),
            Link(
                _("Orders"), url_for("orders_desk.orders", market=slug), "list", group=_("Follow")
            ),
            Link(
                _("Purchase orders"),
                url_for("orders_desk.purchase_orders", market=slug),
                "farm",
                group=_("Follow"),
            ),
            Link(
                _("Goods coming in"),
                url_for("receipts.farms", market=slug),
                "crate",
                group=_("Follow"),
            ),
            Link(_("Rounds"), url_for("planner.rounds", market=slug), "truck", group=_("Follow")),
            Link(
                _("Not delivered"),
                url_for("failed_stops.page", market=slug),
                "warning",
                group=_("Follow"),
            ),
            Link(_("Sheets"), url_for("planner.sheets", market=slug), "print", group=_("Follow")),
            Link(_("Money"), url_for("orders_desk.money", market=slug), "euro", group=_("Money")),
            Link(
                _("Till"), url_for("desk_billing.till_page", market=slug), "euro", group=_("Money")
            ),
            Link(
                _("Credit and accounts"),
                url_for("orders_desk.credits_page", market=slug),
                "tag",
                group=_("Money"),
            ),
            Link(
                _("Season contracts"),
                url_for("orders_desk.market_contracts", market=slug),
                "leaf",
                group=_("Money"),
            ),
            Link(_("Fees"), url_for("orders_desk.fees", market=slug), "tag", group=_("Money")),
            Link(
                _("Settlement"),
                url_for("desk_billing.desk_settlements", market=slug),
                "receipt",
                group=_("Money"),
            ),
            Link(
                _("Paying producers"),
                url_for("desk_billing.payouts_page", market=slug),
                "out",
                group=_("Money"),
            ),
            Link(
                _("Legal dates"),
                url_for("desk_billing.delays_page", market=slug),
                "clock",
                group=_("Money"),
            ),
            Link(
                _("Reconciliation"),
                url_for("desk_billing.reconciliation", market=slug),
                "scale",
                group=_("Money"),
            ),
            Link(
                _("Invoices"),
                url_for("invoices_desk.listing", market=slug),
                "receipt",
                group=_("Money"),
            ),
        )
    producer: ProducerCard | None = g.get("producer")
    if side_of == "producer" and producer is not None:
        return (
            Link(_("Today"), url_for("producer.farm", producer_id=producer.id), "home", exact=True),
            Link(_("My products"), url_for("producer.catalogue", producer_id=producer.id), "leaf"),
            Link(_("My files"), url_for("producer.imports", producer_id=producer.id), "upload"),
            Link(
                _("What to bring"),
                url_for("producer_orders.orders", producer_id=producer.id),
                "crate",
            ),
            Link(
                _("What I am owed"),
                url_for("producer_orders.statement", producer_id=producer.id),
                "euro",
            ),
            Link(
                _("Season contracts"),
                url_for("producer_orders.farm_contracts", producer_id=producer.id),
                "leaf",
            ),
            Link(
                _("My statements"),
                url_for("producer_billing.settlements", producer_id=producer.id),
                "receipt",
            ),
            Link(
                _("My invoices"),
                url_for("invoices_producer.listing", producer_id=producer.id),
                "receipt",
            ),
        )
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
    if who.has(Role.RELAY_HOST):
        doors.append(Link(_("My relay point"), url_for("relay.home"), "shop"))
    return tuple(doors)
