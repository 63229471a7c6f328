"""Give money back from the desk: which lines, how much, why, and on which way."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.money import Money
from shop.orders.domain.terms import RefundReason, RefundWay
from shop.orders.errors import RefundRefused, RefundTooLarge
from shop.orders.queries import order_file
from shop.orders.queries import refunds as queries
from shop.orders.queries.refunds import Left
from shop.orders.services import refunds
from shop.orders.services.refunds import Wish
from shop.orders.views.desk_door import bp, enter
from shop.orders.views.typed import money_of
from shop.web.formats import money

NOTE_MAX = 300


@bp.get("/orders/<number>/refund")
@holds(Role.DESK)
def refund(market: str, number: str) -> ResponseReturnValue:
    """The lines of a paid order, what is left of each, and what was given back."""
    return _page(market, number, {}, {})


@bp.post("/orders/<number>/refund")
@holds(Role.DESK)
def give_refund(market: str, number: str) -> ResponseReturnValue:
    """Note the refund; the worker hands it over. The same form sent twice is one refund."""
    typed = request.form
    with reading() as session:
        enter(session, market)
        file = order_file.read(session, g.market.id, number)
        left = queries.left(session, file.order.id)
    wish, problems = _read(typed, left)
    if wish is None:
        return _page(market, number, typed, problems, 422)
    try:
        with unit_of_work() as session:
            by = enter(session, market)
            refunds.ask(
                session,
                file.order.id,
                wish,
                key=f"desk-{_form_key(typed)}",
                at=clock.now(),
                by=by,
            )
    except RefundTooLarge as error:
        said = _("At most %(amount)s can be given back.", amount=money(Money(error.facts["left"])))
        return _page(market, number, typed, {error.facts["field"]: said}, 422)
    except RefundRefused as error:
        return _page(market, number, typed, {"total": why_not(error.facts["why"])}, 409)
    flash(
        _("%(amount)s are given back; the customer is told.", amount=money(wish.total)), "success"
    )
    return redirect(url_for("orders_desk.order", market=market, number=number), code=303)


def why_not(code: str | None) -> str:
    """What stands in the way of a refund."""
    names: dict[str | None, str] = {
        None: "",
        "not_settled": _("Nothing was paid yet: there is nothing to give back."),
        "disputed": _("The customer contests this payment at the bank: answer there first."),
        "nobody": _("The customer has no account: credit has nowhere to go."),
        "not_by_card": _("Nothing was paid by card: give credit instead."),
    }
    return names.get(code, code or "")


def _read(typed: Mapping[str, str], left: Left) -> tuple[Wish | None, dict[str, str]]:
    """The wish, or what is wrong with it by field."""
    problems: dict[str, str] = {}
    if typed.get("way") not in set(RefundWay):
        problems["way"] = _("Please say on which way.")
    if typed.get("reason") not in set(RefundReason):
        problems["reason"] = _("Please say why: the customer reads it.")
    amounts: dict[str, Money] = {}
    for name in [*(f"line-{line.id}" for line in left.lines), "deposits", "delivery"]:
        amount = money_of(typed.get(name, ""))
        if amount is None:
            problems[name] = _("An amount like 4,50.")
        else:
            amounts[name] = amount
    if problems:
        return None, problems
    reason, way = RefundReason(typed["reason"]), RefundWay(typed["way"])
    note = typed.get("note", "").strip()[:NOTE_MAX]
    if typed.get("whole"):
        return refunds.whole(left, reason, way, note), {}
    wish = Wish(
        reason=reason,
        way=way,
        lines={line.id: amounts[f"line-{line.id}"] for line in left.lines},
        deposits=amounts["deposits"],
        delivery=amounts["delivery"],
        note=note,
    )
    if not wish.total:
        return None, {"total": _("Nothing is given back yet: type an amount at a line.")}
    return wish, {}


def _form_key(typed: Mapping[str, str]) -> str:
    try:
        return str(uuid.UUID(typed.get("key", "")))
    except ValueError:
        return str(uuid.uuid4())


def _page(
    market: str,
    number: str,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    status: int = 200,
) -> ResponseReturnValue:
    with reading() as session:
        enter(session, market)
        file = order_file.read(session, g.market.id, number)
        left = queries.left(session, file.order.id)
        given = queries.of_order(session, file.order.id)
    html = render_template(
        "orders/desk_refund.html",
        order=file.order,
        left=left,
        given=given,
        typed=typed,
        problems=problems,
        key=typed.get("key") or str(uuid.uuid4()),
        reasons=list(RefundReason),
        obstacle=why_not(left.why_not),
    )
    return html, status
