"""Communes of France, looked up by name, postcode or INSEE code without the network."""

from __future__ import annotations

import csv
import heapq
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from shop.kernel.folding import fold

INSEE_CODE = re.compile(r"([013-9]\d|2[AB1-9])\d{3}")
POSTCODE = re.compile(r"\d{5}")
_ARTICLE = re.compile(r"(?:l|la|le|les) ")
_DIGITS = re.compile(r"\b\d{2,5}\b")
_AFTER_ANY_LETTER = "\U0010ffff"

_BEGINS, _LATER_WORD = range(2)


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune, its postcodes in order, and the point of its town hall in degrees."""

    insee: str
    name: str
    postcodes: tuple[str, ...]
    population: int
    lon: float
    lat: float


def municipality_code(insee: str) -> str:
    """Code of the commune that ``insee`` belongs to: the city for an arrondissement.

    A list of communes served that names the city holds its arrondissements too.
    """
    if "75101" <= insee <= "75120":
        return "75056"
    if "13201" <= insee <= "13216":
        return "13055"
    if "69381" <= insee <= "69389":
        return "69123"
    return insee


class CommuneTable:
    """Communes that never change, with what it takes to find one while a person types."""

    def __init__(self, communes: Iterable[Commune]) -> None:
        # Most people first: the place in this tuple is the rank by population.
        self._communes = tuple(sorted(communes, key=lambda found: (-found.population, found.insee)))
        self._by_insee: Mapping[str, Commune] = MappingProxyType(
            {commune.insee: commune for commune in self._communes}
        )
        ranks_by_postcode: dict[str, list[int]] = {}
        for rank, commune in enumerate(self._communes):
            for postcode in commune.postcodes:
                ranks_by_postcode.setdefault(postcode, []).append(rank)
        self._ranks_by_postcode: Mapping[str, tuple[int, ...]] = MappingProxyType(
            {code: tuple(ranks) for code, ranks in ranks_by_postcode.items()}
        )
        self._postcodes = tuple(sorted(ranks_by_postcode))
        # Every name from each of its words on; the number orders by group, then by population.
        endings = sorted(
            (ending, group * len(self._communes) + rank)
            for rank, commune in enumerate(self._communes)
            for group, ending in _endings(fold(commune.name))
        )
        self._endings = tuple(ending for ending, _ in endings)
        self._orders = tuple(order for _, order in endings)

    def __len__(self) -> int:
        return len(self._communes)

    def by_insee(self, code: str) -> Commune | None:
        """The commune or arrondissement of that INSEE code, or None."""
        return self._by_insee.get(code.strip().upper())

    def by_postcode(self, code: str) -> tuple[Commune, ...]:
        """Every commune that has this postcode, the most inhabited first; empty when unknown."""
        ranks = self._ranks_by_postcode.get(code.strip(), ())
        return tuple(self._communes[rank] for rank in ranks)

    def within(self, west: float, south: float, east: float, north: float) -> tuple[Commune, ...]:
        """Communes whose point lies in a box of degrees, the most inhabited first."""
        return tuple(
            place
            for place in self._communes
            if west <= place.lon <= east and south <= place.lat <= north
        )

    def search(
        self, text: str, postcode: str | None = None, limit: int = 10
    ) -> tuple[Commune, ...]:
        """Communes whose name matches ``text``, the best first, ``limit`` at most.

        Accents, case, hyphens and apostrophes do not count, « St » is « Saint », an article in
        front may be left out. First the name itself, then names that begin so, then names with
        a later word that begins so; in each group by population. Digits in ``text`` (two to
        five) are the beginning of a postcode; ``postcode``, when given, must be one of theirs.
        """
        words = fold(_DIGITS.sub(" ", text))
        allowed = self._ranks_allowed(_DIGITS.findall(text), postcode)
        if words:
            best = self._best_matches(words, allowed, limit)
        else:
            best = heapq.nsmallest(limit, allowed or ())
        return tuple(self._communes[rank] for rank in best)

    def _ranks_allowed(self, digits: list[str], postcode: str | None) -> set[int] | None:
        """Ranks of the communes with these postcodes; None when no postcode was asked."""
        if postcode is not None and postcode.strip():
            return set(self._ranks_by_postcode.get(postcode.strip(), ()))
        if not digits:
            return None
        first = bisect_left(self._postcodes, digits[0])
        last = bisect_right(self._postcodes, digits[0] + _AFTER_ANY_LETTER)
        return {
            rank for code in self._postcodes[first:last] for rank in self._ranks_by_postcode[code]
        }

    def _best_matches(self, words: str, allowed: set[int] | None, limit: int) -> list[int]:
        """Ranks of the communes that match, the best first, once each."""
        first = bisect_left(self._endings, words)
        same = bisect_right(self._endings, words)
        last = bisect_right(self._endings, words + _AFTER_ANY_LETTER)
        everyone = len(self._communes)
        exact = [order for order in self._orders[first:same] if order < everyone]
        others: Iterable[int] = self._orders[first:last]
        if allowed is not None:
            exact = [order for order in exact if order in allowed]
            others = [order for order in others if order % everyone in allowed]
        # A name may match by several of its words; four times as many leave enough.
        found = [*sorted(exact), *heapq.nsmallest(4 * limit, others)]
        return list(dict.fromkeys(order % everyone for order in found))[:limit]


def _endings(name: str) -> Iterator[tuple[int, str]]:
    """``name`` from each of its words to its end; 0 before what begins it, 1 for later words."""
    yield _BEGINS, name
    article = _ARTICLE.match(name)
    for index, letter in enumerate(name):
        if letter == " ":
            begins = article is not None and index + 1 == article.end()
            yield (_BEGINS if begins else _LATER_WORD), name[index + 1 :]


def read_communes(lines: Iterable[str]) -> Iterator[Commune]:
    """Communes of a list ``insee,nom,codes_postaux,population,lat,lon``.

    A commune without a point of its own (there are five) gets the middle of those that share
    its first postcode: near enough until the person moves the pin. Left out when there is none.
    """
    rows = list(csv.DictReader(lines))
    points: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if row["lon"] and row["lat"]:
            for postcode in row["codes_postaux"].split():
                points.setdefault(postcode, []).append((float(row["lon"]), float(row["lat"])))
    for row in rows:
        postcodes = tuple(row["codes_postaux"].split())
        if row["lon"] and row["lat"]:
            lon, lat = float(row["lon"]), float(row["lat"])
        elif near := points.get(postcodes[0]):
            lon = round(sum(point[0] for point in near) / len(near), 5)
            lat = round(sum(point[1] for point in near) / len(near), 5)
        else:
            continue
        yield Commune(row["insee"], row["nom"], postcodes, int(row["population"]), lon, lat)


@cache
def table() -> CommuneTable:
    """The table of all communes, read from the package at its first use and kept."""
    source = resources.files("shop.infra.places").joinpath("communes.csv")
    return CommuneTable(read_communes(source.read_text(encoding="utf-8").splitlines()))


def search(text: str, postcode: str | None = None, limit: int = 10) -> tuple[Commune, ...]:
    """Communes of France that match ``text``; see `CommuneTable.search`."""
    return table().search(text, postcode, limit)


def by_insee(code: str) -> Commune | None:
    """Commune of France with that INSEE code, or None."""
    return table().by_insee(code)


def by_postcode(code: str) -> tuple[Commune, ...]:
    """Communes of France with that postcode, the most inhabited first."""
    return table().by_postcode(code)


def within(west: float, south: float, east: float, north: float) -> tuple[Commune, ...]:
    """Communes of France whose point lies in a box of degrees, the most inhabited first."""
    return table().within(west, south, east, north)
