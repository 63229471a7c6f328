"""An archive verifies as long as nobody changed a byte of what is in it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date

import pytest

from shop.billing.domain import archive
from shop.billing.domain.journal import GENESIS, Entry, EntryKind, seal
from shop.catalog.domain.terms import SpotWay
from tests.factories.orders import NOW

KEY = archive.key_of("a secret of the tests")


def packed() -> bytes:
    entry = Entry(
        "1/desk", 1, EntryKind.TAKEN, SpotWay.CASH, 1250, NOW, NOW.date(), 7, "=Odile", "A1",
        "person:1", None, {}, GENESIS,
    )  # fmt: skip
    sealed = replace(entry, hash=seal(GENESIS, entry.facts()))
    return archive.pack("1/desk", [sealed], [], kept_until=date(2032, 12, 31), key=KEY)


def test_an_archive_is_verified_with_its_signature() -> None:
    checked = archive.check(packed(), KEY)
    assert (checked.till, checked.entries, checked.holds) == ("1/desk", 1, True)
    assert not archive.check(packed(), archive.key_of("another secret")).signed
    assert packed() == packed()


def test_a_changed_amount_breaks_signature_and_chain() -> None:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(packed())) as source,
        zipfile.ZipFile(target, "w") as changed,
    ):
        assert b"'=Odile" in source.read("entries.csv")
        for name in source.namelist():
            changed.writestr(name, source.read(name).replace(b"1250", b"1050"))
    checked = archive.check(target.getvalue(), KEY)
    assert not checked.signed
    assert [broken.record for broken in checked.broken] == ["entry 1"]


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(ValueError, match="not an archive"):
        archive.check(b"something else", KEY)
