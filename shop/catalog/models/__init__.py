"""Tables of the catalogue."""

from shop.catalog.models.cycle import AllotmentMovement, Cycle, Offer
from shop.catalog.models.delivery import (
    DeliveryCommune,
    DeliveryOption,
    DeliverySlot,
    PickupPoint,
)
from shop.catalog.models.market import Market, MarketProducer
from shop.catalog.models.producer import Producer
from shop.catalog.models.product import Category, Product, ProductChange, TaxRate
from shop.catalog.models.selling import SellingTerms
from shop.catalog.models.sheet_import import SheetImport

__all__ = [
    "AllotmentMovement",
    "Category",
    "Cycle",
    "DeliveryCommune",
    "DeliveryOption",
    "DeliverySlot",
    "Market",
    "MarketProducer",
    "Offer",
    "PickupPoint",
    "Producer",
    "Product",
    "ProductChange",
    "SellingTerms",
    "SheetImport",
    "TaxRate",
]
