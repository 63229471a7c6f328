"""Every lifecycle is drawn, state by state, where people look for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shop.billing.domain import lifecycles as billing
from shop.catalog.domain.cycle import SALES_CYCLE
from shop.kernel.lifecycle import Lifecycle
from shop.logistics.domain import lifecycles as logistics
from shop.orders.domain import lifecycles as orders

ROOT = Path(__file__).parents[2]

DRAWN = [
    (SALES_CYCLE, "catalog"),
    *((value, "billing") for value in vars(billing).values() if isinstance(value, Lifecycle)),
    *((value, "orders") for value in vars(orders).values() if isinstance(value, Lifecycle)),
    *((value, "logistics") for value in vars(logistics).values() if isinstance(value, Lifecycle)),
]


@pytest.mark.parametrize(
    ("lifecycle", "room"), DRAWN, ids=lambda value: getattr(value, "name", value)
)
def test_a_lifecycle_is_drawn_in_the_readme_of_its_room(lifecycle: Lifecycle, room: str) -> None:
    text = (ROOT / "shop" / room / "README.md").read_text(encoding="utf-8")
    for (state, event), to_state in lifecycle.moves.items():
        assert f"{state} --{event}--> {to_state}" in text
