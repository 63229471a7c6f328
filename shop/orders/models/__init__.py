"""Tables of orders and money."""

from shop.orders.models.account import (
    AccountAllocation,
    AccountClaim,
    AccountReceipt,
    Organisation,
    OrganisationMember,
)
from shop.orders.models.basket import Basket, BasketLine
from shop.orders.models.contract import (
    ContractDelivery,
    ContractInstalment,
    ContractTransfer,
    SeasonContract,
)
from shop.orders.models.ledger import FeeRule, LedgerAccount, LedgerEntry, LedgerPosting
from shop.orders.models.order import Order, OrderLine, SellerOrder
from shop.orders.models.payment import Payment, PaymentOperation
from shop.orders.models.purchase_order import PurchaseOrder, PurchaseOrderLine
from shop.orders.models.purse import MoneyRule, Purse, Voucher

__all__ = [
    "AccountAllocation",
    "AccountClaim",
    "AccountReceipt",
    "Basket",
    "BasketLine",
    "ContractDelivery",
    "ContractInstalment",
    "ContractTransfer",
    "FeeRule",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerPosting",
    "MoneyRule",
    "Order",
    "OrderLine",
    "Organisation",
    "OrganisationMember",
    "Payment",
    "PaymentOperation",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "Purse",
    "SeasonContract",
    "SellerOrder",
    "Voucher",
]
