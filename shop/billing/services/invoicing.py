"""Issue invoices: give each the next number of its series in the transaction that freezes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shop.billing.domain.cross_industry import write_xml
from shop.billing.domain.invoice import Invoice
from shop.billing.domain.invoice_record import freeze
from shop.billing.domain.sellers import Blocker, Seller, number_text, prefix_of
from shop.billing.models import (
    InvoiceSeries,
    InvoiceSubmission,
    InvoiceTax,
    IssuedInvoice,
    IssuedLine,
)
from shop.billing.services import drafting
from shop.billing.services.drafting import Draft, Translate
from shop.catalog.queries import markets
from shop.kernel.folding import fold
from shop.orders.queries import billed
from shop.orders.queries.billed import BilledOrder


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was issued now, and what was kept back by something that lacks."""

    issued: tuple[int, ...] = ()
    blockers: tuple[Blocker, ...] = ()


@dataclass(frozen=True, slots=True)
class _Series:
    id: int
    year: int | None
    prefix: str
    last_number: int


def issue_for_orders(
    session: Session,
    order_ids: Sequence[int],
    *,
    at: datetime,
    by: int | None = None,
    translate: Translate,
) -> Outcome:
    """Invoice delivered orders, each once however often this runs.

    What lacks is told instead, and the rest is issued. Orders of one market or several.
    """
    issued: list[int] = []
    blockers: list[Blocker] = []
    by_market: dict[int, list[BilledOrder]] = defaultdict(list)
    for order in billed.by_ids(session, order_ids).values():
        if order.final:
            by_market[order.market_id].append(order)
    for market_id, orders in sorted(by_market.items()):
        day = local_day(session, market_id, at)
        on = drafting.ground(session, market_id, day, orders, translate)
        drafts: list[Draft] = []
        for order in orders:
            made, lacks = drafting.drafts_of(order, on)
            drafts += made
            blockers += lacks
        issued += issue(session, drafts, day=day, at=at, by=by)
    return Outcome(tuple(issued), tuple(blockers))


def issue(
    session: Session, drafts: Sequence[Draft], *, day: date, at: datetime, by: int | None = None
) -> list[int]:
    """Number and freeze drafts; those whose reason was invoiced before are left out.

    The rows of the series are locked in ascending order until the transaction ends, so numbers
    follow each other without a gap and two issuers wait for each other, never deadlock.
    """
    if not drafts:
        return []
    series = _lock_series(session, drafts, day)
    keys = [draft.key for draft in drafts]
    known = set(session.scalars(select(IssuedInvoice.key).where(IssuedInvoice.key.in_(keys))).all())
    taken: dict[int, int] = {found.id: found.last_number for found in series.values()}
    made: list[_Made] = []
    for draft in drafts:
        if draft.key in known:
            continue
        known.add(draft.key)
        found = series[_place(draft, day)]
        taken[found.id] += 1
        number = number_text(found.prefix, found.year, taken[found.id])
        made.append((draft, _compose(draft, number, day), found.id, taken[found.id]))
    for found in series.values():
        if taken[found.id] != found.last_number:
            session.execute(
                update(InvoiceSeries)
                .where(InvoiceSeries.id == found.id)
                .values(last_number=taken[found.id])
                .execution_options(synchronize_session=False)
            )
    return _freeze_all(session, made, at=at, by=by)


def local_day(session: Session, market_id: int, at: datetime) -> date:
    """The market's date at an instant: the day that an invoice bears."""
    return at.astimezone(ZoneInfo(markets.by_id(session, market_id).timezone)).date()


_Made = tuple[Draft, Invoice, int, int]
"""A draft, its invoice, its series and its place in it."""

_Place = tuple[str, int, str, int, int | None]


def _place(draft: Draft, day: date) -> _Place:
    """Of which series a draft takes its number."""
    seller, issuer = draft.seller.ref, draft.issuer.ref
    year = day.year if draft.seller.yearly_numbers else None
    return (seller.kind.value, seller.id, issuer.kind.value, issuer.id, year)


def _lock_series(session: Session, drafts: Sequence[Draft], day: date) -> dict[_Place, _Series]:
    wanted: dict[_Place, tuple[Seller, Seller]] = {
        _place(draft, day): (draft.seller, draft.issuer) for draft in drafts
    }
    session.execute(
        upsert(InvoiceSeries).on_conflict_do_nothing(constraint="uq_invoice_series_once"),
        [
            {
                "seller_kind": seller.ref.kind,
                "seller_id": seller.ref.id,
                "issuer_kind": issuer.ref.kind,
                "issuer_id": issuer.ref.id,
                "year": place[4],
                "prefix": prefix_of(seller, issuer),
            }
            for place, (seller, issuer) in sorted(
                wanted.items(), key=lambda item: (item[0][:4], item[0][4] or 0)
            )
        ],
    )
    rows = session.execute(
        select(
            InvoiceSeries.id,
            InvoiceSeries.seller_kind,
            InvoiceSeries.seller_id,
            InvoiceSeries.issuer_kind,
            InvoiceSeries.issuer_id,
            InvoiceSeries.year,
            InvoiceSeries.prefix,
            InvoiceSeries.last_number,
        )
        .where(InvoiceSeries.issuer_id.in_({place[3] for place in wanted}))
        .where(InvoiceSeries.seller_id.in_({place[1] for place in wanted}))
        .order_by(InvoiceSeries.id)
        .with_for_update()
    )
    found = {}
    for row in rows:
        place = (
            row.seller_kind.value,
            row.seller_id,
            row.issuer_kind.value,
            row.issuer_id,
            row.year,
        )
        if place in wanted:
            found[place] = _Series(row.id, row.year, row.prefix, row.last_number)
    return found


