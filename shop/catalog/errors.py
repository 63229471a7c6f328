"""Refusals of the catalogue."""

from __future__ import annotations

from typing import ClassVar

from shop.kernel.errors import Conflict, NotFound


class MarketUnknown(NotFound):
    """No market has that name."""

    code: ClassVar[str] = "market_unknown"


class CycleUnknown(NotFound):
    """The market has no such cycle."""

    code: ClassVar[str] = "cycle_unknown"


class ProducerUnknown(NotFound):
    """No producer has that name, or not in this market."""

    code: ClassVar[str] = "producer_unknown"


class ProductUnknown(NotFound):
    """There is no such product, or not for this person."""

    code: ClassVar[str] = "product_unknown"


class SlotUnknown(NotFound):
    """There is no such delivery slot in this cycle."""

    code: ClassVar[str] = "slot_unknown"


class AllotmentExhausted(Conflict):
    """Too little is left; facts: ``offer_id``, ``wanted`` and ``left`` in the offer's unit."""

    code: ClassVar[str] = "allotment_exhausted"


class SlotFull(Conflict):
    """As many orders as the slot takes; facts: ``slot_id``."""

    code: ClassVar[str] = "slot_full"


class SlotClosed(Conflict):
    """Too late for that slot; facts: ``slot_id``."""

    code: ClassVar[str] = "slot_closed"


class CycleNotOpen(Conflict):
    """The market does not sell at this moment; facts: ``cycle_id``."""

    code: ClassVar[str] = "cycle_not_open"
