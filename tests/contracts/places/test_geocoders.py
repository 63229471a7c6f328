"""Geocoders: the national format over the wire, and the communes without the network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shop.adapters.commune_geocoder import CommuneGeocoder
from shop.adapters.http_json import JsonServer
from shop.adapters.national_geocoder import NationalGeocoder, Pace, read_spots
from shop.infra.places import communes
from shop.infra.places.communes import Commune
from shop.infra.places.geocoding import PinBy, judge
from shop.kernel.errors import GatewayRefused, GatewayUnavailable
from tests.factories.geocoder_server import GeocoderServer
from tests.factories.road_servers import RoadServer, serving


class Drawer:
    """A cache that says how long it was told to keep."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.seconds: set[int] = set()

    def get(self, name: str) -> str | None:
        return self.kept.get(name)

    def setex(self, name: str, time: int, value: str) -> None:
        self.seconds.add(time)
        self.kept[name] = value


@pytest.fixture
def server() -> Iterator[RoadServer]:
    with serving(GeocoderServer(limit=0)) as made:
        yield made


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def national(server: RoadServer, drawer: Drawer) -> NationalGeocoder:
    return NationalGeocoder(JsonServer(server.url, pause=server.pauses.append), drawer)


def commune(insee: str) -> Commune:
    found = communes.by_insee(insee)
    assert found is not None
    return found


BRIGNOLES = commune("83023")


def test_an_address_is_found_with_its_point(national: NationalGeocoder) -> None:
    found = judge(national.search("12 rue de la République", BRIGNOLES), BRIGNOLES)
    assert (found.lon, found.lat, found.by) == (6.0612, 43.4058, PinBy.ADDRESS)
    assert found.is_sure


def test_the_same_address_is_asked_for_once_a_month(
    national: NationalGeocoder, server: RoadServer, drawer: Drawer
) -> None:
    first = national.search("12 rue de la République", BRIGNOLES)
    assert national.search("12,  Rue de la republique", BRIGNOLES) == first
    assert server.asked == ["/search"]
    assert drawer.seconds == {30 * 24 * 3600}


def test_a_doubtful_address_is_proposed_and_stands_in_the_middle_until_then(
    national: NationalGeocoder,
) -> None:
    found = judge(national.search("rue du Four", BRIGNOLES), BRIGNOLES)
    assert (found.lon, found.lat, found.by) == (BRIGNOLES.lon, BRIGNOLES.lat, PinBy.COMMUNE)
    assert [spot.label for spot in found.proposals] == ["Rue du Four 83170 Brignoles"]


def test_the_bare_commune_is_no_address(national: NationalGeocoder) -> None:
    found = judge(national.search("lieu-dit le Plan", BRIGNOLES), BRIGNOLES)
    assert (found.by, found.proposals) == (PinBy.COMMUNE, ())


def test_a_district_is_in_its_city(national: NationalGeocoder) -> None:
    marseille = commune("13055")
    assert judge(national.search("12 rue de la République", marseille), marseille).lon == 5.3747
    toulon = commune("83137")
    assert judge(national.search("12 rue de la République", toulon), toulon).by is PinBy.COMMUNE


def test_the_address_nearest_to_a_point_is_known(national: NationalGeocoder) -> None:
    found = national.reverse(6.0630, 43.4050)
    assert found is not None
    assert found.label == "Rue du Four 83170 Brignoles"


def test_when_it_says_too_often_it_is_asked_later(
    national: NationalGeocoder, server: RoadServer
) -> None:
    server.busy, server.busy_status = 1, 429
    assert national.search("12 rue de la République", BRIGNOLES)
    assert server.pauses == [2.0]


def test_silence_is_unavailable_and_nothing_is_kept(
    national: NationalGeocoder, server: RoadServer, drawer: Drawer
) -> None:
    server.busy = 99
    with pytest.raises(GatewayUnavailable):
        national.search("12 rue de la République", BRIGNOLES)
    assert drawer.kept == {}


def test_what_is_no_geojson_is_refused() -> None:
    for said in ({}, {"features": [{}]}, {"features": [{"geometry": {"coordinates": [1]}}]}):
        with pytest.raises(GatewayRefused):
            read_spots(said)


def test_no_more_than_fifty_questions_leave_in_a_second() -> None:
    waits: list[float] = []
    pace = Pace(50, now=lambda: 100.0, pause=waits.append)
    for _ in range(4):
        pace.wait()
    assert waits == pytest.approx([0.02, 0.04, 0.06])


def test_without_the_network_an_address_is_in_the_middle_of_its_commune() -> None:
    here = CommuneGeocoder()
    found = judge(here.search("12 rue de la République", BRIGNOLES), BRIGNOLES)
    assert (found.lon, found.lat, found.by) == (BRIGNOLES.lon, BRIGNOLES.lat, PinBy.COMMUNE)
    nearest = here.reverse(BRIGNOLES.lon + 0.001, BRIGNOLES.lat)
    assert nearest is not None
    assert nearest.commune_insee == "83023"
    assert here.reverse(-30.0, 43.0) is None
