"""Answer a bank from the desk: what we know of a contested order, and what is handed in."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.domain.evidence import LIMITS, Evidence, urgency
from shop.orders.errors import EvidenceRefused
from shop.orders.ports.witnessing import HandoverWitness, Witnessed
from shop.orders.queries import disputes, order_file
from shop.orders.queries.order_file import LineFile, OrderFile
from shop.orders.services import evidence
from shop.orders.views import desk_words
from shop.orders.views.desk_door import bp, enter
from shop.web.formats import day, kilograms, moment, money, quantity


@bp.get("/money/disputes/<int:dispute_id>")
@holds(Role.DESK)
def dispute(market: str, dispute_id: int) -> ResponseReturnValue:
    """All that we know of a contested order, put into words that can be handed in."""
    return _page(market, dispute_id)


@bp.post("/money/disputes/<int:dispute_id>")
@holds(Role.DESK)
def answer_dispute(market: str, dispute_id: int) -> ResponseReturnValue:
    """Note what is said; the worker hands it in."""
    typed = {name: request.form.get(name, "") for name in LIMITS}
    if not request.form.get("read"):
        unread = {"read": _("Please read it first: a bank listens once.")}
        return _page(market, dispute_id, typed, unread, 422)
    try:
        with unit_of_work() as session:
            by = enter(session, market)
            evidence.answer(
                session, g.market.id, dispute_id, Evidence(typed), at=clock.now(), by=by
            )
    except EvidenceRefused as error:
        field = error.facts.get("field", "whole")
        status = 422 if "field" in error.facts else 409
        return _page(market, dispute_id, typed, {field: why_not(error.facts["why"])}, status)
    flash(_("The bank gets it now. It decides in some weeks."), "success")
    return redirect(url_for("orders_desk.dispute", market=market, dispute_id=dispute_id), code=303)


def why_not(code: str) -> str:
    """What stands in the way of an answer."""
    names: dict[str | None, str] = {
        "unknown": _("There is no such dispute."),
        "decided": _("The bank has decided already."),
        "late": _("The bank does not listen any more: the last day is over."),
        "empty": _("Please say something."),
        "too_long": _("This is too long: the payment provider would cut it."),
        "answered": _("This was answered already; a bank listens once."),
    }
    return names.get(code, code)


def _page(
    market: str,
    dispute_id: int,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    now = clock.now()
    with reading() as session:
        enter(session, market)
        row = disputes.by_id(session, g.market.id, dispute_id)
        file = order_file.read(session, g.market.id, row.number)
        seen = port(HandoverWitness).witnessed(session, file.order.id)
        answers = disputes.answers(session, dispute_id)
    html = render_template(
        "orders/desk_dispute.html",
        row=row,
        file=file,
        order=file.order,
        seen=seen,
        answers=answers,
        urgency=urgency(row.evidence_by, now) if row.is_open else "none",
        can_answer=row.state == "open"
        and row.answer_state is None
        and urgency(row.evidence_by, now) in ("near", "far"),
        typed=typed or composed(file, seen),
        problems=problems or {},
        limits=LIMITS,
    )
    return html, status


def composed(file: OrderFile, seen: tuple[Witnessed, ...]) -> dict[str, str]:
    """The answer as we would give it: what was ordered, agreed, handed over, and told."""
    order, zone = file.order, ZoneInfo(g.market.timezone)
    served = [each for each in seen if each.is_served]
    handed = served[-1].at.astimezone(zone) if served else None
    where = f"{order.address}, {order.postcode} {order.commune}"
    if order.pickup is not None:
        where = f"{order.pickup.name}, {where}"
    return {
        "customer_name": order.contact_name,
        "customer_email_address": order.contact_email,
        "shipping_address": where,
        "shipping_date": f"{handed:%Y-%m-%d}" if handed else "",
        "service_date": f"{order.slot_starts_at.astimezone(zone):%Y-%m-%d}",
        "product_description": "\n".join(_line(line) for line in file.lines),
        "uncategorized_text": "\n".join([*_agreed(file), *_handed(seen, zone), *_told(file)]),
    }


def _line(line: LineFile) -> str:
    """One line of the order: what was ordered, weighed, and charged for it."""
    said: str = _("%(name)s: %(amount)s", name=line.product_name, amount=quantity(line.ordered))
    if line.picked_g is not None:
        said += ", " + _("weighed %(weight)s", weight=kilograms(line.picked_g))
    if line.billed is not None:
        said += ", " + _("charged %(amount)s", amount=money(line.billed))
    return said


def _agreed(file: OrderFile) -> list[str]:
    order = file.order
    return [
        _(
            "Order %(number)s of %(day)s, under our terms of sale %(terms)s.",
            number=order.number,
            day=day(order.created_at),
            terms=order.terms_version,
        ),
        _(
            "Agreed before it was ordered: never more than %(ceiling)s. Charged: %(final)s.",
            ceiling=money(order.ceiling),
            final=money(order.final) if order.final is not None else "–",
        ),
    ]


def _handed(seen: tuple[Witnessed, ...], zone: ZoneInfo) -> list[str]:
    said = []
    for each in seen:
        at = moment(each.at.astimezone(zone))
        if each.is_served and each.receiver:
            said.append(_("Handed over on %(at)s to %(name)s.", at=at, name=each.receiver))
        elif each.is_served:
            said.append(_("Handed over on %(at)s.", at=at))
        else:
            said.append(_("Not handed over on %(at)s. %(note)s", at=at, note=each.note).strip())
    return said


def _told(file: OrderFile) -> list[str]:
    return [
        _(
            "Mail to the customer on %(at)s: %(what)s.",
            at=moment(letter.sent_at),
            what=desk_words.letter(letter.topic),
        )
        for letter in file.letters
        if letter.sent_at is not None
    ]
