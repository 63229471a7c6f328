"""Prove the books, and give messages that were given up another chance."""

from __future__ import annotations

import sys
from datetime import timedelta

import click

from shop.billing.queries import proofs as billing_proofs
from shop.billing.services import provider_movements
from shop.catalog.services import allotment
from shop.cli.answers import in_application, json_option, say, table
from shop.infra import clock, outbox
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayError
from shop.orders.ports import PaymentGateway
from shop.orders.queries import accounts

SHOWN = 8
"""Wrong records named for people; JSON names them all."""


@click.command("check-ledger")
@json_option
@in_application
def check_ledger(as_json: bool) -> None:
    """Prove that the ledger balances to the cent and that goods add up; status 1 when not."""
    with reading() as session:
        proofs = [*accounts.prove(session), *billing_proofs.prove(session)]
        lost = allotment.check(session)
    proofs += _provider_agrees()
    holds = all(proof.holds for proof in proofs) and not lost
    rows: list[tuple[object, ...]] = [
        (proof.name.replace("_", " "), proof.checked, _verdict(list(proof.wrong)))
        for proof in proofs
    ]
    offers = [f"offer {each.offer_id}" for each in lost]
    rows.append(("allotments are their movements", "", _verdict(offers)))
    value = {"holds": holds, "proofs": proofs, "allotments": lost}
    end = "Everything adds up." if holds else "Something does not add up."
    say(value, [*table(["proof", "checked", "wrong"], rows), end], as_json=as_json)
    if not holds:
        sys.exit(1)


def _provider_agrees() -> list[accounts.LedgerProof]:
    """The provider's balance against the ledger; nothing when the provider does not answer."""
    gateway, now = port(PaymentGateway), clock.now()
    with reading() as session:
        since = provider_movements.last_at(session, now)
    try:
        entries = gateway.balance_entries(since, now + timedelta(seconds=1))
        held = gateway.balance()
    except GatewayError:
        return []
    with reading() as session:
        missing = provider_movements.difference(session, held, entries)
    wrong = (f"{missing} €",) if missing else ()
    return [accounts.LedgerProof("provider_holds_what_it_says", 1, wrong)]


def _verdict(wrong: list[str]) -> str:
    if not wrong:
        return "none"
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return ", ".join(wrong[:SHOWN]) + more


@click.command("replay-outbox")
@click.option("--id", "ids", type=int, multiple=True, help="Only this message; may be repeated.")
@json_option
@in_application
def replay_outbox(ids: tuple[int, ...], as_json: bool) -> None:
    """Give messages that wait or were given up another chance, now."""
    with unit_of_work() as session:
        replayed = outbox.replay(session, list(ids) or None)
        waiting = outbox.waiting(session)
    value = {"replayed": replayed, **waiting}
    lines = [f"{replayed} messages will be handled again; {waiting['waiting']} wait."]
    say(value, lines, as_json=as_json)
