"""Invoices for the people who look at them: the desk, a producer, a customer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shop.billing.domain.invoice import Invoice
from shop.billing.domain.invoice_record import thaw
from shop.billing.domain.invoice_terms import InvoiceKind, PartyKind
from shop.billing.errors import InvoiceRunUnknown, InvoiceUnknown
from shop.billing.models import InvoiceFile, InvoiceRun, InvoiceSubmission, IssuedInvoice
from shop.kernel.folding import fold
from shop.kernel.money import Money

PER_PAGE = 50

FILES_AT_ONCE = 50

FILTERS = ("invoice", "credit", "firms", "self_billed")


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One line of a list."""

    id: int
    number: str
    kind: InvoiceKind
    seller_name: str
    buyer_name: str
    order_number: str
    issued_on: date
    net: Money
    tax: Money
    gross: Money
    paid: Money
    submission: str | None
    """Where it stands at a portal; None: it goes to none."""

    @property
    def due(self) -> Money:
        """What is left to pay."""
        return self.gross - self.paid


@dataclass(frozen=True, slots=True)
class FoundInvoices:
    """A page of a list."""

    rows: tuple[InvoiceRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """One invoice with all that belongs to it."""

    id: int
    market_id: int
    order_id: int | None
    seller_kind: PartyKind
    seller_id: int
    invoice: Invoice
    xml: str
    credits: tuple[InvoiceRow, ...]
    submission: SubmissionView | None


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """Where an invoice stands at a portal."""

    id: int
    state: str
    is_public: bool
    reference: str
    note: str


@dataclass(frozen=True, slots=True)
class CycleFigures:
    """Invoices of a cycle in figures."""

    invoices: int
    credits: int
    net: Money
    tax: Money
    gross: Money
    files: int


@dataclass(frozen=True, slots=True)
class RunView:
    """How far issuing a cycle is."""

    id: int
    state: str
    orders: int
    orders_done: int
    files: int
    files_done: int
    issued: int
    blocked: int

    @property
    def is_open(self) -> bool:
        """Whether it is still at work."""
        return self.state in ("waiting", "running")


_ROW = (
    IssuedInvoice.id,
    IssuedInvoice.number,
    IssuedInvoice.kind,
    IssuedInvoice.document["seller"]["name"].astext.label("seller_name"),
    IssuedInvoice.buyer_name,
    IssuedInvoice.document["order_number"].astext.label("order_number"),
    IssuedInvoice.issued_on,
    IssuedInvoice.net_cents,
    IssuedInvoice.tax_cents,
    IssuedInvoice.gross_cents,
    IssuedInvoice.paid_cents,
    InvoiceSubmission.state,
)

_CREDITS = [kind for kind in InvoiceKind if kind.is_credit]


def find(
    session: Session,
    market_id: int,
    *,
    cycle_id: int | None = None,
    text: str = "",
    wanted: str = "",
    page: int | None = 1,
) -> FoundInvoices:
    """Invoices of a market, the latest first; ``page`` None: all of them."""
    condition = IssuedInvoice.market_id == market_id
    if cycle_id is not None:
        condition &= IssuedInvoice.cycle_id == cycle_id
    for word in fold(text).split():
        condition &= IssuedInvoice.search_text.contains(word, autoescape=True)
    if wanted == "credit":
        condition &= IssuedInvoice.kind.in_(_CREDITS)
    elif wanted == "invoice":
        condition &= IssuedInvoice.kind.not_in(_CREDITS)
    elif wanted == "firms":
        condition &= InvoiceSubmission.id.is_not(None)
    elif wanted == "self_billed":
        condition &= IssuedInvoice.kind.in_([k for k in InvoiceKind if k.is_self_billed])
    return _find(session, condition, page)


def of_producer(session: Session, producer_id: int, page: int | None = 1) -> FoundInvoices:
    """Invoices in a producer's name, the latest first."""
    condition = (IssuedInvoice.seller_kind == PartyKind.PRODUCER) & (
        IssuedInvoice.seller_id == producer_id
    )
    return _find(session, condition, page)


def of_order(session: Session, order_id: int) -> tuple[InvoiceRow, ...]:
    """What the customer of an order was invoiced, the first first."""
    found = _find(session, IssuedInvoice.order_id == order_id, None)
    return found.rows[::-1]


def page_of(session: Session, invoice_id: int) -> InvoicePage:
    """One invoice.

    Raises:
        InvoiceUnknown: there is no such invoice.
    """
    row = session.execute(
        select(IssuedInvoice, InvoiceSubmission)
        .outerjoin(InvoiceSubmission, InvoiceSubmission.invoice_id == IssuedInvoice.id)
        .where(IssuedInvoice.id == invoice_id)
    ).one_or_none()
    if row is None:
        raise InvoiceUnknown(invoice_id=invoice_id)
    issued, submission = row
    return InvoicePage(
        id=issued.id,
        market_id=issued.market_id,
        order_id=issued.order_id,
        seller_kind=issued.seller_kind,
        seller_id=issued.seller_id,
        invoice=thaw(issued.document),
        xml=issued.xml,
        credits=_find(session, IssuedInvoice.corrects_id == invoice_id, None).rows,
        submission=None
        if submission is None
        else SubmissionView(
            submission.id,
            submission.state,
            submission.is_public,
            submission.reference,
            submission.note,
        ),
    )


def file_of(session: Session, invoice_id: int) -> bytes | None:
    """The file of an invoice; None when it was not made yet."""
    return session.scalar(select(InvoiceFile.pdf).where(InvoiceFile.invoice_id == invoice_id))


def figures(session: Session, market_id: int, cycle_id: int) -> CycleFigures:
    """Invoices of a cycle; credit notes count down."""
    is_credit = IssuedInvoice.kind.in_(_CREDITS)
    row = session.execute(
        select(
            func.count().filter(~is_credit).label("invoices"),
            func.count().filter(is_credit).label("credits"),
            *(
                (
                    func.coalesce(func.sum(column).filter(~is_credit), 0)
                    - func.coalesce(func.sum(column).filter(is_credit), 0)
                )
                for column in (
                    IssuedInvoice.net_cents,
                    IssuedInvoice.tax_cents,
                    IssuedInvoice.gross_cents,
                )
            ),
            func.count(InvoiceFile.invoice_id).label("files"),
        )
        .outerjoin(InvoiceFile, InvoiceFile.invoice_id == IssuedInvoice.id)
        .where(IssuedInvoice.market_id == market_id, IssuedInvoice.cycle_id == cycle_id)
    ).one()
    return CycleFigures(
        row[0], row[1], Money(int(row[2])), Money(int(row[3])), Money(int(row[4])), row[5]
    )


def files_of_cycle(
    session: Session, market_id: int, cycle_id: int
) -> Iterator[tuple[str, str, bytes]]:
    """Seller, number and file of each printed invoice of a cycle, a few at a time."""
    last = 0
    while True:
        rows = session.execute(
            select(
                IssuedInvoice.id,
                IssuedInvoice.document["seller"]["name"].astext,
                IssuedInvoice.number,
                InvoiceFile.pdf,
            )
            .join(InvoiceFile, InvoiceFile.invoice_id == IssuedInvoice.id)
            .where(IssuedInvoice.market_id == market_id, IssuedInvoice.cycle_id == cycle_id)
            .where(IssuedInvoice.id > last)
            .order_by(IssuedInvoice.id)
            .limit(FILES_AT_ONCE)
        ).all()
        if not rows:
            return
        for row in rows:
            yield row[1], row[2], row[3]
        last = rows[-1].id


def latest_run(session: Session, market_id: int, cycle_id: int) -> RunView | None:
    """The last time somebody asked for the invoices of a cycle."""
    return _run(session, (InvoiceRun.market_id == market_id) & (InvoiceRun.cycle_id == cycle_id))


def run_of(session: Session, market_id: int, run_id: int) -> RunView:
    """How far a run of this market is.

    Raises:
        InvoiceRunUnknown: this market has none with that key.
    """
    found = _run(session, (InvoiceRun.market_id == market_id) & (InvoiceRun.id == run_id))
    if found is None:
        raise InvoiceRunUnknown(run_id=run_id)
    return found


def _run(session: Session, condition: ColumnElement[bool]) -> RunView | None:
    row = session.execute(
        select(
            InvoiceRun.id,
            InvoiceRun.state,
            InvoiceRun.orders,
            InvoiceRun.orders_done,
            InvoiceRun.files,
            InvoiceRun.files_done,
            InvoiceRun.issued,
            InvoiceRun.blocked,
        )
        .where(condition)
        .order_by(InvoiceRun.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else RunView(*row)


def _find(session: Session, condition: ColumnElement[bool], page: int | None) -> FoundInvoices:
    base = (
        select(*_ROW)
        .outerjoin(InvoiceSubmission, InvoiceSubmission.invoice_id == IssuedInvoice.id)
        .where(condition)
        .order_by(IssuedInvoice.issued_at.desc(), IssuedInvoice.id.desc())
    )
    if page is None:
        rows = [_row(*row) for row in session.execute(base)]
        return FoundInvoices(tuple(rows), len(rows), 1, 1)
    total = (
        session.scalar(
            select(func.count())
            .select_from(IssuedInvoice)
            .outerjoin(InvoiceSubmission, InvoiceSubmission.invoice_id == IssuedInvoice.id)
            .where(condition)
        )
        or 0
    )
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, page), pages)
    limited = base.limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return FoundInvoices(tuple(_row(*row) for row in session.execute(limited)), total, page, pages)


def _row(
    invoice_id: int,
    number: str,
    kind: InvoiceKind,
    seller_name: str,
    buyer_name: str,
    order_number: str,
    issued_on: date,
    net: int,
    tax: int,
    gross: int,
    paid: int,
    submission: str | None,
) -> InvoiceRow:
    return InvoiceRow(
        invoice_id,
        number,
        kind,
        seller_name,
        buyer_name,
        order_number,
        issued_on,
        Money(net),
        Money(tax),
        Money(gross),
        Money(paid),
        submission,
    )
