"""How far a farm that resells, or a producers' shop, is from what the law allows (rules §3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from shop.catalog.domain.selling import SalesModel
from shop.kernel.money import Money
from shop.orders.domain.sold import SoldBy

WHOLE_BP = 10_000


class LimitKind(StrEnum):
    """What is limited."""

    RESALE_SHARE = "resale_share"
    """Goods of others that a farm resells, as a share of what it sells of its own; at most."""
    RESALE_YEAR = "resale_year"
    """The same, in cents of a year; at most."""
    MEMBER_SHARE = "member_share"
    """What a producers' shop sells of its members' goods, as a share of all; at least."""


class Level(StrEnum):
    """How a limit stands."""

    GOOD = "good"
    NEAR = "near"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Limit:
    """A dated threshold; shares in basis points, amounts in cents."""

    kind: LimitKind
    value: int
    warn_bp: int
    """The desk is warned from so much of it on, in basis points."""
    source: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a market stands towards a limit; ``part`` of ``whole`` (zero: nothing was sold)."""

    limit: Limit
    part: Money
    whole: Money

    @property
    def used_bp(self) -> int:
        """How much of what is allowed is used, in basis points, rounded up."""
        if self.limit.kind is LimitKind.MEMBER_SHARE:
            others = self.whole - self.part
            allowed = self.whole.cents * (WHOLE_BP - self.limit.value)
            return _up(others.cents * WHOLE_BP * WHOLE_BP, allowed)
        if self.limit.kind is LimitKind.RESALE_YEAR:
            return _up(self.part.cents * WHOLE_BP, self.limit.value)
        return _up(self.part.cents * WHOLE_BP * WHOLE_BP, self.whole.cents * self.limit.value)

    @property
    def level(self) -> Level:
        """Whether it is kept, near, or passed."""
        if self.used_bp > WHOLE_BP:
            return Level.PAST
        return Level.NEAR if self.used_bp >= self.limit.warn_bp else Level.GOOD


def standings(
    sold: Collection[SoldBy],
    limits: Iterable[Limit],
    *,
    lead: int | None,
    members: Collection[int],
) -> list[Standing]:
    """Each limit that concerns what was sold; what a model was not used for is left out."""
    farm = [each for each in sold if each.model is SalesModel.FARM_RESALE]
    shop = [each for each in sold if each.model is SalesModel.PRODUCERS_SHOP]
    own = Money.total(each.goods for each in farm if each.producer_id == lead)
    resold = Money.total(each.goods for each in farm if each.producer_id != lead)
    of_members = Money.total(each.goods for each in shop if each.producer_id in members)
    all_of_shop = Money.total(each.goods for each in shop)
    found = []
    for limit in limits:
        if limit.kind is LimitKind.MEMBER_SHARE and shop:
            found.append(Standing(limit, of_members, all_of_shop))
        elif limit.kind is not LimitKind.MEMBER_SHARE and farm:
            found.append(Standing(limit, resold, own))
    return found


def _up(part: int, whole: int) -> int:
    """Divided and rounded up; something of nothing is far too much."""
    if part <= 0:
        return 0
    return -(-part // whole) if whole > 0 else 2 * WHOLE_BP
