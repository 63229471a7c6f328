"""Letters about season contracts: one to be signed, one that was."""

from __future__ import annotations

from shop.catalog.queries import markets, producers
from shop.infra.unit_of_work import reading
from shop.orders.errors import ContractUnknown
from shop.orders.queries import contracts as read
from shop.orders.services.contracts import MAIL_CONTRACT
from worker.handlers import handles
from worker.letters import address_of, send_letter


@handles(MAIL_CONTRACT)
def send_season_contract(contract_id: int) -> None:
    """Send the member the text, with the page on which it is signed; nothing when it is gone."""
    with reading() as session:
        try:
            contract = read.by_id(session, contract_id)
        except ContractUnknown:
            return
        market = markets.by_id(session, contract.market_id)
        farm = producers.by_id(session, contract.producer_id)
    if contract.token is None:
        return
    send_letter(
        "orders/mail/season_contract",
        to=contract.member_email,
        language="fr",
        key=f"season-contract.{contract.id}.{contract.state}",
        contract=contract,
        market=market,
        farm=farm,
        contract_url=address_of("orders.contract", market=market.slug, token=contract.token),
    )
