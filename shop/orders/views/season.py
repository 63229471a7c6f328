"""Season contracts: what members owe the farm directly; the platform only keeps the record."""

from __future__ import annotations

from datetime import date

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import demand, holds
from shop.accounts.domain.roles import Role
from shop.catalog.doors import enter_farm
from shop.catalog.queries import producers
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.errors import ContractUnknown
from shop.orders.queries import contracts as read
from shop.orders.services import contracts
from shop.orders.views import desk_door
from shop.orders.views.producer import bp


@bp.get("/contracts")
@holds(Role.PRODUCER)
def farm_contracts(producer_id: int) -> ResponseReturnValue:
    """The farm's contracts, their dates and instalments."""
    with reading() as session:
        enter_farm(session, producer_id)
        found = read.contracts(session, producer_id=producer_id)
    return render_template(
        "orders/contracts.html", contracts=found, today=clock.now().date(), producer_id=producer_id
    )


@bp.post("/contracts/<int:contract_id>/instalments/<int:position>")
@holds(Role.PRODUCER)
def receive_instalment(producer_id: int, contract_id: int, position: int) -> ResponseReturnValue:
    """The farm says that it has a cheque."""
    who = demand(Role.PRODUCER, producer_id)
    with unit_of_work() as session:
        known = {each.id for each in read.contracts(session, producer_id=producer_id)}
        if contract_id not in known:
            raise ContractUnknown(contract_id=contract_id)
        contracts.receive(
            session,
            contract_id,
            position,
            on=_day(),
            by=who.person_id,
            cheque_number=request.form.get("cheque_number", "")[:40],
            bank=request.form.get("bank", "")[:80],
        )
    flash(_("Noted: you have this instalment."), "success")
    return redirect(url_for("producer_orders.farm_contracts", producer_id=producer_id), code=303)


@bp.post("/contracts/<int:contract_id>/fetched")
@holds(Role.PRODUCER)
def note_fetched(producer_id: int, contract_id: int) -> ResponseReturnValue:
    """The member fetched the basket of a day."""
    demand(Role.PRODUCER, producer_id)
    with unit_of_work() as session:
        known = {each.id for each in read.contracts(session, producer_id=producer_id)}
        if contract_id not in known:
            raise ContractUnknown(contract_id=contract_id)
        noted = contracts.fetch(session, contract_id, _day(), clock.now())
    if noted:
        flash(_("Noted: the basket was fetched."), "success")
    return redirect(url_for("producer_orders.farm_contracts", producer_id=producer_id), code=303)


@desk_door.bp.get("/contracts")
@holds(Role.DESK)
def market_contracts(market: str) -> ResponseReturnValue:
    """Every season contract of the market, to be looked at."""
    with reading() as session:
        desk_door.enter(session, market)
        found = read.contracts(session, market_id=g.market.id)
        farms = {farm.id: farm.name for farm in producers.of_market(session, g.market.id)}
    return render_template(
        "orders/contracts.html",
        contracts=found,
        today=clock.now().date(),
        producer_id=None,
        farms=farms,
    )


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("on", ""))
    except ValueError:
        return clock.now().date()
