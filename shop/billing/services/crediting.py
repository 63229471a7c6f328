"""Take back what an invoice asked for: a credit note that cites it, line by line, never more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.billing.domain.invoice import Correction, Invoice, InvoiceLine, compose, part_of
from shop.billing.domain.invoice_record import thaw
from shop.billing.domain.invoice_terms import InvoiceKind, InvoiceLineKind, PartyKind
from shop.billing.domain.sellers import Buyer, SellerRef
from shop.billing.errors import CreditTooHigh, InvoiceUnknown, NothingToCredit
from shop.billing.models import InvoiceSeries, InvoiceSubmission, IssuedInvoice
from shop.billing.queries import sellers
from shop.billing.services import invoicing
from shop.billing.services.drafting import Draft
from shop.kernel.money import Money
from shop.orders.domain.terms import RefundPart, RefundReason
from shop.orders.queries import refunds
from shop.orders.queries.refunds import RefundView

Words = Callable[[str, RefundReason], str]
"""From a language and the reason of a refund to words on paper."""

_Line = tuple[InvoiceLineKind, str, int, int | None]


def credit(
    session: Session,
    invoice_id: int,
    amounts: Mapping[int, Money],
    *,
    reason: str,
    key: str,
    at: datetime,
    by: int | None = None,
) -> int | None:
    """Issue a credit note for ``amounts`` of lines of an invoice, by place.

    None when ``key`` was credited before.

    Raises:
        InvoiceUnknown: there is no such invoice.
        NothingToCredit: no line is named, or the document is a credit note itself.
        CreditTooHigh: more than is left of a line.
    """
    row = session.get(IssuedInvoice, invoice_id)
    if row is None:
        raise InvoiceUnknown(invoice_id=invoice_id)
    # Two credit notes of one invoice wait for each other: what is left is counted once.
    session.execute(
        select(InvoiceSeries.id).where(InvoiceSeries.id == row.series_id).with_for_update()
    )
    if not amounts or row.kind.is_credit:
        raise NothingToCredit(field="amount")
    original = thaw(row.document)
    left = _left(session, row.id, original)
    for place, amount in amounts.items():
        if place not in left or not Money.zero() < amount <= left[place]:
            raise CreditTooHigh(field=f"amount-{place}", place=place, left=left.get(place))
    draft = _draft(session, row, original, amounts, reason=reason, key=key)
    day = invoicing.local_day(session, row.market_id, at)
    issued = invoicing.issue(session, [draft], day=day, at=at, by=by)
    return issued[0] if issued else None


def credit_refunds(
    session: Session, order_ids: Iterable[int], *, at: datetime, words: Words
) -> list[int]:
    """Credit notes for all money that was given back of some orders, as far as they lack."""
    return [
        noted
        for order_id in order_ids
        for view in refunds.of_order(session, order_id)
        if view.state == "done"
        for noted in credit_refund(session, view, at=at, words=words)
    ]


def credit_refund(session: Session, view: RefundView, *, at: datetime, words: Words) -> list[int]:
    """Credit notes for money that was given back, one per invoice that it touches.

    Nothing when the order was never invoiced: its invoice brings them along. Deposits and delivery
    are taken from their lines, the first first.
    """
    rows = session.scalars(
        select(IssuedInvoice)
        .where(IssuedInvoice.order_id == view.order_id)
        .where(IssuedInvoice.kind == InvoiceKind.INVOICE)
        .order_by(IssuedInvoice.id)
    ).all()
    wanted: dict[int, dict[int, Money]] = defaultdict(dict)
    documents = {row.id: thaw(row.document) for row in rows}
    lefts = {row.id: _left(session, row.id, documents[row.id]) for row in rows}
    for part in view.lines:
        rest = part.amount
        for invoice_id, invoice in documents.items():
            for place, line in enumerate(invoice.lines):
                if not rest or not _is_about(line, part.part, part.order_line_id):
                    continue
                taken = min(rest, lefts[invoice_id][place])
                if taken:
                    before = wanted[invoice_id].get(place, Money.zero())
                    wanted[invoice_id][place] = before + taken
                    lefts[invoice_id][place] -= taken
                    rest -= taken
    issued = [
        credit(
            session,
            invoice_id,
            amounts,
            reason=view.note or words(documents[invoice_id].language, view.reason),
            key=f"refund:{view.id}:{invoice_id}",
            at=at,
        )
        for invoice_id, amounts in wanted.items()
        if not _is_credited(session, f"refund:{view.id}:{invoice_id}")
    ]
    return [invoice_id for invoice_id in issued if invoice_id is not None]


def left_of(session: Session, invoice_id: int) -> dict[int, Money]:
    """What may still be credited of each line of an invoice, by place.

    Raises:
        InvoiceUnknown: there is no such invoice.
    """
    row = session.get(IssuedInvoice, invoice_id)
    if row is None:
        raise InvoiceUnknown(invoice_id=invoice_id)
    return _left(session, invoice_id, thaw(row.document))


def _left(session: Session, invoice_id: int, original: Invoice) -> dict[int, Money]:
    given: dict[_Line, Money] = defaultdict(Money.zero)
    documents = session.scalars(
        select(IssuedInvoice.document).where(IssuedInvoice.corrects_id == invoice_id)
    )
    for document in documents:
        for line in thaw(document).lines:
            given[_same(line)] += line.gross
    left = {}
    for place, line in enumerate(original.lines):
        taken = min(line.gross, given[_same(line)])
        given[_same(line)] -= taken
        left[place] = line.gross - taken
    return left


def _same(line: InvoiceLine) -> _Line:
    return (line.kind, line.name, line.rate_bp, line.order_line_id)


def _is_about(line: InvoiceLine, part: RefundPart, order_line_id: int | None) -> bool:
    if part is RefundPart.GOODS:
        return line.kind is InvoiceLineKind.GOODS and line.order_line_id == order_line_id
    if part is RefundPart.DEPOSIT:
        return line.kind is InvoiceLineKind.DEPOSIT
    return line.kind in {InvoiceLineKind.DELIVERY, InvoiceLineKind.SERVICE}


def _is_credited(session: Session, key: str) -> bool:
    return session.scalar(select(IssuedInvoice.id).where(IssuedInvoice.key == key)) is not None


def _draft(
    session: Session,
    row: IssuedInvoice,
    original: Invoice,
    amounts: Mapping[int, Money],
    *,
    reason: str,
    key: str,
) -> Draft:
    series = session.get_one(InvoiceSeries, row.series_id)
    refs = [
        SellerRef(PartyKind(series.seller_kind), series.seller_id),
        SellerRef(PartyKind(series.issuer_kind), series.issuer_id),
    ]
    known = sellers.sellers(session, refs)
    lines, taxes = compose(part_of(original.lines, amounts))
    gross = Money.total(group.gross for group in taxes)
    kind = InvoiceKind.SELF_BILLED_CREDIT if row.kind.is_self_billed else InvoiceKind.CREDIT_NOTE
    return Draft(
        key=key,
        kind=kind,
        seller=replace(known[refs[0]], party=original.seller),
        issuer=known[refs[1]],
        buyer=Buyer(original.buyer, is_public=_is_public(session, row.id)),
        lines=lines,
        taxes=taxes,
        supplied_on=original.supplied_on,
        market_id=row.market_id,
        cycle_id=row.cycle_id,
        order_id=row.order_id,
        order_number=original.order_number,
        language=original.language,
        paid=Money.zero() if original.due else gross,
        means=original.means,
        due_on=None,
        mentions=_mentions(original, lines),
        exemption_code=original.exemption_code,
        mandate=original.mandate,
        notes=original.notes,
        correction=Correction(original.number, original.issued_on, reason),
        corrects_id=row.id,
    )


def _mentions(original: Invoice, lines: Sequence[InvoiceLine]) -> tuple[str, ...]:
    return original.mentions if any(not line.rate_bp for line in lines) else ()


def _is_public(session: Session, invoice_id: int) -> bool:
    return bool(
        session.scalar(
            select(InvoiceSubmission.is_public).where(InvoiceSubmission.invoice_id == invoice_id)
        )
    )
