"""What preparers, drivers and hosts send: a weight, a count, a name, and the key of each."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from werkzeug.datastructures import MultiDict

from shop.kernel.errors import InvalidInput
from shop.logistics.domain.picking import read_grams
from shop.logistics.domain.terms import PickingKind
from shop.logistics.services.driving import Deed
from shop.logistics.services.picking import Said
from shop.orders.domain.terms import ShortageReason
from shop.orders.queries.lines import PickLine

NAME_LENGTH = 120
NOTE_LENGTH = 500


def new_key() -> str:
    """A key for one form: what is sent twice is known by it."""
    return str(uuid.uuid4())


@dataclass(slots=True)
class Typed:
    """What a form said, kept to be shown again when it cannot be used."""

    line_id: int
    key: str
    amount: str = ""
    weight: str = ""
    reason: str = ""
    sure: bool = False
    question: str = ""
    """Code of the question that it raises."""
    facts: dict[str, int | None] = field(default_factory=dict)


def typed(form: MultiDict[str, str], line_id: int) -> Typed:
    """The fields of a form about one line."""
    return Typed(
        line_id,
        form.get("key", ""),
        form.get("amount", "").strip(),
        form.get("weight", "").strip(),
        form.get("reason", ""),
        bool(form.get("sure")),
    )


def said_of(form: MultiDict[str, str], line: PickLine, now: datetime) -> Said:
    """The entry that a form means.

    Its key is made of the key of the form and of what was typed: a form that is sent twice is
    one entry, a page that comes back and says something else is another.

    Raises:
        InvalidInput: an amount, a weight or a reason that cannot be read.
    """
    said = typed(form, line.line_id)
    kind = PickingKind.UNDONE if form.get("kind") == PickingKind.UNDONE else PickingKind.PICKED
    key = _key(said.key, line.line_id, kind, said.amount, said.weight, said.reason)
    if kind is PickingKind.UNDONE:
        return Said(key, line.line_id, kind, 0, now)
    reason = _reason(said.reason)
    weight_g = _weight(said.weight) if line.is_weighed else None
    amount = _amount(said.amount, line, weight_g)
    return Said(
        key,
        line.line_id,
        PickingKind.SHORT if reason else kind,
        amount,
        now,
        weight_g if amount else None,
        reason,
        sure=said.sure,
    )


def deed_of(form: MultiDict[str, str], now: datetime, by: int) -> Deed:
    """Who does what a form says, under the key of the form."""
    return Deed(_key(form.get("key", "")), now, by)


def text_of(form: MultiDict[str, str], name: str, length: int = NOTE_LENGTH) -> str:
    """A text of a form, trimmed and cut."""
    return " ".join(form.get(name, "").split())[:length]


def _key(given: str, *about: object) -> uuid.UUID:
    try:
        key = uuid.UUID(given)
    except ValueError:
        raise InvalidInput(field="key", reason="missing") from None
    return uuid.uuid5(key, "|".join(str(part) for part in about)) if about else key


def _reason(given: str) -> ShortageReason | None:
    if not given:
        return None
    try:
        return ShortageReason(given)
    except ValueError:
        raise InvalidInput(field="reason", reason="unknown") from None


def _weight(given: str) -> int | None:
    if not given:
        return None
    try:
        return read_grams(given)
    except ValueError:
        raise InvalidInput(field="weight_g", reason="unreadable") from None


def _amount(given: str, line: PickLine, weight_g: int | None) -> int:
    """Pieces as typed, else as expected; of loose goods what they weigh."""
    if line.is_weighed and not line.counts_pieces and weight_g is not None:
        return weight_g
    if not given:
        if line.is_weighed and weight_g is None:
            raise InvalidInput(field="weight_g", reason="missing")
        return line.expected
    if not given.isdecimal() or len(given) > 7:
        raise InvalidInput(field="amount", reason="unreadable")
    if line.is_weighed and not line.counts_pieces and int(given):
        raise InvalidInput(field="weight_g", reason="missing")
    return int(given)
