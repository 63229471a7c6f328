"""The demo's payments and its ledger, by the rules of the orders room."""

from __future__ import annotations

from datetime import datetime, timedelta

from shop.billing.models import MoneyMovement, MovementMatch
from shop.demo.orders import Placed, Shop
from shop.demo.rows import Values
from shop.kernel.money import Money
from shop.kernel.quantity import Unit
from shop.orders.domain.fees import Zone, chosen, from_json
from shop.orders.domain.ledger import (
    Account,
    Posting,
    balanced,
    capture_postings,
    sale_facts,
    sale_postings,
)
from shop.orders.domain.lifecycles import ORDER, PAYMENT
from shop.orders.domain.sale import SoldLine, sale_of
from shop.orders.domain.terms import AccountKind, Bearer, OperationKind, OperationState, PaymentKind
from shop.orders.models import LedgerAccount, LedgerEntry, LedgerPosting, PaymentOperation

HOLD_DAYS = 7


class Books:
    """Entries of the ledger and calls to the provider, in the order in which they happened."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.accounts: dict[Account, int] = {}

    def secure(self, placed: Placed) -> None:
        """The customer paid: money is held, or the card is kept; the order is placed."""
        payment, order = placed.payment, placed.order
        secured_at = payment["created_at"] + timedelta(minutes=3)
        order["placed_at"] = secured_at
        if order.get("spot_cents"):
            self.shop.rows.live(PAYMENT, payment, [("cancel", secured_at)])
            self.shop.rows.live(ORDER, order, [("secure", secured_at)])
            return
        payment["intent_id"] = f"pi_demo_{payment['id']:06d}"
        if payment["kind"] is PaymentKind.CARD_HOLD:
            payment["authorized_cents"] = payment["ceiling_cents"]
            payment["capture_before"] = secured_at + timedelta(days=HOLD_DAYS)
            self.shop.rows.live(PAYMENT, payment, [("authorize", secured_at)])
        else:
            payment["customer_ref"] = f"cus_demo_{order['person_id']:06d}"
            payment["method_ref"] = f"pm_demo_{order['person_id']:06d}"
            self.shop.rows.live(PAYMENT, payment, [("keep_card", secured_at)])
        self.shop.rows.live(ORDER, order, [("secure", secured_at)])

    def give_up(self, placed: Placed, at: datetime) -> None:
        """Nobody paid."""
        self.shop.rows.live(PAYMENT, placed.payment, [("cancel", at)])

    def settle(self, placed: Placed, delivered_at: datetime) -> None:
        """The order was handed over: book the sale, take its money, book that too."""
        order, payment = placed.order, placed.payment
        rows = self.shop.rows
        at = delivered_at + timedelta(seconds=20)
        rows.live(ORDER, order, [("fulfill", delivered_at)])
        self._sell(placed, at)
        if order.get("spot_cents"):
            # It is paid by hand, where it is fetched.
            return
        final = Money(order["final_cents"])
        held = payment["kind"] is PaymentKind.CARD_HOLD
        if not final:
            self._note(payment, OperationKind.CANCEL, final, at)
            rows.live(PAYMENT, payment, [("cancel", at)])
        else:
            kind = OperationKind.CAPTURE if held else OperationKind.CHARGE
            self._note(payment, kind, final, at)
            events = [("capture" if held else "charge", at)]
            if payment["kind"] is PaymentKind.DEBIT_KEPT:
                events = [("debit", at - timedelta(seconds=5)), ("charge", at)]
            rows.live(PAYMENT, payment, events)
            payment["captured_cents"] = final.cents
            payment["authorized_cents"] = max(payment["authorized_cents"], final.cents)
            postings = capture_postings(order["id"], final)
            self._enter(f"capture:{payment['id']}", "capture", postings, placed, at, payment)
        rows.live(ORDER, order, [("settle", at)])

    def pay_out(self, placed: list[Placed], week: str, at: datetime) -> None:
        """The provider keeps its fee of each payment of a sale and pays the rest to the bank."""
        rows = self.shop.rows
        fees = taken = Money.zero()
        market_id = self.shop.ground.market["id"]
        for each in placed:
            payment = each.payment
            if not payment["captured_cents"]:
                continue
            amount = Money(payment["captured_cents"])
            fee = amount.share_of(150) + Money(25)
            fees, taken = fees + fee, taken + amount
            movement = rows.add(
                MoneyMovement,
                source="provider",
                key=f"txn_demo_{payment['id']:06d}",
                state="matched",
                on=at.date(),
                at=at,
                kind="charge",
                amount_cents=amount.cents,
                fee_cents=fee.cents,
                reference=f"ch_demo_{payment['id']:06d}",
                counterparty="",
                text=each.order["number"],
            )
            rows.link(
                MovementMatch,
                movement_id=movement["id"],
                entry_key=f"capture:{payment['id']}",
                at=at,
            )
        provider, costs = Account(AccountKind.PROVIDER), Account(AccountKind.COSTS, market_id)
        bank = Account(AccountKind.BANK, market_id)
        transit = Account(AccountKind.TRANSIT, market_id)
        net = taken - fees
        for key, kind, amounts in (
            (f"provider_fee:demo-{week}", "provider_fee", {costs: fees, provider: -fees}),
            (f"provider_payout:demo-{week}", "provider_payout", {transit: net, provider: -net}),
            (f"bank_in:provider_payout:demo-{week}", "bank_in", {bank: net, transit: -net}),
        ):
            facts = {"reference": f"po_demo_{week}"}
            self._book(key, kind, balanced(amounts), market_id, at, facts)
        self._movement("provider", f"po_demo_{week}", -net, at, f"provider_payout:demo-{week}")
        self._movement("bank", f"STRIPE {week}", net, at, f"bank_in:provider_payout:demo-{week}")

    def _movement(self, source: str, text: str, amount: Money, at: datetime, key: str) -> None:
        rows = self.shop.rows
        movement = rows.add(
            MoneyMovement,
            source=source,
            key=f"{source}-{text}",
            market_id=self.shop.ground.market["id"] if source == "bank" else None,
            state="matched",
            on=at.date(),
            at=at if source == "provider" else None,
            kind="payout" if source == "provider" else "credit",
            amount_cents=amount.cents,
            reference=text,
            counterparty="",
            text=text,
        )
        rows.link(MovementMatch, movement_id=movement["id"], entry_key=key, at=at)

    def _book(
        self,
        key: str,
        kind: str,
        postings: list[Posting],
        market_id: int,
        at: datetime,
        facts: Values,
    ) -> None:
        rows = self.shop.rows
        entry = rows.add(LedgerEntry, key=key, kind=kind, market_id=market_id, at=at, facts=facts)
        for posting in postings:
            rows.link(
                LedgerPosting,
                entry_id=entry["id"],
                account_id=self._account(posting.account),
                amount_cents=posting.amount.cents,
            )

    def _sell(self, placed: Placed, at: datetime) -> None:
        order = placed.order
        zone = Zone(order["option_kind"], order["commune_insee"])
        lines = [line.row for line in placed.lines if line.row["billed_cents"]]
        sale = sale_of(
            order_id=order["id"],
            market_id=order["market_id"],
            lines=[
                SoldLine(
                    row["producer_id"],
                    Money(row["billed_cents"]),
                    row["tax_rate_bp"],
                    row["temperature_class"],
                    row["picked"]
                    * row["crate_share"]
                    // (1 if row["unit"] is Unit.PIECE else 1000),
                )
                for row in lines
            ],
            borne=chosen(self.shop.ground.fees, zone, Bearer.PRODUCER),
            fee=Money(order["fee_cents"]),
            parts=from_json(order["fee_parts"]),
            final=Money(order["final_cents"]),
        )
        self._enter(
            f"sale:{order['id']}", "sale", sale_postings(sale), placed, at, facts=sale_facts(sale)
        )

    def _enter(
        self,
        key: str,
        kind: str,
        postings: list[Posting],
        placed: Placed,
        at: datetime,
        payment: Values | None = None,
        facts: Values | None = None,
    ) -> None:
        rows = self.shop.rows
        entry = rows.add(
            LedgerEntry,
            key=key,
            kind=kind,
            market_id=placed.order["market_id"],
            order_id=placed.order["id"],
            payment_id=None if payment is None else payment["id"],
            at=at,
            facts=facts or {},
        )
        for posting in postings:
            rows.link(
                LedgerPosting,
                entry_id=entry["id"],
                account_id=self._account(posting.account),
                amount_cents=posting.amount.cents,
            )

    def _account(self, account: Account) -> int:
        if account not in self.accounts:
            row = self.shop.rows.add(LedgerAccount, kind=account.kind, owner_id=account.owner_id)
            self.accounts[account] = row["id"]
        return self.accounts[account]

    def _note(self, payment: Values, kind: OperationKind, amount: Money, at: datetime) -> None:
        self.shop.rows.link(
            PaymentOperation,
            payment_id=payment["id"],
            kind=kind,
            state=OperationState.DONE,
            amount_cents=amount.cents,
            key=f"{kind.value}-{payment['id']}",
            provider_ref=payment["intent_id"],
            noted_at=at,
            done_at=at,
        )
