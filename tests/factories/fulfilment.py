"""Orders on their way: paid, closed, answered by the farms, picked, delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.accounts.models import Grant
from shop.catalog.models import DeliverySlot
from shop.catalog.services import cycles
from shop.infra.unit_of_work import unit_of_work
from shop.orders.domain.terms import Bearer, FeeKind
from shop.orders.models import FeeRule, Order, OrderLine, PurchaseOrder, PurchaseOrderLine
from shop.orders.services import closing, fulfilment, purchasing
from shop.orders.services.fulfilment import Picked
from tests.factories.orders import NOW, Scene, make_order, make_person
from tests.factories.paying import GOOD, Counter
from tests.factories.visiting import Customer
from worker import dispatch

CLOSED_AT = NOW + timedelta(hours=15)


@dataclass(frozen=True)
class Delivered:
    """One order, and what its customer owes."""

    order_id: int
    final_cents: int


def set_fees(session: Session, scene: Scene) -> None:
    """The platform keeps 2 % and the market 15 % of what producers sell."""
    for kind, percent_bp in ((FeeKind.PLATFORM, 200), (FeeKind.MARKET, 1500)):
        session.add(
            FeeRule(
                market_id=scene.market.id,
                kind=kind,
                percent_bp=percent_bp,
                bearer=Bearer.PRODUCER,
                valid_from=NOW.date() - timedelta(days=400),
            )
        )
    session.flush()


def deliver_late(session: Session, scene: Scene) -> None:
    """Move the slots behind the end of a card hold: cards are kept instead."""
    starts_at = NOW + timedelta(days=9)
    session.execute(
        update(DeliverySlot)
        .where(DeliverySlot.cycle_id == scene.cycle.id)
        .values(starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))
    )


def buy(
    customer: Customer, counter: Counter, *, card: str = GOOD, asked: bool = False, **wanted: int
) -> int:
    """Order and pay on the pages; the key of the order. ``asked``: by the bank too."""
    page = counter.pay(customer.order(**wanted), card)
    if asked:
        counter.answer_bank(page)
    counter.deliver(customer.client)
    dispatch.drain()
    with unit_of_work() as session:
        found = session.scalars(select(Order.id).order_by(Order.id.desc()).limit(1)).one()
        assert session.get_one(Order, found).state == "placed"
    return found


def place_paid(
    session: Session,
    scene: Scene,
    wanted: Mapping[str, int],
    *,
    at: datetime = NOW,
    name: str = "Jeanne Martin",
    slot: str = "relay",
) -> int:
    """An order that is paid as far as our own rows say; its key."""
    made = make_order(session, scene, dict(wanted), at=at, name=name, slot=slot)
    session.execute(
        update(Order).where(Order.id == made.order_id).values(state="placed", placed_at=at)
    )
    session.expire_all()
    return made.order_id


def close(session: Session, scene: Scene, *, at: datetime = CLOSED_AT) -> list[int]:
    """End the sale, make orders firm and ask the farms; keys of the purchase orders."""
    cycles.close_cycle(session, scene.cycle.id, at=at)
    closing.confirm_orders(session, scene.cycle.id, at=at)
    return purchasing.issue(session, scene.cycle.id, at=at)


def hand_over(
    session: Session,
    scene: Scene,
    order_id: int,
    picked: Mapping[str, Picked] | None = None,
    *,
    at: datetime = CLOSED_AT + timedelta(days=2),
    refused: bool = False,
) -> Delivered:
    """Pick lines by the name of the offer, then deliver."""
    lines = {
        row.offer_id: row.id
        for row in session.execute(
            select(OrderLine.offer_id, OrderLine.id).where(OrderLine.order_id == order_id)
        )
    }
    entries = {lines[scene.offers[name]]: said for name, said in (picked or {}).items()}
    fulfilment.set_picked(session, entries)
    fulfilment.mark_delivered(session, order_id, at=at, refused=refused)
    final = session.scalars(select(Order.final_cents).where(Order.id == order_id)).one()
    assert final is not None
    return Delivered(order_id, final)


def purchase_of(session: Session, producer_id: int) -> int:
    """The purchase order of a producer."""
    return session.scalars(
        select(PurchaseOrder.id).where(PurchaseOrder.producer_id == producer_id)
    ).one()


def asked_lines(session: Session, purchase_order_id: int) -> dict[int, tuple[int, int]]:
    """Line and amount ordered by offer."""
    rows = session.execute(
        select(PurchaseOrderLine.offer_id, PurchaseOrderLine.id, PurchaseOrderLine.ordered).where(
            PurchaseOrderLine.purchase_order_id == purchase_order_id
        )
    )
    return {row.offer_id: (row.id, row.ordered) for row in rows}


def answer_with(
    session: Session,
    purchase_order_id: int,
    less: Mapping[int, int],
    *,
    at: datetime,
    note: str | None = None,
) -> None:
    """Answer a purchase order: all that was ordered, except ``less`` by offer."""
    lines = asked_lines(session, purchase_order_id)
    confirmed = {line: less.get(offer, ordered) for offer, (line, ordered) in lines.items()}
    purchasing.answer(session, purchase_order_id, confirmed, note=note, at=at)


def grant(session: Session, role: Role, **place: int) -> int:
    """Somebody with a role at a market, a producer or a pick-up point; their key."""
    person_id = make_person(session, "Delphine Marcellin")
    session.add(Grant(person_id=person_id, role=role, **place))
    session.flush()
    return person_id


def come_in(client: FlaskClient, person_id: int) -> None:
    """Sit down as that person, already signed in."""
    with client.session_transaction() as kept:
        kept["_user_id"] = str(person_id)
        kept["_fresh"] = True
