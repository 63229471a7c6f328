"""Which adapter stands behind which port, as the settings say."""

from __future__ import annotations

from typing import Any

from shop.adapters.road_sources import road_sources
from shop.adapters.smtp_mailer import SmtpMailer
from shop.adapters.spreadsheet_reader import FileSpreadsheetReader
from shop.adapters.spreadsheet_writer import FileSpreadsheetWriter
from shop.adapters.stripe_gateway import StripeGateway
from shop.adapters.typst_printer import TypstPrinter
from shop.catalog.ports import SpreadsheetReader, SpreadsheetWriter
from shop.infra.clock import Clock, SystemClock
from shop.infra.printing import Printer
from shop.logistics.ports import RoadMatrix
from shop.orders.ports import Mailer, PaymentGateway
from shop.settings import Settings


def adapters_for(settings: Settings) -> dict[type[Any], object]:
    """One adapter per port."""
    return {
        Clock: SystemClock(),
        SpreadsheetReader: FileSpreadsheetReader(),
        SpreadsheetWriter: FileSpreadsheetWriter(),
        Printer: TypstPrinter(),
        RoadMatrix: road_sources(settings),
        Mailer: SmtpMailer(settings.smtp_url, settings.mail_from),
        PaymentGateway: StripeGateway(
            api_key=settings.stripe_api_key,
            webhook_secret=settings.stripe_webhook_secret,
            public_key=settings.stripe_public_key,
            api_base=settings.stripe_api_base,
            simulation=settings.stripe_api_base is not None,
        ),
    }
