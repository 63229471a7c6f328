"""Names for the keys of records, so that one is not taken for another."""

from __future__ import annotations

from typing import NewType

PersonId = NewType("PersonId", int)
MarketId = NewType("MarketId", int)
ProducerId = NewType("ProducerId", int)
ProductId = NewType("ProductId", int)
CycleId = NewType("CycleId", int)
OfferId = NewType("OfferId", int)
BasketId = NewType("BasketId", int)
OrderId = NewType("OrderId", int)
OrderLineId = NewType("OrderLineId", int)
PaymentId = NewType("PaymentId", int)
PurchaseOrderId = NewType("PurchaseOrderId", int)
CrateId = NewType("CrateId", int)
RoundId = NewType("RoundId", int)
StopId = NewType("StopId", int)