def _compose(draft: Draft, number: str, day: date) -> Invoice:
    return Invoice(
        kind=draft.kind,
        number=number,
        issued_on=day,
        supplied_on=draft.supplied_on,
        seller=draft.seller.party,
        buyer=draft.buyer.party,
        lines=draft.lines,
        taxes=draft.taxes,
        paid=draft.paid,
        means=draft.means,
        paid_parts=draft.paid_parts,
        language=draft.language,
        order_number=draft.order_number,
        mentions=draft.mentions,
        exemption_code=draft.exemption_code,
        mandate=draft.mandate,
        correction=draft.correction,
        due_on=draft.due_on,
        notes=draft.notes,
    )


def _freeze_all(
    session: Session,
    made: Sequence[_Made],
    *,
    at: datetime,
    by: int | None,
) -> list[int]:
    if not made:
        return []
    rows = session.execute(
        insert(IssuedInvoice).returning(IssuedInvoice.id, sort_by_parameter_order=True),
        [
            _row(draft, invoice, series_id, sequence, at, by)
            for draft, invoice, series_id, sequence in made
        ],
        execution_options={"render_nulls": True},
    ).all()
    ids = [row.id for row in rows]
    session.execute(
        insert(InvoiceTax),
        [
            {
                "invoice_id": invoice_id,
                "rate_bp": group.rate_bp,
                "base_cents": group.base.cents,
                "tax_cents": group.tax.cents,
                "rounding_cents": group.rounding.cents,
            }
            for invoice_id, (_draft, invoice, _series, _sequence) in zip(ids, made, strict=True)
            for group in invoice.taxes
        ],
    )
    session.execute(
        insert(IssuedLine),
        [
            {
                "invoice_id": invoice_id,
                "place": place,
                "kind": line.kind,
                "order_line_id": line.order_line_id,
                "producer_id": line.producer_id,
                "rate_bp": line.rate_bp,
                "net_cents": line.net.cents,
                "gross_cents": line.gross.cents,
            }
            for invoice_id, (_draft, invoice, _series, _sequence) in zip(ids, made, strict=True)
            for place, line in enumerate(invoice.lines)
        ],
        execution_options={"render_nulls": True},
    )
    _announce(session, ids, made, at=at)
    return ids


def _announce(
    session: Session,
    ids: Sequence[int],
    made: Sequence[_Made],
    *,
    at: datetime,
) -> None:
    """Open the way to the portal for what goes to firms and administrations."""
    rows = [
        {"invoice_id": invoice_id, "is_public": draft.buyer.is_public, "changed_at": at}
        for invoice_id, (draft, _invoice, _series, _sequence) in zip(ids, made, strict=True)
        if draft.buyer.party.is_organisation and not draft.kind.is_self_billed
    ]
    if rows:
        session.execute(insert(InvoiceSubmission), rows)


def _row(
    draft: Draft, invoice: Invoice, series_id: int, sequence: int, at: datetime, by: int | None
) -> dict[str, object]:
    words = (invoice.number, draft.order_number, invoice.buyer.name, invoice.seller.name)
    return {
        "key": draft.key,
        "kind": invoice.kind,
        "series_id": series_id,
        "sequence": sequence,
        "number": invoice.number,
        "seller_kind": draft.seller.ref.kind,
        "seller_id": draft.seller.ref.id,
        "market_id": draft.market_id,
        "cycle_id": draft.cycle_id,
        "order_id": draft.order_id,
        "corrects_id": draft.corrects_id,
        "buyer_name": invoice.buyer.name,
        "search_text": fold(" ".join(words)),
        "buyer_siret": invoice.buyer.siret,
        "issued_on": invoice.issued_on,
        "supplied_on": invoice.supplied_on,
        "net_cents": invoice.net.cents,
        "tax_cents": invoice.tax.cents,
        "rounding_cents": invoice.rounding.cents,
        "gross_cents": invoice.gross.cents,
        "paid_cents": invoice.paid.cents,
        "document": freeze(invoice),
        "xml": write_xml(invoice).decode(),
        "issued_at": at,
        "issued_by": by,
    }
