"""A chain verifies if and only if nobody touched it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shop.billing.domain.journal import (
    GENESIS,
    Closing,
    Entry,
    EntryKind,
    Period,
    canonical,
    seal,
    totals_by_way,
    verify,
)
from shop.catalog.domain.terms import SpotWay

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def chain(amounts: list[tuple[SpotWay, int]]) -> list[Entry]:
    entries: list[Entry] = []
    last = GENESIS
    for number, (way, cents) in enumerate(amounts, 1):
        at = START + timedelta(hours=5 * number)
        entry = Entry(
            "1/desk", number, EntryKind.TAKEN, way, cents, at, at.date(), 7, "Odile", f"A{number}",
            "person:1", None, {"rates": {"550": cents}}, last,
        )  # fmt: skip
        entries.append(replace(entry, hash=seal(last, entry.facts())))
        last = entries[-1].hash
    return entries


def closed(entries: list[Entry], day: date) -> Closing:
    inside = [entry for entry in entries if entry.day == day]
    totals = totals_by_way(inside)
    upto = [entry for entry in entries if entry.sequence <= inside[-1].sequence]
    closing = Closing(
        "1/desk", 1, Period.DAY, day.isoformat(), inside[0].sequence, inside[-1].sequence, totals,
        sum(totals.values()), sum(entry.amount_cents for entry in upto), None,
        totals.get("cash", 0), "", START, None, inside[-1].hash, GENESIS,
    )  # fmt: skip
    return replace(closing, hash=seal(GENESIS, closing.facts()))


takings = st.lists(
    st.tuples(st.sampled_from(list(SpotWay)), st.integers(1, 99_999)), min_size=1, max_size=12
)

CHANGES: dict[str, Any] = {
    "amount_cents": lambda entry: entry.amount_cents + 1,
    "by_name": lambda entry: entry.by_name + "x",
    "at": lambda entry: entry.at + timedelta(microseconds=1),
    "order_number": lambda entry: "Z99",
    "details": lambda entry: {"rates": {"550": 0}},
    "way": lambda entry: next(way for way in SpotWay if way is not entry.way),
    "payer": lambda entry: "person:2",
}


@given(amounts=takings, place=st.integers(0), name=st.sampled_from(sorted(CHANGES)))
def test_a_chain_verifies_if_and_only_if_it_was_not_touched(
    amounts: list[tuple[SpotWay, int]], place: int, name: str
) -> None:
    entries = chain(amounts)
    assert verify(entries, [closed(entries, entries[0].day)]) == []
    touched = list(entries)
    index = place % len(entries)
    touched[index] = replace(touched[index], **{name: CHANGES[name](touched[index])})
    named = {broken.record for broken in verify(touched, [])}
    assert f"entry {index + 1}" in named


@given(amounts=takings, place=st.integers(0))
def test_an_entry_that_was_taken_out_is_missed(
    amounts: list[tuple[SpotWay, int]], place: int
) -> None:
    entries = chain(amounts)
    closing = closed(entries, entries[-1].day)
    del entries[place % len(entries)]
    assert verify(entries, [closing])


def test_a_counter_entry_takes_back_exactly_what_it_names() -> None:
    entries = chain([(SpotWay.CASH, 500), (SpotWay.CASH, 700)])
    last = entries[-1].hash
    counter = replace(
        entries[1], sequence=3, kind=EntryKind.COUNTER, amount_cents=-700, counters_sequence=2,
        previous_hash=last,
    )  # fmt: skip
    counter = replace(counter, hash=seal(last, counter.facts()))
    assert verify([*entries, counter], []) == []
    wrong = replace(counter, amount_cents=-699)
    wrong = replace(wrong, hash=seal(last, wrong.facts()))
    assert [broken.why for broken in verify([*entries, wrong], [])] == ["makes no sense"]


def test_facts_have_one_spelling() -> None:
    assert canonical(["é", 1, None, {"b": 2, "a": 1}]) == '["\\u00e9",1,null,{"a":1,"b":2}]'
    (entry,) = chain([(SpotWay.CASH, 1250)])
    assert entry.hash == "3f226dd2b32772975e02886398fb8d9b76e6d659310e08b7fbc91d499dac58c8"
