"""A voucher on paper, to be cut out, folded and given."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shop.catalog.queries import markets
from shop.infra.formats import LocaleFormats
from shop.kernel.sheet import Translate
from shop.orders.services.vouchers import VoucherCard

DOCUMENT = "orders/voucher"
"""Name of the printed document."""


def to_print(session: Session, voucher: VoucherCard, address: str, _: Translate) -> dict[str, Any]:
    """A voucher in words; ``address``: where it is spent, also as a code for telephones."""
    market = markets.by_id(session, voucher.market_id)
    formats = LocaleFormats(voucher.locale, ZoneInfo(market.timezone))
    return {
        "heading": {"language": voucher.locale},
        "title": _("Voucher"),
        "market": market.name,
        "place": market.territory,
        "value": formats.money(voucher.value),
        "code": voucher.spoken,
        "qr": address,
        "address": address.removeprefix("https://").removeprefix("http://"),
        "recipient": _("For %(name)s") % {"name": voucher.recipient} if voucher.recipient else "",
        "message": voucher.message,
        "until": _("It pays until %(day)s, in one order or several.")
        % {"day": formats.day(voucher.valid_until)},
        "how": [
            _("Choose your products at the address beside."),
            _("Before you order, open “Other ways to pay” and type the code."),
            _("What is left stays on the voucher."),
        ],
        "law": _(
            "Multi-purpose voucher (article 256 ter of the French tax code): VAT is due when it is "
            "used, and stands on the invoice of each order. It is not paid out in cash."
        ),
        "labels": {"code": _("Code"), "cut": _("Cut here")},
        "contact": " · ".join(part for part in (market.email, market.phone) if part),
    }
