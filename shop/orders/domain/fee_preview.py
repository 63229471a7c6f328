"""Fees shown on a sample order, before anybody has to live with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shop.kernel.money import Money
from shop.orders.domain import fees
from shop.orders.domain.fees import CustomerFee, FeeRuleTerms, ProducerShare, Zone
from shop.orders.domain.terms import Bearer


@dataclass(frozen=True, slots=True)
class FeePreview:
    """What becomes of an order of one producer's goods."""

    goods: Money
    crates: int
    share: ProducerShare | None
    service: tuple[CustomerFee, ...]

    @property
    def customer_pays(self) -> Money:
        """Goods and fees on top, without delivery and deposits."""
        return self.goods + Money.total(each.announced for each in self.service)

    @property
    def producer_gets(self) -> Money:
        """Goods less what is kept of them."""
        return self.share.net if self.share else self.goods


def preview(rules: Iterable[FeeRuleTerms], zone: Zone, goods: Money, crates: int) -> FeePreview:
    """The rules on an order of ``goods`` in so many crates."""
    kept = list(rules)
    shares = fees.shares_of({0: goods}, fees.chosen(kept, zone, Bearer.PRODUCER), crates)
    return FeePreview(
        goods=goods,
        crates=crates,
        share=shares[0] if shares else None,
        service=fees.announce(fees.chosen(kept, zone, Bearer.CUSTOMER), goods, crates),
    )
