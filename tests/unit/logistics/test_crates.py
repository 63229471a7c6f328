"""Crates of an order: never overfull, never of two temperatures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shop.catalog.domain.terms import TemperatureClass
from shop.logistics.domain.crate import FULL, crates_for

FILLS = st.dictionaries(st.sampled_from(TemperatureClass), st.integers(1, 9 * FULL))


def test_a_large_cold_order_gets_numbered_crates_ambient_first() -> None:
    crates = crates_for("K47-298", {TemperatureClass.CHILLED: 2300, TemperatureClass.AMBIENT: 400})
    assert [(crate.code, crate.temperature_class.value, crate.fill) for crate in crates] == [
        ("K47-298-1", "ambient", 400),
        ("K47-298-2", "chilled", 1000),
        ("K47-298-3", "chilled", 1000),
        ("K47-298-4", "chilled", 300),
    ]
    assert {crate.total for crate in crates} == {4}


@given(FILLS)
def test_crates_hold_all_goods_and_none_is_overfull(fill: dict[TemperatureClass, int]) -> None:
    crates = crates_for("A00-001", fill)
    assert all(0 < crate.fill <= FULL for crate in crates)
    for kind, amount in fill.items():
        assert sum(crate.fill for crate in crates if crate.temperature_class is kind) == amount
    assert [crate.position for crate in crates] == list(range(1, len(crates) + 1))
    assert len({crate.code for crate in crates}) == len(crates)
