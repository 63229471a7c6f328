"""An invoice as the XML of EN 16931 (UN/CEFACT Cross Industry Invoice), carried by Factur-X."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree as ET

from shop.billing.domain.identifiers import siren_of
from shop.billing.domain.invoice import Invoice, InvoiceLine, Party, TaxGroup
from shop.billing.domain.invoice_terms import InvoiceLineKind, Means
from shop.kernel.money import Money
from shop.kernel.quantity import UNITS_PER_PRICE, Quantity, Unit

FILE_NAME = "factur-x.xml"
PROFILE = "urn:cen.eu:en16931:2017"
"""EN 16931 whole; the smaller profiles say too little to be an invoice here."""

_NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
_UNITS = {Unit.PIECE: "C62", Unit.GRAM: "KGM", Unit.MILLILITER: "LTR"}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_PRICE = Decimal("0.000001")

SIRET_SCHEME, SIREN_SCHEME, ADDRESS_SCHEME = "0009", "0002", "0225"
"""Lists of identifiers (ISO 6523 and EAS): establishment, enterprise, address of e-invoices."""

for _prefix, _uri in _NAMESPACES.items():
    ET.register_namespace(_prefix, _uri)


def write_xml(invoice: Invoice) -> bytes:
    """The XML of ``invoice``; the same invoice gives the same bytes."""
    root = ET.Element(_tag("rsm:CrossIndustryInvoice"))
    context = _add(root, "rsm:ExchangedDocumentContext")
    process = _add(context, "ram:BusinessProcessSpecifiedDocumentContextParameter")
    _add(process, "ram:ID", "B1" if invoice.due else "B2")
    _add(_add(context, "ram:GuidelineSpecifiedDocumentContextParameter"), "ram:ID", PROFILE)
    document = _add(root, "rsm:ExchangedDocument")
    _add(document, "ram:ID", invoice.number)
    _add(document, "ram:TypeCode", invoice.kind.value)
    _day(_add(document, "ram:IssueDateTime"), invoice.issued_on)
    for note in (*invoice.notes, *_own_notes(invoice)):
        code, _, words = note.partition("|") if re.match(r"[A-Z]{3}\|", note) else ("", "", note)
        written = _add(document, "ram:IncludedNote")
        _add(written, "ram:Content", words)
        if code:
            _add(written, "ram:SubjectCode", code)
    transaction = _add(root, "rsm:SupplyChainTradeTransaction")
    goods = [line for line in invoice.lines if line.kind is not InvoiceLineKind.COMMISSION]
    for place, line in enumerate(goods, 1):
        _line(transaction, place, line)
    _agreement(transaction, invoice)
    delivery = _add(transaction, "ram:ApplicableHeaderTradeDelivery")
    event = _add(delivery, "ram:ActualDeliverySupplyChainEvent")
    _day(_add(event, "ram:OccurrenceDateTime"), invoice.supplied_on)
    _settlement(transaction, invoice)
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def quantity_text(quantity: Quantity) -> str:
    """1.234 for 1234 g: pieces, kilograms or liters with a dot."""
    value = Decimal(quantity.amount) / UNITS_PER_PRICE[quantity.unit]
    return f"{value.normalize():f}"


def rate_text(rate_bp: int) -> str:
    """5.50 for 550 hundredths of a percent."""
    return f"{Decimal(rate_bp).scaleb(-2):.2f}"


def _line(parent: ET.Element, place: int, line: InvoiceLine) -> None:
    item = _add(parent, "ram:IncludedSupplyChainTradeLineItem")
    _add(_add(item, "ram:AssociatedDocumentLineDocument"), "ram:LineID", str(place))
    product = _add(item, "ram:SpecifiedTradeProduct")
    if line.reference:
        _add(product, "ram:SellerAssignedID", line.reference)
    _add(product, "ram:Name", line.name)
    if line.note:
        _add(product, "ram:Description", line.note)
    price = _add(_add(item, "ram:SpecifiedLineTradeAgreement"), "ram:NetPriceProductTradePrice")
    quantity = line.quantity if line.quantity.amount else Quantity.pieces(1)
    _add(price, "ram:ChargeAmount", _net_price(line.net, quantity))
    delivery = _add(item, "ram:SpecifiedLineTradeDelivery")
    _add(delivery, "ram:BilledQuantity", quantity_text(quantity), unitCode=_UNITS[quantity.unit])
    settlement = _add(item, "ram:SpecifiedLineTradeSettlement")
    _category(_add(settlement, "ram:ApplicableTradeTax"), line.rate_bp)
    total = _add(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation")
    _add(total, "ram:LineTotalAmount", str(line.net))


def _net_price(net: Money, quantity: Quantity) -> str:
    units = Decimal(quantity.amount) / UNITS_PER_PRICE[quantity.unit]
    price = (net.as_decimal() / units).quantize(_PRICE, ROUND_HALF_UP)
    return (
        f"{price.normalize():f}" if price.normalize().as_tuple().exponent != 0 else f"{price:.2f}"
    )


def _agreement(parent: ET.Element, invoice: Invoice) -> None:
    agreement = _add(parent, "ram:ApplicableHeaderTradeAgreement")
    if invoice.buyer.service_code:
        _add(agreement, "ram:BuyerReference", invoice.buyer.service_code)
    _party(_add(agreement, "ram:SellerTradeParty"), invoice.seller, taxed=True)
    _party(_add(agreement, "ram:BuyerTradeParty"), invoice.buyer, taxed=False)
    order = invoice.buyer.engagement or invoice.order_number
    if order:
        _add(_add(agreement, "ram:BuyerOrderReferencedDocument"), "ram:IssuerAssignedID", order)


def _party(parent: ET.Element, party: Party, *, taxed: bool) -> None:
    if party.siret:
        _add(parent, "ram:GlobalID", party.siret, schemeID=SIRET_SCHEME)
    _add(parent, "ram:Name", party.name)
    if party.siret:
        legal = _add(parent, "ram:SpecifiedLegalOrganization")
        _add(legal, "ram:ID", siren_of(party.siret), schemeID=SIREN_SCHEME)
    address = _add(parent, "ram:PostalTradeAddress")
    for tag, value in (
        ("ram:PostcodeCode", party.postcode),
        ("ram:LineOne", party.address),
        ("ram:CityName", party.commune),
    ):
        if value:
            _add(address, tag, value)
    _add(address, "ram:CountryID", party.country)
    if party.siret:
        contact = _add(parent, "ram:URIUniversalCommunication")
        _add(contact, "ram:URIID", siren_of(party.siret), schemeID=ADDRESS_SCHEME)
    if party.vat_number:
        registered = _add(parent, "ram:SpecifiedTaxRegistration")
        _add(registered, "ram:ID", party.vat_number, schemeID="VA")
    elif taxed and party.siret:
        registered = _add(parent, "ram:SpecifiedTaxRegistration")
        _add(registered, "ram:ID", siren_of(party.siret), schemeID="FC")


def _settlement(parent: ET.Element, invoice: Invoice) -> None:
    settlement = _add(parent, "ram:ApplicableHeaderTradeSettlement")
    _add(settlement, "ram:InvoiceCurrencyCode", invoice.currency)
    means = _add(settlement, "ram:SpecifiedTradeSettlementPaymentMeans")
    _add(means, "ram:TypeCode", invoice.means.value)
    if invoice.means is Means.TRANSFER and invoice.seller.iban:
        account = _add(means, "ram:PayeePartyCreditorFinancialAccount")
        _add(account, "ram:IBANID", invoice.seller.iban)
        _add(account, "ram:AccountName", invoice.seller.iban_holder or invoice.seller.name)
    for group in invoice.taxes:
        _group(settlement, group, invoice)
    kept = [line for line in invoice.lines if line.kind is InvoiceLineKind.COMMISSION]
    for line in kept:
        _allowance(settlement, line)
    if invoice.due.cents > 0:
        terms = _add(settlement, "ram:SpecifiedTradePaymentTerms")
        _day(_add(terms, "ram:DueDateDateTime"), invoice.due_on or invoice.issued_on)
    _sums(settlement, invoice, -Money.total(line.net for line in kept))
    if invoice.correction:
        cited = _add(settlement, "ram:InvoiceReferencedDocument")
        _add(cited, "ram:IssuerAssignedID", invoice.correction.number)
        issued = _add(cited, "ram:FormattedIssueDateTime")
        text = f"{invoice.correction.issued_on:%Y%m%d}"
        _add(issued, "qdt:DateTimeString", text, format="102")


def _group(parent: ET.Element, group: TaxGroup, invoice: Invoice) -> None:
    tax = _add(parent, "ram:ApplicableTradeTax")
    _add(tax, "ram:CalculatedAmount", str(group.tax))
    _add(tax, "ram:TypeCode", "VAT")
    if not group.rate_bp:
        _add(tax, "ram:ExemptionReason", " ; ".join(invoice.mentions))
    _add(tax, "ram:BasisAmount", str(group.base))
    _add(tax, "ram:CategoryCode", _code(group.rate_bp))
    if not group.rate_bp and invoice.exemption_code:
        _add(tax, "ram:ExemptionReasonCode", invoice.exemption_code)
    _add(tax, "ram:RateApplicablePercent", rate_text(group.rate_bp))


def _allowance(parent: ET.Element, line: InvoiceLine) -> None:
    allowance = _add(parent, "ram:SpecifiedTradeAllowanceCharge")
    _add(_add(allowance, "ram:ChargeIndicator"), "udt:Indicator", "false")
    _add(allowance, "ram:ActualAmount", str(-line.net))
    _add(allowance, "ram:Reason", line.name)
    _category(_add(allowance, "ram:CategoryTradeTax"), line.rate_bp)


def _sums(parent: ET.Element, invoice: Invoice, allowances: Money) -> None:
    sums = _add(parent, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    _add(sums, "ram:LineTotalAmount", str(invoice.net + allowances))
    _add(sums, "ram:ChargeTotalAmount", "0.00")
    _add(sums, "ram:AllowanceTotalAmount", str(allowances))
    _add(sums, "ram:TaxBasisTotalAmount", str(invoice.net))
    _add(sums, "ram:TaxTotalAmount", str(invoice.tax), currencyID=invoice.currency)
    if invoice.rounding:
        _add(sums, "ram:RoundingAmount", str(invoice.rounding))
    _add(sums, "ram:GrandTotalAmount", str(invoice.total))
    _add(sums, "ram:TotalPrepaidAmount", str(invoice.paid))
    _add(sums, "ram:DuePayableAmount", str(invoice.due))


def _own_notes(invoice: Invoice) -> tuple[str, ...]:
    notes = [] if invoice.correction is None else [invoice.correction.reason]
    if invoice.kind.is_self_billed:
        notes.append("Autofacturation")
    return tuple(notes)


def _category(parent: ET.Element, rate_bp: int) -> None:
    _add(parent, "ram:TypeCode", "VAT")
    _add(parent, "ram:CategoryCode", _code(rate_bp))
    _add(parent, "ram:RateApplicablePercent", rate_text(rate_bp))


def _code(rate_bp: int) -> str:
    """S for a rate, E for none: each none has a reason on the invoice."""
    return "S" if rate_bp else "E"


def _day(parent: ET.Element, on: date) -> None:
    _add(parent, "udt:DateTimeString", f"{on:%Y%m%d}", format="102")


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, _tag(tag), attributes)
    if text is not None:
        element.text = _FORBIDDEN.sub("", text)
    return element


def _tag(name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"
