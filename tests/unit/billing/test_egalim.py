"""The file for canteens has the columns and the words of the national form."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shop.billing.domain import egalim
from shop.billing.domain.egalim import Purchase
from shop.kernel.money import Money

BOUGHT = Purchase(
    siret="35600000000048",
    description="Tomme, affinée",
    supplier="GAEC des Avens",
    on=date(2026, 11, 26),
    net=Money(12345),
    shelf="fromages",
    labels=("organic", "farm_made", "mountain"),
    origin="France – Var",
    is_certified=True,
    is_short=True,
    is_local=True,
)


def test_one_line_per_purchase_with_a_dot_and_a_list() -> None:
    head, line = egalim.write([BOUGHT]).decode().splitlines()
    assert head == (
        "siret,description,fournisseur,date,prix_ht,famille_produits,categories_egalim,"
        "origine,est_circuit_court,est_local,definition_local"
    )
    assert line == (
        '35600000000048,"Tomme, affinée",GAEC des Avens,2026-11-26,123.45,PRODUITS_LAITIERS,'
        '"BIO,FERMIER",FRANCE,true,true,DEPARTEMENT'
    )


def test_an_organic_claim_without_a_certificate_does_not_count() -> None:
    bare = replace(BOUGHT, is_certified=False, is_local=False, origin="")
    assert egalim.write([bare]).decode().splitlines()[1].endswith(",FERMIER,,true,false,")


def test_hve_stops_counting_by_itself_in_2027() -> None:
    assert egalim.signs(["hve"], date(2026, 12, 31), is_certified=False) == ["HVE"]
    assert egalim.signs(["hve"], date(2027, 1, 1), is_certified=False) == []


def test_aop_and_aoc_are_one_sign() -> None:
    assert egalim.signs(["aop", "aoc"], date(2026, 1, 1), is_certified=False) == ["AOCAOP"]


@pytest.mark.parametrize(
    ("shelf", "family"),
    [
        ("legumes", "FRUITS_ET_LEGUMES"),
        ("herbes-champignons", "FRUITS_ET_LEGUMES"),
        ("cremerie", "PRODUITS_LAITIERS"),
        ("oeufs-volailles", "VIANDES_VOLAILLES"),
        ("viandes", "VIANDES_VOLAILLES"),
        ("charcuterie", "CHARCUTERIE"),
        ("poissons", "PRODUITS_DE_LA_MER"),
        ("pains", "BOULANGERIE"),
        ("vins-bieres", "BOISSONS"),
        ("miel-confitures", "AUTRES"),
        ("maison", "AUTRES"),
    ],
)
def test_each_shelf_has_its_family(shelf: str, family: str) -> None:
    assert egalim.family(shelf) == family


@pytest.mark.parametrize(
    ("text", "origin"),
    [("France – Var", "FRANCE"), ("Espagne", "EUROPE"), ("Maroc", ""), ("", "")],
)
def test_origins_are_france_europe_or_unsaid(text: str, origin: str) -> None:
    assert egalim.origin(text) == origin
