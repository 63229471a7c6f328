"""A pin set by hand is near the commune it is said to be in."""

from __future__ import annotations

import pytest

from shop.infra.places import communes
from shop.infra.places.pins import PinMissing, PinTooFar, meters_between, read_pin

BRIGNOLES = communes.by_postcode("83170")[0]


@pytest.mark.parametrize(
    "form",
    [
        {"lon": "6.0631", "lat": "43.4049"},
        {"lon": " 6,0631 ", "lat": "43,4049"},
        {"spot": "6.0631,43.4049", "lon": "5", "lat": "44"},
        {"spot": "", "lon": "6.0631", "lat": "43.4049"},
    ],
)
def test_a_proposal_counts_before_the_fields(form: dict[str, str]) -> None:
    assert read_pin(form, BRIGNOLES) == (6.0631, 43.4049)


@pytest.mark.parametrize("form", [{}, {"lon": "", "lat": "43"}, {"lon": "here", "lat": "there"}])
def test_no_pin_is_said_to_be_missing(form: dict[str, str]) -> None:
    with pytest.raises(PinMissing):
        read_pin(form, BRIGNOLES)


@pytest.mark.parametrize(
    ("lon", "lat"), [("2.35", "48.85"), ("nan", "43.4"), ("inf", "43.4"), ("43.4", "6.06")]
)
def test_a_pin_elsewhere_is_refused(lon: str, lat: str) -> None:
    with pytest.raises(PinTooFar):
        read_pin({"lon": lon, "lat": lat}, BRIGNOLES)


def test_meters_between_two_points() -> None:
    assert round(meters_between((6.0, 43.0), (6.0, 44.0))) == 111_195
    assert round(meters_between((6.0, 60.0), (7.0, 60.0))) == 55_598
