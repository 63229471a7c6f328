"""Which adapter stands behind which port, as the settings say."""

from __future__ import annotations

from typing import Any

from redis import Redis

from shop.adapters.camt_reader import CamtReader
from shop.adapters.commune_geocoder import CommuneGeocoder
from shop.adapters.dfc_orders import DfcExchange
from shop.adapters.factur_x import FacturXPrinter
from shop.adapters.http_json import JsonServer
from shop.adapters.national_geocoder import NATIONAL_SERVICE, NationalGeocoder
from shop.adapters.road_sources import road_sources
from shop.adapters.sepa_file import SepaFileWriter
from shop.adapters.smtp_mailer import SmtpMailer
from shop.adapters.spreadsheet_reader import FileSpreadsheetReader
from shop.adapters.spreadsheet_writer import FileSpreadsheetWriter
from shop.adapters.stripe_gateway import StripeGateway
from shop.adapters.typst_printer import TypstPrinter
from shop.billing.ports import BankStatementReader, CreditTransferWriter, InvoicePrinter
from shop.catalog.ports import SpreadsheetReader, SpreadsheetWriter
from shop.infra.clock import Clock, SystemClock
from shop.infra.places.geocoding import Geocoder
from shop.infra.printing import Printer
from shop.logistics.ports import OrderExchange, RoadMatrix
from shop.orders.ports import Mailer, PaymentGateway
from shop.settings import Settings

FIRST_ANSWER_S = 2.0
"""A customer waits for the geocoder; after that the pin is set by hand."""


def geocoder_for(settings: Settings) -> Geocoder:
    """The service that the settings name, else the communes of the package."""
    url = settings.geocoder_url
    if url == "off" or (url is None and settings.simulation):
        return CommuneGeocoder()
    server = JsonServer(
        url or NATIONAL_SERVICE, read_s=FIRST_ANSWER_S, tries=2, longest_pause_s=FIRST_ANSWER_S
    )
    return NationalGeocoder(server, Redis.from_url(settings.cache_url))


def adapters_for(settings: Settings) -> dict[type[Any], object]:
    """One adapter per port."""
    printer = TypstPrinter()
    return {
        Clock: SystemClock(),
        SpreadsheetReader: FileSpreadsheetReader(),
        SpreadsheetWriter: FileSpreadsheetWriter(),
        Geocoder: geocoder_for(settings),
        Printer: printer,
        InvoicePrinter: FacturXPrinter(printer),
        CreditTransferWriter: SepaFileWriter(),
        BankStatementReader: CamtReader(),
        RoadMatrix: road_sources(settings),
        OrderExchange: DfcExchange(),
        Mailer: SmtpMailer(settings.smtp_url, settings.mail_from),
        PaymentGateway: StripeGateway(
            api_key=settings.stripe_api_key,
            webhook_secret=settings.stripe_webhook_secret,
            public_key=settings.stripe_public_key,
            api_base=settings.stripe_api_base,
            page_base=settings.stripe_page_base,
            simulation=settings.stripe_api_base is not None,
        ),
    }
