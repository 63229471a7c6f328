"""Tables of orders and money."""

from shop.orders.models.account import (
    AccountAllocation,
    AccountClaim,
    AccountReceipt,
    Organisation,
    OrganisationMember,
)
from shop.orders.models.amendment import Amendment
from shop.orders.models.basket import Basket, BasketLine
from shop.orders.models.contract import (
    ContractDelivery,
    ContractInstalment,
    ContractTransfer,
    SeasonContract,
)
from shop.orders.models.dispute import Dispute
from shop.orders.models.dispute_answer import DisputeAnswer
from shop.orders.models.ledger import FeeRule, LedgerAccount, LedgerEntry, LedgerPosting
from shop.orders.models.order import Order, OrderLine, SellerOrder
from shop.orders.models.payment import STANDING, Payment, PaymentOperation
from shop.orders.models.purchase_order import PurchaseOrder, PurchaseOrderLine
from shop.orders.models.refund import Refund, RefundLine
from shop.orders.models.saved_card import PaymentCustomer, SavedCard
from shop.orders.models.voucher import DiscountCode, MoneyRule, Voucher

__all__ = [
    "STANDING",
    "AccountAllocation",
    "AccountClaim",
    "AccountReceipt",
    "Amendment",
    "Basket",
    "BasketLine",
    "ContractDelivery",
    "ContractInstalment",
    "ContractTransfer",
    "DiscountCode",
    "Dispute",
    "DisputeAnswer",
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
    "PaymentCustomer",
    "PaymentOperation",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "Refund",
    "RefundLine",
    "SavedCard",
    "SeasonContract",
    "SellerOrder",
    "Voucher",
]
