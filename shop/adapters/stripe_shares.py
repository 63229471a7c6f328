"""Our balance at Stripe, and the producers' shares that leave it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shop.adapters import stripe_reading as reading
from shop.adapters.stripe_core import (
    PAGE,
    StripeCore,
    present,
)
from shop.adapters.stripe_errors import translated
from shop.orders.ports import (
    Balance,
    BalanceEntry,
    PayeeRequest,
    ReversalRequest,
    ReversalView,
    TransferRequest,
    TransferView,
)


class StripeShares(StripeCore):
    """Balance, accounts of producers, transfers and their reversals."""

    def balance(self) -> Balance:
        """What Stripe holds for us now."""
        with translated():
            return reading.balance(self._client.v1.balance.retrieve(), self._currency)

    def balance_entries(self, since: datetime, until: datetime) -> tuple[BalanceEntry, ...]:
        """Movements created in ``since`` ≤ t < ``until``, oldest first."""
        span: Any = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        with translated():
            page = self._client.v1.balance_transactions.list({"created": span, "limit": PAGE})
            found = [reading.entry(one, self._currency) for one in page.auto_paging_iter()]
        return tuple(reversed(found))

    def open_payee(self, request: PayeeRequest) -> str:
        """Open a producer's account at Stripe; answers its id."""
        with translated():
            account = self._client.v1.accounts.create(
                {
                    "country": request.country,
                    "email": request.email,
                    "controller": {
                        "fees": {"payer": "application"},
                        "losses": {"payments": "application"},
                        "stripe_dashboard": {"type": "express"},
                    },
                    "capabilities": {"transfers": {"requested": True}},
                    "metadata": dict(request.metadata),
                },
                {"idempotency_key": request.key},
            )
        return account.id

    def transfer(self, request: TransferRequest) -> TransferView:
        """Send a producer's share to their account."""
        params: dict[str, Any] = {
            "amount": request.amount.cents,
            "currency": self._currency,
            "destination": request.account_id,
            "metadata": dict(request.metadata),
        }
        params |= present(
            source_transaction=request.source_charge_id,
            transfer_group=request.transfer_group,
            description=request.description,
        )
        with translated():
            made = self._client.v1.transfers.create(
                params,  # type: ignore[arg-type]
                {"idempotency_key": request.key},
            )
            return reading.transfer(made, self._currency)

    def reverse_transfer(self, request: ReversalRequest) -> ReversalView:
        """Take back at most what was transferred and not taken back yet."""
        with translated():
            made = self._client.v1.transfers.reversals.create(
                request.transfer_id,
                {"amount": request.amount.cents, "metadata": dict(request.metadata)},
                {"idempotency_key": request.key},
            )
            return reading.reversal(made, self._currency)

    def transfers_of(self, transfer_group: str) -> tuple[TransferView, ...]:
        """Every share that was sent under that name, oldest first."""
        with translated():
            page = self._client.v1.transfers.list({"transfer_group": transfer_group, "limit": PAGE})
            found = [reading.transfer(one, self._currency) for one in page.auto_paging_iter()]
        return tuple(reversed(found))

    def reversals(self, transfer_id: str) -> tuple[ReversalView, ...]:
        """Every taking back of a share, oldest first."""
        with translated():
            page = self._client.v1.transfers.reversals.list(transfer_id, {"limit": PAGE})
            found = [reading.reversal(one, self._currency) for one in page.auto_paging_iter()]
        return tuple(reversed(found))
