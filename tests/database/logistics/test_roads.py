"""Roads that were asked for once are kept, by pair, source and date of the map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from shop.adapters.http_json import JsonServer
from shop.adapters.osrm_roads import OsrmRoads
from shop.adapters.road_sources import RoadSources
from shop.adapters.valhalla_roads import ValhallaRoads
from shop.kernel.errors import GatewayUnavailable
from shop.logistics.domain.planning.problem import Place
from shop.logistics.domain.roads import Point, RoadTable
from shop.logistics.ports import RoadSource
from shop.logistics.queries import roads as kept_roads
from shop.logistics.services import roads
from tests.factories.road_servers import OsrmServer, RoadServer, ValhallaServer, serving

POINTS: list[Point] = [(6.10, 43.40), (6.12, 43.40), (6.10, 43.41)]


@pytest.fixture
def books(app: Flask, session: Session) -> roads.Books:
    @contextmanager
    def here() -> Iterator[Session]:
        yield session
        session.flush()

    return roads.Books(here, here)


@pytest.fixture
def osrm() -> Iterator[RoadServer]:
    with serving(OsrmServer(limit=100, data_version="2026-11-20")) as made:
        yield made


@pytest.fixture
def valhalla() -> Iterator[RoadServer]:
    with serving(ValhallaServer(limit=50)) as made:
        yield made


def osrm_at(server: RoadServer, largest: int = 100) -> RoadSource:
    return OsrmRoads(JsonServer(server.url, pause=server.pauses.append), largest=largest)


def valhalla_at(server: RoadServer) -> RoadSource:
    return ValhallaRoads(JsonServer(server.url, pause=server.pauses.append))


def places(points: Sequence[Point]) -> list[Place]:
    return [Place(str(at), lon, lat) for at, (lon, lat) in enumerate(points)]


def test_a_pair_is_asked_for_once(session: Session, books: roads.Books, osrm: RoadServer) -> None:
    matrix = RoadSources([osrm_at(osrm)])
    assert roads.measure(matrix, POINTS, books) == roads.Measured("osrm", "2026-11-20", 6, 0)
    assert roads.measure(matrix, POINTS, books) == roads.Measured("osrm", "2026-11-20", 0, 0)
    assert [path.split("/")[1] for path in osrm.asked] == ["nearest", "table", "nearest"]
    found = kept_roads.between(session, places(POINTS))
    assert found.travel.distance_m.tolist() == [[0, 1600, 1221], [1600, 0, 2821], [1110, 2710, 0]]
    assert found.used.plain() == {
        "source": "osrm",
        "data_date": "2026-11-20",
        "pairs": 6,
        "estimated": 0,
    }
    assert not found.travel.estimated


def test_a_new_place_is_asked_for_alone(
    session: Session, books: roads.Books, osrm: RoadServer
) -> None:
    matrix = RoadSources([osrm_at(osrm)])
    roads.measure(matrix, POINTS, books)
    assert roads.measure(matrix, [*POINTS, (6.2, 43.4)], books).asked == 6


def test_a_new_map_is_asked_anew(session: Session, books: roads.Books, osrm: RoadServer) -> None:
    matrix = RoadSources([osrm_at(osrm)])
    roads.measure(matrix, POINTS, books)
    osrm.data_version = "2026-12-20"
    assert roads.measure(matrix, POINTS, books).asked == 6
    assert kept_roads.between(session, places(POINTS)).used.data_date == "2026-12-20"
    assert roads.forget_old_maps(session) == 1
    assert kept_roads.between(session, places(POINTS)).used.estimated == 0


def test_blocks_stay_below_the_limit_and_are_halved_when_it_is_lower_than_thought(
    session: Session, books: roads.Books, osrm: RoadServer
) -> None:
    osrm.limit = 3
    points = [(6.1 + each / 100, 43.4) for each in range(8)]
    heard: list[tuple[int, int]] = []
    measured = roads.measure(
        RoadSources([osrm_at(osrm)]), points, books, lambda done, of: heard.append((done, of))
    )
    assert (measured.asked, measured.failed) == (56, 0)
    assert heard[-1] == (56, 56)
    assert kept_roads.between(session, places(points)).used.estimated == 0


def test_the_next_source_is_asked_when_the_first_is_silent(
    session: Session, books: roads.Books, osrm: RoadServer, valhalla: RoadServer
) -> None:
    osrm.busy = 999
    matrix = RoadSources([osrm_at(osrm), valhalla_at(valhalla)])
    measured = roads.measure(matrix, POINTS, books)
    assert (measured.source, measured.failed) == ("valhalla", 0)
    assert kept_roads.between(session, places(POINTS)).used.source == "valhalla"


@dataclass
class Tired:
    """Says which map it has, then nothing."""

    name: str = "tired"
    largest: int = 2
    answers: int = 0
    asked: list[int] = field(default_factory=list)

    def data_date(self, near: Point) -> str:
        return "2026-01-01"

    def table(self, rows: Sequence[Point], columns: Sequence[Point]) -> RoadTable:
        self.asked.append(len(rows) * len(columns))
        if len(self.asked) > self.answers:
            raise GatewayUnavailable(why="tired")
        part = RoadTable.empty(len(rows), len(columns))
        part.distance_m[:] = part.duration_s[:] = 7
        return part


def test_a_source_that_only_says_its_date_is_passed_over(
    session: Session, books: roads.Books, osrm: RoadServer
) -> None:
    tired = Tired()
    measured = roads.measure(RoadSources([tired, osrm_at(osrm)]), POINTS, books)
    assert measured.source == "osrm"
    assert len(tired.asked) == roads.PATIENCE
    last = kept_roads.last_map(session)
    assert last is not None
    assert last.source == "osrm"


def test_what_failed_is_estimated_and_asked_for_again_next_time(
    session: Session, books: roads.Books
) -> None:
    tired = Tired(answers=1)
    measured = roads.measure(RoadSources([tired]), POINTS, books)
    assert measured.source == "tired"
    assert measured.failed > 0
    found = kept_roads.between(session, places(POINTS))
    assert found.travel.estimated
    assert 0 < found.used.estimated < 6
    tired.answers = 99
    assert roads.measure(RoadSources([tired]), POINTS, books).asked == found.used.estimated
    assert kept_roads.between(session, places(POINTS)).used.estimated == 0


def test_what_the_server_knows_no_road_to_is_estimated_and_not_asked_again(
    session: Session, books: roads.Books, osrm: RoadServer
) -> None:
    matrix = RoadSources([osrm_at(osrm)])
    points = [*POINTS, (8.5, 43.0)]
    assert roads.measure(matrix, points, books).failed == 0
    assert kept_roads.between(session, places(points)).used.estimated == 6
    assert roads.measure(matrix, points, books).asked == 0


def test_without_a_road_server_everything_is_estimated(
    session: Session, books: roads.Books
) -> None:
    assert roads.measure(RoadSources([]), POINTS, books) == roads.Measured(None, "", 0, 0)
    found = kept_roads.between(session, places(POINTS))
    assert found.used.is_estimated
    assert found.travel.source == "great_circle"
