"""Refusals of the catalogue."""

from __future__ import annotations

from typing import ClassVar

from shop.kernel.errors import Conflict, InvalidInput, NotFound


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


class ImportUnknown(NotFound):
    """The producer brought no such file."""

    code: ClassVar[str] = "import_unknown"


class ImportNotReady(Conflict):
    """The file was not read yet, or was refused, discarded or taken in; facts: ``state``."""

    code: ClassVar[str] = "import_not_ready"


class CategoriesMissing(InvalidInput):
    """Nobody said to which category these words belong; facts: ``texts``."""

    code: ClassVar[str] = "categories_missing"


class ReferenceTaken(InvalidInput):
    """Another product of the producer has that reference; facts: ``field``, ``reference``."""

    code: ClassVar[str] = "reference_taken"


class AllotmentBelowPromised(Conflict):
    """Less than what baskets and orders have already; facts: ``offer_id``, ``promised``."""

    code: ClassVar[str] = "allotment_below_promised"


class OfferUnknown(NotFound):
    """There is no such offer in this cycle, or not of this producer."""

    code: ClassVar[str] = "offer_unknown"


class CycleOver(Conflict):
    """The cycle is closed: what it offers can no longer change; facts: ``cycle_id``."""

    code: ClassVar[str] = "cycle_over"


class OptionUnknown(NotFound):
    """The market has no such way to deliver."""

    code: ClassVar[str] = "option_unknown"


class PickupUnknown(NotFound):
    """The market has no such place to fetch crates."""

    code: ClassVar[str] = "pickup_unknown"


class SlotTaken(Conflict):
    """Orders count on that slot; facts: ``slot_id``, ``taken``."""

    code: ClassVar[str] = "slot_taken"
