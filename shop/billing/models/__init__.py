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
from shop.billing.models.seller import Mandate, SellerIdentity, TaxMention
from shop.billing.models.till import Till, TillClosing, TillEntry

__all__ = [
    "BuyerParty",
    "InvoiceFile",
    "InvoiceRun",
    "InvoiceSeries",
    "InvoiceSubmission",
    "InvoiceTax",
    "IssuedInvoice",
    "IssuedLine",
    "Mandate",
    "SellerIdentity",
    "TaxMention",
    "Till",
    "TillClosing",
    "TillEntry",
]
