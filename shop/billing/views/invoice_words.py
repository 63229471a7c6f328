"""Names of the invoices' fixed vocabularies, in the person's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint
from flask_babel import gettext as _

from shop.billing.domain.invoice_terms import FilingRhythm, InvoiceKind, VatReturn
from shop.billing.domain.sellers import Lack
from shop.catalog.domain.selling import SalesModel
from shop.catalog.domain.terms import TaxRegime


def register(bp: Blueprint) -> None:
    """Give the templates these names."""
    names: dict[str, Callable[[Any], str]] = {
        "invoice_kind": invoice_kind,
        "invoice_filter": invoice_filter,
        "submission_state": submission_state,
        "submission_event": submission_event,
        "lack": lack,
        "tax_regime_name": tax_regime,
        "vat_return_name": vat_return,
        "filing_rhythm_name": filing_rhythm,
        "sales_model_name": sales_model,
    }
    for name, function in names.items():
        bp.app_template_filter(name)(function)


def invoice_kind(kind: InvoiceKind) -> str:
    """What a document is."""
    names: dict[InvoiceKind, str] = {
        InvoiceKind.INVOICE: _("Invoice"),
        InvoiceKind.CREDIT_NOTE: _("Credit note"),
        InvoiceKind.SELF_BILLED: _("Self-billed invoice"),
        InvoiceKind.SELF_BILLED_CREDIT: _("Self-billed credit note"),
    }
    return names[kind]


def invoice_filter(name: str) -> str:
    """What one looks for in a list."""
    names: dict[str, str] = {
        "invoice": _("Invoices"),
        "credit": _("Credit notes"),
        "firms": _("Firms and administrations"),
        "self_billed": _("Bought from producers"),
    }
    return names[name]


def submission_state(state: str) -> str:
    """Where an invoice stands at its portal."""
    names: dict[str, str] = {
        "ready": _("To be sent"),
        "submitted": _("Sent"),
        "rejected": _("Rejected by the portal"),
        "refused": _("Refused by the buyer"),
        "approved": _("Approved"),
        "paid": _("Paid"),
    }
    return names[state]


def submission_event(event: str) -> str:
    """What the desk notes of it."""
    names: dict[str, str] = {
        "submit": _("It was sent"),
        "reject": _("The portal rejected it"),
        "refuse": _("The buyer refuses it"),
        "approve": _("The buyer approves it"),
        "pay": _("It was paid"),
    }
    return names[event]


def lack(reason: Lack) -> str:
    """What keeps something from being invoiced."""
    names: dict[Lack, str] = {
        Lack.NOT_SETTLED: _("is not paid yet"),
        Lack.MANDATE: _("has not signed a mandate"),
        Lack.SELF_BILLING: _("has not agreed to self-billing"),
        Lack.SELLER_SIRET: _("has no valid SIRET"),
        Lack.SELLER_VAT: _("has no valid VAT number"),
        Lack.SELLER_ADDRESS: _("has no complete address"),
        Lack.SELLER_IBAN: _("has no bank account to be paid on"),
        Lack.BUYER_SIRET: _("has no valid SIRET"),
        Lack.BUYER_ADDRESS: _("has no complete address"),
        Lack.SERVICE_CODE: _("asks for a service code"),
        Lack.ENGAGEMENT: _("asks for an engagement number"),
        Lack.MENTION: _("has no legal mention for goods without VAT"),
    }
    return names[reason]


def tax_regime(regime: TaxRegime) -> str:
    """How a seller stands towards value added tax."""
    names: dict[TaxRegime, str] = {
        TaxRegime.RSA: _("Simplified agricultural regime (RSA)"),
        TaxRegime.NORMAL: _("Ordinary regime"),
        TaxRegime.RFA: _("Flat-rate agricultural refund (RFA), no VAT"),
        TaxRegime.FRANCHISE: _("Small business exemption, no VAT"),
        TaxRegime.EXEMPT: _("Exempt, no VAT"),
    }
    return names[regime]


def vat_return(often: VatReturn) -> str:
    """How often VAT is declared."""
    names: dict[VatReturn, str] = {
        VatReturn.SIMPLIFIED: _("Once a year"),
        VatReturn.QUARTERLY: _("Each quarter"),
        VatReturn.MONTHLY: _("Each month"),
    }
    return names[often]


def filing_rhythm(rhythm: FilingRhythm) -> str:
    """How often totals are told to the tax office."""
    names: dict[FilingRhythm, str] = {
        FilingRhythm.TWO_MONTHS: _("every two months"),
        FilingRhythm.MONTH: _("every month"),
        FilingRhythm.TEN_DAYS: _("every ten days"),
    }
    return names[rhythm]


def sales_model(model: SalesModel) -> str:
    """Who sells to the customer."""
    names: dict[SalesModel, str] = {
        SalesModel.MARKETPLACE: _("Each producer sells"),
        SalesModel.HUB_RESALE: _("The market buys and resells"),
        SalesModel.FARM_RESALE: _("One farm resells what others grow"),
        SalesModel.PRODUCERS_SHOP: _("Producers’ shop: each member sells"),
        SalesModel.SEASON_CONTRACT: _("Season contracts with each farm"),
    }
    return names[model]
