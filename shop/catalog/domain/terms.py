"""Fixed vocabularies of the catalogue."""

from __future__ import annotations

from enum import StrEnum


class TemperatureClass(StrEnum):
    """How cold goods travel, and which compartment they travel in."""

    CHILLED = "chilled"
    FROZEN = "frozen"
    AMBIENT = "ambient"


class TaxClass(StrEnum):
    """What kind of goods the tax law sees; the rate is looked up by date (``tax_rates``)."""

    FOOD = "food"
    PREPARED = "prepared"
    FULL = "full"
    """Alcohol, confectionery, and all that is neither food nor plants."""
    PLANTS = "plants"
    SERVICE = "service"


class TaxRegime(StrEnum):
    """How a seller stands towards value added tax; the last three bill none."""

    RSA = "rsa"
    NORMAL = "normal"
    RFA = "rfa"
    FRANCHISE = "franchise"
    EXEMPT = "exempt"

    @property
    def bills_tax(self) -> bool:
        """Whether the seller's lines carry value added tax."""
        return self in {TaxRegime.RSA, TaxRegime.NORMAL}


class LogisticsPack(StrEnum):
    """Who carries the goods of a market."""

    SHOP_ONLY = "shop_only"
    FULL = "full"


class OptionKind(StrEnum):
    """How goods reach the customer."""

    RELAY = "relay"
    DRIVE = "drive"
    HOME = "home"

    @property
    def has_pickup_point(self) -> bool:
        """Whether the customer comes to a place."""
        return self is not OptionKind.HOME


class SpotWay(StrEnum):
    """How somebody can pay where they fetch their goods."""

    CASH = "cash"
    CHEQUE = "cheque"
    MEAL_PAPER = "meal_paper"
    """Meal voucher on paper."""
    MEAL_CARD = "meal_card"
    """Meal voucher card."""

    @property
    def is_meal(self) -> bool:
        """Whether it only pays for food, up to a daily amount."""
        return self in {SpotWay.MEAL_PAPER, SpotWay.MEAL_CARD}


class MovementKind(StrEnum):
    """What happened to an allotment."""

    HOLD = "hold"
    """Promised to a basket."""
    RELEASE = "release"
    """Given back by a basket."""
    COMMIT = "commit"
    """What a basket held is now an order's."""
    RETURN = "return"
    """Given back by an order that was canceled."""


class ImportState(StrEnum):
    """How far a catalogue file got."""

    UPLOADED = "uploaded"
    READ = "read"
    APPLIED = "applied"
    REFUSED = "refused"
    DISCARDED = "discarded"


class ShortageRule(StrEnum):
    """Who goes short when less comes than was ordered (rules §10)."""

    FIRST_ORDERED = "first_ordered"
    PRO_RATA = "pro_rata"
