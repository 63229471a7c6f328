"""The signed archive of a till: what an inspector gets, and how it is verified years later.

A zip with the entries and closings as CSV for reading and as JSON for verifying, a letter that
says how, and ``signature.txt``: HMAC-SHA256 over the SHA-256 of each file, with a key that is
derived from the installation's secret.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shop.billing.domain.journal import (
    Broken,
    Closing,
    Entry,
    EntryKind,
    Period,
    spelled,
    verify,
)
from shop.catalog.domain.terms import SpotWay

SIGNATURE = "signature.txt"

_STAMP = (1980, 1, 1, 0, 0, 0)
"""Of every file inside: the same journal gives the same archive."""

_READ_ME = """Archive of the payment journal of a till
=========================================
till: {till}
kept until: {kept_until}

entries.csv, closings.csv   for reading (amounts in cents, instants in UTC)
entries.json, closings.json the same records with their seals, for verifying
signature.txt               HMAC-SHA256 of the installation over the SHA-256 of each file

Each record is sealed: SHA-256 over the seal of the record before it (64 zeros for the first), a
line feed, and its facts in one spelling: a JSON array, keys sorted, no spaces, ASCII only.
The facts of each record stand in the JSON files in that order under "facts".
"carriole check-journal --archive FILE" verifies all of this.
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the verification of an archive found."""

    till: str
    entries: int
    closings: int
    signed: bool
    broken: tuple[Broken, ...]

    @property
    def holds(self) -> bool:
        """Whether it is as it was signed."""
        return self.signed and not self.broken


def key_of(secret: str) -> bytes:
    """Key of signatures, derived from the installation's secret."""
    return hmac.new(secret.encode(), b"carriole till archive", hashlib.sha256).digest()


def pack(
    till: str,
    entries: Sequence[Entry],
    closings: Sequence[Closing],
    *,
    kept_until: date,
    key: bytes,
) -> bytes:
    """The archive of one till; the same journal gives the same bytes."""
    files = {
        "README.txt": _READ_ME.format(till=till, kept_until=kept_until).encode(),
        "entries.csv": _csv([_entry(entry) for entry in entries]),
        "closings.csv": _csv([_closing(closing) for closing in closings]),
        "entries.json": _json([_sealed(entry) for entry in entries]),
        "closings.json": _json([_sealed(closing) for closing in closings]),
    }
    files[SIGNATURE] = signature(files, key).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _STAMP), content)
    return target.getvalue()


def signature(files: dict[str, bytes], key: bytes) -> str:
    """The signature over every file but itself."""
    listed = "\n".join(
        f"{name} {hashlib.sha256(content).hexdigest()}"
        for name, content in sorted(files.items())
        if name != SIGNATURE
    )
    return hmac.new(key, listed.encode(), hashlib.sha256).hexdigest()


def check(packed: bytes, key: bytes) -> Checked:
    """Verify an archive: its signature, its chain, its sums.

    Raises:
        ValueError: it is no archive of a till.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        entries = [_read_entry(row) for row in json.loads(files["entries.json"])]
        closings = [_read_closing(row) for row in json.loads(files["closings.json"])]
        given = files[SIGNATURE].decode().strip()
    except (zipfile.BadZipFile, KeyError, TypeError, IndexError) as error:
        raise ValueError("not an archive of a till") from error
    tills = [entry.till for entry in entries] + [closing.till for closing in closings]
    return Checked(
        till=tills[0] if tills else "",
        entries=len(entries),
        closings=len(closings),
        signed=hmac.compare_digest(given, signature(files, key)),
        broken=tuple(verify(entries, closings)),
    )


def _sealed(record: Entry | Closing) -> dict[str, Any]:
    return {
        "facts": record.facts(),
        "previous_hash": record.previous_hash,
        "hash": record.hash,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "at": spelled(entry.at),
        "day": entry.day.isoformat(),
        "kind": entry.kind.value,
        "way": entry.way.value,
        "amount_cents": entry.amount_cents,
        "order": entry.order_number,
        "by": entry.by_name,
        "counters": entry.counters_sequence,
        "details": json.dumps(dict(entry.details), ensure_ascii=False, sort_keys=True),
        "hash": entry.hash,
    }


def _closing(closing: Closing) -> dict[str, Any]:
    return {
        "sequence": closing.sequence,
        "period": closing.period.value,
        "label": closing.label,
        "at": spelled(closing.at),
        "first_entry": closing.first_entry,
        "last_entry": closing.last_entry,
        "total_cents": closing.total_cents,
        "perpetual_cents": closing.perpetual_cents,
        "expected_cash_cents": closing.expected_cents,
        "counted_cash_cents": closing.counted_cents,
        "totals": json.dumps(dict(closing.totals), sort_keys=True),
        "note": closing.note,
        "hash": closing.hash,
    }


def _csv(rows: Sequence[dict[str, Any]]) -> bytes:
    target = io.StringIO()
    if rows:
        writer = csv.DictWriter(target, list(rows[0]), delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows([{name: _safe(value) for name, value in row.items()} for row in rows])
    return target.getvalue().encode("utf-8-sig")


def _safe(value: Any) -> Any:
    """A text that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@"}:
        return f"'{value}"
    return "" if value is None else value


def _json(rows: Sequence[dict[str, Any]]) -> bytes:
    return json.dumps(rows, ensure_ascii=True, sort_keys=True, indent=1).encode()


def _read_entry(row: dict[str, Any]) -> Entry:
    (_, till, sequence, kind, way, cents, at, day, by, name, order, payer, counters, details) = row[
        "facts"
    ]
    return Entry(
        till, sequence, EntryKind(kind), SpotWay(way), cents, _instant(at),
        date.fromisoformat(day), by, name, order, payer, counters, details,
        row["previous_hash"], row["hash"],
    )  # fmt: skip


def _read_closing(row: dict[str, Any]) -> Closing:
    (
        _, till, sequence, period, label, first, last, totals, total, perpetual, counted, expected,
        note, at, by, last_hash,
    ) = row["facts"]  # fmt: skip
    return Closing(
        till, sequence, Period(period), label, first, last, totals, total, perpetual, counted,
        expected, note, _instant(at), by, last_hash, row["previous_hash"], row["hash"],
    )  # fmt: skip


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
