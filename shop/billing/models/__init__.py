"""Tables of billing."""

from shop.billing.models.buyer import BuyerParty, InvoiceSubmission
from shop.billing.models.invoice import (
    InvoiceFile,
    InvoiceRun,
    InvoiceSeries,
    InvoiceTax,
    IssuedInvoice,
    IssuedLine,
)
from shop.billing.models.limit import SalesLimit
from shop.billing.models.payout import Payee, Payout, PayoutBatch, PayoutReversal
from shop.billing.models.reconciliation import (
    BankColumns,
    BankFile,
    BankUpload,
    MoneyMovement,
    MovementMatch,
)
from shop.billing.models.seller import Mandate, SellerIdentity, TaxMention
from shop.billing.models.settlement import (
    MarketDelay,
    PaymentDelay,
    Settlement,
    SettlementPosting,
    SettlementRules,
)
from shop.billing.models.till import Till, TillClosing, TillEntry

__all__ = [
    "BankColumns",
    "BankFile",
    "BankUpload",
    "BuyerParty",
    "InvoiceFile",
    "InvoiceRun",
    "InvoiceSeries",
    "InvoiceSubmission",
    "InvoiceTax",
    "IssuedInvoice",
    "IssuedLine",
    "Mandate",
    "MarketDelay",
    "MoneyMovement",
    "MovementMatch",
    "Payee",
    "PaymentDelay",
    "Payout",
    "PayoutBatch",
    "PayoutReversal",
    "SalesLimit",
    "SellerIdentity",
    "Settlement",
    "SettlementPosting",
    "SettlementRules",
    "TaxMention",
    "Till",
    "TillClosing",
    "TillEntry",
]
