"""Card holds of the demo at the payment simulator, so that its captures really happen."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from shop.demo.orders import Placed
from shop.kernel.money import Money
from shop.orders.domain.terms import PaymentKind
from shop.orders.ports import (
    CaptureMode,
    CaptureRequest,
    CustomerRequest,
    IntentStatus,
    KeptMethodCharge,
    PaymentGateway,
    PaymentIntentView,
)

TEST_CARD = "pm_card_visa"
AT_ONCE = 4
TIMEOUT_S = 10.0


@contextmanager
def quiet(api_base: str) -> Iterator[None]:
    """Let the simulator send no messages meanwhile: what they would say is known here already."""
    _turn(api_base, webhooks_lose=-1)
    try:
        yield
    finally:
        _turn(api_base, webhooks_lose=0)


def _turn(api_base: str, **switches: int) -> None:
    request = urllib.request.Request(
        f"{api_base}/_control/switches",
        data=json.dumps(switches).encode(),
        headers={"Content-Type": "application/json"},
    )
    # The simulator is nearby: no proxy stands between.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=TIMEOUT_S):
        pass


def hold_all(gateway: PaymentGateway, orders: list[Placed]) -> int:
    """Hold the ceiling of each order whose money is still to be taken; how many.

    The simulator's customer, card and intent become those of the payment.
    """
    made = uuid.uuid4()
    held = [
        placed
        for placed in orders
        if placed.payment["kind"] is PaymentKind.CARD_HOLD and not placed.order.get("spot_cents")
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for placed, intent in zip(
            held, pool.map(lambda one: _hold(gateway, one, made), held), strict=True
        ):
            if intent.status is not IntentStatus.REQUIRES_CAPTURE:
                raise RuntimeError(f"the simulator holds nothing: {intent.status}")
            placed.payment["intent_id"] = intent.id
            placed.payment["client_secret"] = intent.client_secret
            placed.payment["customer_ref"] = intent.customer_id
            placed.payment["method_ref"] = intent.method_id
            placed.payment["capture_before"] = intent.capture_before
    return len(held)


def _hold(gateway: PaymentGateway, placed: Placed, made: uuid.UUID) -> PaymentIntentView:
    order, payment = placed.order, placed.payment
    # The simulator may remember another demo with the same orders: its keys are not ours.
    stem = f"demo-{made}-{payment['id']}"
    customer_id = gateway.create_customer(
        CustomerRequest(
            key=f"{stem}-customer",
            email=order["contact_email"],
            name=order["contact_name"],
            reference=f"person-{order['person_id']}",
            language=order["locale"],
        )
    )
    return gateway.charge_kept(
        KeptMethodCharge(
            key=f"{stem}-create",
            amount=Money(payment["ceiling_cents"]),
            customer_id=customer_id,
            method_id=TEST_CARD,
            metadata={"order": order["number"], "payment": str(payment["id"])},
            capture=CaptureMode.MANUAL,
            description=order["number"],
            transfer_group=order["number"],
        )
    )


def capture_all(gateway: PaymentGateway, orders: list[Placed]) -> None:
    """Take at the simulator what the books say was taken."""
    made = uuid.uuid4()
    taken = [placed for placed in orders if placed.payment["state"] == "captured"]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: _capture(gateway, one, made), taken))


def _capture(gateway: PaymentGateway, placed: Placed, made: uuid.UUID) -> None:
    payment = placed.payment
    gateway.capture(
        CaptureRequest(
            key=f"demo-{made}-capture-{payment['id']}",
            intent_id=payment["intent_id"],
            amount=Money(payment["captured_cents"]),
            metadata={"order": placed.order["number"]},
        )
    )
