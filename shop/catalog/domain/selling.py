"""Who sells to the customer, in law: each farm, the market, or one farm for the others."""

from __future__ import annotations

from enum import StrEnum


class SalesModel(StrEnum):
    """Who sells to the customer: decides who invoices whom."""

    MARKETPLACE = "marketplace"
    HUB_RESALE = "hub_resale"
    FARM_RESALE = "farm_resale"
    PRODUCERS_SHOP = "producers_shop"
    SEASON_CONTRACT = "season_contract"

    @property
    def resells(self) -> bool:
        """Whether goods are bought from producers and sold again."""
        return self in {SalesModel.HUB_RESALE, SalesModel.FARM_RESALE}
