"""Tables of orders and money."""

from shop.orders.models.basket import Basket, BasketLine
from shop.orders.models.ledger import FeeRule, LedgerAccount, LedgerEntry, LedgerPosting
from shop.orders.models.order import Order, OrderLine, SellerOrder
from shop.orders.models.payment import Payment, PaymentOperation
from shop.orders.models.purchase_order import PurchaseOrder, PurchaseOrderLine

__all__ = [
    "Basket",
    "BasketLine",
    "FeeRule",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerPosting",
    "Order",
    "OrderLine",
    "Payment",
    "PaymentOperation",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "SellerOrder",
]
