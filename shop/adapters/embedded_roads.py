"""Distances by road without a server: OSRM in this process, on a map prepared from an extract.

Needs the optional package ``osrm-bindings`` (Python 3.12 or newer) and an extract of
OpenStreetMap in a file (.osm.pbf). Preparing a region takes minutes and happens once, in
whoever asks first: the worker, or ``carriole prepare-roads``.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shop.adapters.osrm_roads import read_table
from shop.kernel.errors import GatewayRefused, GatewayUnavailable
from shop.logistics.domain.roads import Point, RoadTable

try:
    import osrm
except ImportError:
    osrm = None

LARGEST = 500
"""OSRM answers 500 × 500 in half a second; larger questions would be cut for no gain."""

STEPS = ("extract", "partition", "customize")


def is_installed() -> bool:
    """Whether this Python has OSRM in it."""
    return osrm is not None


class EmbeddedRoads:
    """Loads the prepared map when first asked and keeps it."""

    name = "osrm"
    largest = LARGEST

    def __init__(self, extract: Path, folder: Path) -> None:
        self.extract = extract
        self.folder = folder
        self.engine: Any = None

    def data_date(self, near: Point) -> str:
        """When the extract was made, to the minute.

        Raises:
            GatewayUnavailable: OSRM is not installed, or there is no extract.
        """
        if not is_installed():
            raise GatewayUnavailable(why="osrm_not_installed")
        if not self.extract.is_file():
            raise GatewayUnavailable(why="no_extract", path=str(self.extract))
        made = datetime.fromtimestamp(self.extract.stat().st_mtime, UTC)
        return made.strftime("%Y-%m-%d %H:%M")

    def table(self, rows: Sequence[Point], columns: Sequence[Point]) -> RoadTable:
        """One question to the engine."""
        same = list(rows) == list(columns)
        spots = [*rows] if same else [*rows, *columns]
        asked = osrm.TableParameters(
            coordinates=spots,
            sources=[] if same else list(range(len(rows))),
            destinations=[] if same else list(range(len(rows), len(spots))),
            annotations=["duration", "distance"],
            generate_hints=False,
        )
        try:
            said = self._engine().Table(asked)
        except RuntimeError as error:
            raise GatewayRefused(why=str(error)) from error
        return read_table(said, len(rows), len(columns))

    def prepare(self) -> Path:
        """Make the map that OSRM reads, unless it is there already; where it is.

        Raises:
            GatewayUnavailable: OSRM is not installed, there is no extract, or it is not one.
        """
        date = self.data_date((0.0, 0.0))
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / (
            self.extract.name.removesuffix(".pbf").removesuffix(".osm") + ".osrm"
        )
        done = self.folder / f"{target.name}.prepared"
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (done.exists() and done.read_text() == date):
                self._run_steps(target)
                done.write_text(date)
        return target

    def _run_steps(self, target: Path) -> None:
        # OSRM writes beside what it reads: a link keeps the extract's own folder clean.
        link = target.with_suffix(".osm.pbf")
        link.unlink(missing_ok=True)
        link.symlink_to(self.extract.resolve())
        profile = Path(osrm.__file__).parent / "share" / "profiles" / "car.lua"
        for step in STEPS:
            read = ["-p", str(profile), str(link)] if step == "extract" else [str(target)]
            ended = subprocess.run(
                [sys.executable, "-m", "osrm", step, *read], capture_output=True, check=False
            )
            if ended.returncode:
                said = (ended.stderr or ended.stdout).decode(errors="replace")[-300:]
                raise GatewayUnavailable(why=f"osrm-{step}", said=said)

    def _engine(self) -> Any:
        if self.engine is None:
            self.engine = osrm.OSRM(
                algorithm="MLD",
                storage_config=str(self.prepare()),
                use_shared_memory=False,
                max_locations_distance_table=LARGEST,
            )
        return self.engine
