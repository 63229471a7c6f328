"""Connected accounts, and shares of a payment sent to them and taken back."""

from __future__ import annotations

from collections.abc import Iterator

from shop.simulators.stripe.books import Books, Thing, with_metadata
from shop.simulators.stripe.charges import move
from shop.simulators.stripe.refunds import euros
from shop.simulators.stripe.refusal import Refusal
from shop.simulators.stripe.wire import Params


def create_account(books: Books, params: Params) -> Thing:
    """A connected account; its owner is taken to have completed it."""
    wanted = params.get("capabilities", {})
    account = books.add(
        "acct",
        {
            "object": "account",
            "business_profile": None,
            "business_type": params.get("business_type"),
            "capabilities": dict.fromkeys(wanted, "active"),
            "charges_enabled": "card_payments" in wanted,
            "controller": params.get("controller", {}),
            "country": params.get("country", "FR"),
            "created": books.now,
            "default_currency": "eur",
            "details_submitted": True,
            "email": params.get("email"),
            "metadata": {},
            "payouts_enabled": True,
            "type": params.get("type", "none"),
        },
    )
    with_metadata(account, params.get("metadata", {}).items())
    books.save(account)
    return account


def retrieve_account(books: Books, params: Params, account_id: str) -> Thing:
    """A connected account as it is."""
    return books.need("account", account_id, "account", 404)


def create_transfer(books: Books, params: Params) -> Thing:
    """Send a share to a connected account."""
    amount = params["amount"]
    if amount < 1:
        raise Refusal("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if params["currency"] != "eur":
        raise Refusal(f"Invalid currency: {params['currency']}.", param="currency")
    books.need("account", params["destination"], "destination")
    available_on, group = check_source(books, params, amount)
    transfer = books.add(
        "tr",
        {
            "object": "transfer",
            "amount": amount,
            "amount_reversed": 0,
            "balance_transaction": None,
            "created": books.now,
            "currency": "eur",
            "description": params.get("description"),
            "destination": params["destination"],
            "destination_payment": None,
            "livemode": False,
            "metadata": {},
            "reversals": None,
            "reversed": False,
            "source_transaction": params.get("source_transaction"),
            "source_type": "card",
            "transfer_group": params.get("transfer_group", group),
        },
        parent=params.get("source_transaction"),
    )
    movement = move(
        books,
        "transfer",
        -amount,
        transfer["id"],
        available_on=available_on,
        description=params.get("description"),
    )
    transfer["balance_transaction"] = movement["id"]
    transfer["reversals"] = reversals_of(books, transfer["id"])
    with_metadata(transfer, params.get("metadata", {}).items())
    books.save(transfer)
    books.tell("transfer.created", transfer)
    return transfer


def check_source(books: Books, params: Params, amount: int) -> tuple[int, str | None]:
    """When the money of a transfer is there, and the group it belongs to.

    Raises:
        Refusal: more than its charge brought, or more than is payable now.
    """
    source = params.get("source_transaction")
    if source is None:
        ready, _ = books.balance()
        if amount > ready:
            raise Refusal(
                "You have insufficient available funds in your Stripe account. Try adding funds "
                "directly to your available balance by creating Charges using the 4000000000000077"
                " test card. See: https://stripe.com/docs/testing#available-balance",
                code="balance_insufficient",
            )
        return books.now, None
    charge = books.need("charge", source, "source_transaction")
    if not charge["captured"]:
        raise Refusal(
            f"The charge {source} has not been captured and cannot be a source_transaction.",
            param="source_transaction",
        )
    sent = sum(transfer["amount"] for transfer in books.all_of("transfer", source))
    if sent + amount > charge["amount_captured"]:
        raise Refusal(
            f"The transfers of this source_transaction ({euros(sent + amount)}) would be greater "
            f"than its amount ({euros(charge['amount_captured'])}).",
            param="amount",
        )
    movement = books.need("balance_transaction", charge["balance_transaction"], "id")
    return movement["available_on"], charge["transfer_group"]


def reversals_of(books: Books, transfer_id: str) -> Thing:
    """Everything that was taken back, as a list object."""
    return {
        "object": "list",
        "data": books.all_of("transfer_reversal", transfer_id),
        "has_more": False,
        "url": f"/v1/transfers/{transfer_id}/reversals",
    }


def create_reversal(books: Books, params: Params, transfer_id: str) -> Thing:
    """Take a transfer back, or a part."""
    transfer = books.need("transfer", transfer_id, "id", 404)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = params.get("amount", left)
    if left == 0:
        raise Refusal(f"The transfer {transfer_id} is already fully reversed.")
    if amount < 1 or amount > left:
        raise Refusal(
            f"Reversal amount ({euros(amount)}) is greater than unreversed amount ({euros(left)})",
            param="amount",
        )
    reversal = books.add(
        "trr",
        {
            "object": "transfer_reversal",
            "amount": amount,
            "balance_transaction": None,
            "created": books.now,
            "currency": "eur",
            "destination_payment_refund": None,
            "metadata": {},
            "source_refund": None,
            "transfer": transfer_id,
        },
        parent=transfer_id,
    )
    movement = move(
        books,
        "transfer_refund",
        amount,
        reversal["id"],
        category="transfer_reversal",
        description=params.get("description"),
    )
    reversal["balance_transaction"] = movement["id"]
    with_metadata(reversal, params.get("metadata", {}).items())
    books.save(reversal)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"] = reversals_of(books, transfer_id)
    books.save(transfer)
    books.tell("transfer.reversed", transfer)
    return reversal


def retrieve_transfer(books: Books, params: Params, transfer_id: str) -> Thing:
    """A transfer as it is."""
    return books.need("transfer", transfer_id, "id", 404)


def list_transfers(books: Books, params: Params) -> Iterator[Thing]:
    """Transfers, newest first."""
    return (
        transfer
        for transfer in books.stream("transfer", params)
        if params.get("destination") in (None, transfer["destination"])
        and params.get("transfer_group") in (None, transfer["transfer_group"])
    )


def list_reversals(books: Books, params: Params, transfer_id: str) -> Iterator[Thing]:
    """What was taken back of a transfer, newest first."""
    books.need("transfer", transfer_id, "id", 404)
    return (
        reversal
        for reversal in books.stream("transfer_reversal", params)
        if reversal["transfer"] == transfer_id
    )
