"""Letters of the supply: what producers are asked to bring, what customers will not get."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask_babel import force_locale, gettext

from shop.catalog.ports import SpreadsheetWriter
from shop.catalog.queries import cycles, markets
from shop.infra import clock
from shop.infra.formats import LocaleFormats
from shop.infra.ports import port
from shop.infra.printing import Printer
from shop.infra.unit_of_work import reading
from shop.orders.domain.purchase_sheet import to_print
from shop.orders.ports import Attachment
from shop.orders.queries import order_file, order_page, purchase_orders
from shop.orders.services import purchase_papers
from shop.orders.services.purchasing import MAIL_CHANGED, MAIL_TOPIC
from shop.web.files import XLSX
from worker.handlers import handles
from worker.letters import address_of, send_letter


@handles(MAIL_TOPIC)
def send_purchase_order(purchase_order_id: int, again: int = 0) -> None:
    """Ask a producer for what was ordered: on paper, as a spreadsheet, with a link to answer.

    All of it in the producer's own language.

    ``again`` tells one sending on purpose from another; a second run is the same letter.
    """
    with reading() as session:
        page = purchase_orders.by_id(session, purchase_order_id)
        language = page.producer.language
    with reading() as session, force_locale(language):
        market = markets.by_id(session, page.card.market_id)
        cycle = cycles.by_id(session, page.card.cycle_id)
        formats = LocaleFormats(language, ZoneInfo(market.timezone))
        sheet = purchase_papers.read_sheet(
            session,
            page,
            answer_url=address_of("answers.show", token=page.card.token),
            printed_at=clock.now(),
            translate=gettext,
            formats=formats,
        )
        data = {"sheets": [to_print(sheet, gettext, formats)]}
        workbook = purchase_papers.workbook(sheet, gettext, formats)
    suffix = f".{again}" if again else ""
    send_letter(
        "orders/mail/purchase_order",
        to=page.producer.email,
        language=language,
        key=f"purchase-order.{page.card.number}{suffix}",
        attachments=(
            Attachment(
                f"{page.card.number}.pdf",
                "application/pdf",
                port(Printer).print(purchase_papers.DOCUMENT, data),
            ),
            Attachment(
                f"{page.card.number}.xlsx", XLSX, port(SpreadsheetWriter).write_xlsx(workbook)
            ),
        ),
        page=page,
        sheet=sheet,
        market=market,
        cycle=cycle,
        answer_url=sheet.answer_url,
    )


@handles(MAIL_CHANGED)
def send_order_changed(order_id: int, version: int) -> None:
    """Tell a customer, once, what producers cannot bring; nothing when all is there after all."""
    with reading() as session:
        order = order_page.by_id(session, order_id)
        market = markets.by_id(session, order.market_id)
        lines = [line for line in order_file.lines_of(session, order_id) if line.is_promised_less]
    if not lines or order.state != "firm":
        return
    send_letter(
        "orders/mail/order_changed",
        to=order.contact_email,
        language=order.locale,
        key=f"order-changed.{order.number}.{version}",
        order=order,
        lines=lines,
        market=market,
        order_url=address_of("orders.order", market=market.slug, token=order.token),
    )
