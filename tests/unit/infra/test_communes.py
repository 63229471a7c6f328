"""Communes are found the way people write them."""

from __future__ import annotations

import time
from dataclasses import FrozenInstanceError

import pytest

from shop.infra.places import communes
from shop.infra.places.communes import INSEE_CODE, POSTCODE, Commune, CommuneTable


def names(text: str, postcode: str | None = None, limit: int = 10) -> list[str]:
    return [found.name for found in communes.search(text, postcode, limit)]


def test_every_commune_of_the_list_is_there_with_a_code_a_postcode_and_a_point() -> None:
    table = communes.table()
    assert len(table) == 34_920
    brignoles = communes.by_insee("83023")
    assert brignoles is not None
    assert brignoles == Commune("83023", "Brignoles", ("83170",), 17850, 6.06167, 43.4066)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("brignoles", "Brignoles"),
        ("BRIGNOLES", "Brignoles"),
        ("st maximin la ste baume", "Saint-Maximin-la-Sainte-Baume"),
        ("Saint-Maximin-la", "Saint-Maximin-la-Sainte-Baume"),
        ("meounes les montrieux", "Méounes-lès-Montrieux"),
        ("seillons source d argens", "Seillons-Source-d'Argens"),
        ("seillons source d’argens", "Seillons-Source-d'Argens"),
        ("garde freinet", "La Garde-Freinet"),
        ("plan de la tour", "Le Plan-de-la-Tour"),
        ("villedieu sur indre", "Villedieu-sur-Indre"),
        ("hyeres", "Hyères"),
        ("haÿ-les-roses", "L'Haÿ-les-Roses"),
    ],
)
def test_accents_case_hyphens_apostrophes_and_articles_do_not_count(
    written: str, meant: str
) -> None:
    assert names(written, limit=1) == [meant]


def test_the_ligature_may_be_written_in_two_letters() -> None:
    assert names("oeuilly") == names("Œuilly")
    assert "Œuilly" in names("oeuilly")


def test_the_name_itself_comes_first_then_the_most_inhabited_that_begin_so() -> None:
    assert names("die")[0] == "Die"
    assert names("brign", limit=3)[0] == "Brignoles"
    found = communes.search("saint-m", limit=10)
    assert [place.population for place in found] == sorted(
        (place.population for place in found), reverse=True
    )


def test_a_later_word_is_found_after_names_that_begin_so() -> None:
    found = names("argens", limit=10)
    assert "Roquebrune-sur-Argens" in found
    assert found.index("Argens-Minervois") < found.index("Roquebrune-sur-Argens")


def test_a_postcode_beside_the_name_narrows_the_answer() -> None:
    assert names("saint martin", "83560") == ["Saint-Martin-de-Pallières"]
    assert names("brignoles", "13001") == []


def test_digits_in_the_text_are_a_postcode_or_the_beginning_of_one() -> None:
    assert names("83170") == [place.name for place in communes.by_postcode("83170")]
    assert names("83170 bri") == ["Brignoles"]
    assert names("831", limit=1) == ["Toulon"]
    assert all(
        any(code.startswith("831") for code in place.postcodes)
        for place in communes.search("831", limit=50)
    )


def test_a_commune_without_a_point_stands_between_its_neighbors() -> None:
    places = {
        place.insee: place
        for place in communes.read_communes(
            [
                "insee,nom,codes_postaux,population,lat,lon",
                "15001,Une,15170,10,45.2,3.0",
                "15002,Deux,15170 15300,10,45.4,3.2",
                "15003,Sans point,15170,5,,",
                "15004,Nulle part,15999,5,,",
            ]
        )
    }
    assert (places["15003"].lon, places["15003"].lat) == (3.1, 45.3)
    assert "15004" not in places


def test_one_postcode_may_serve_many_communes_the_most_inhabited_first() -> None:
    found = [place.name for place in communes.by_postcode("83170")]
    assert found[0] == "Brignoles"
    assert {"Tourves", "Camps-la-Source", "Vins-sur-Caramy"} <= set(found)
    assert communes.by_postcode("99999") == ()


@pytest.mark.parametrize(
    ("arrondissement", "city"),
    [("13205", "13055"), ("75118", "75056"), ("69385", "69123"), ("83023", "83023")],
)
def test_an_arrondissement_belongs_to_its_city(arrondissement: str, city: str) -> None:
    assert communes.municipality_code(arrondissement) == city
    assert communes.by_insee(arrondissement) is not None


def test_corsica_keeps_its_letters_and_nonsense_finds_nothing() -> None:
    ajaccio = communes.by_insee("2a004")
    assert ajaccio is not None
    assert ajaccio.name == "Ajaccio"
    assert communes.by_insee("99999") is None
    assert names("xyzzyx") == []
    assert names("   ") == []


def test_every_code_has_the_written_form() -> None:
    for prefix in ("01", "13", "2A", "2B", "83", "97"):
        for place in communes.search(prefix if prefix.isdigit() else "", limit=40_000):
            assert INSEE_CODE.fullmatch(place.insee)
            assert all(POSTCODE.fullmatch(code) for code in place.postcodes)


def test_the_table_is_read_once_and_cannot_be_changed() -> None:
    assert communes.table() is communes.table()
    place = communes.by_insee("83023")
    assert place is not None
    with pytest.raises(FrozenInstanceError):
        place.name = "Autre"  # type: ignore[misc]


def test_an_ordinary_search_takes_a_few_milliseconds() -> None:
    communes.table()
    spent = []
    for text in ("s", "sa", "saint", "saint m", "brig", "aix", "la ", "831", "marseille"):
        begun = time.process_time()
        communes.search(text)
        spent.append(time.process_time() - begun)
    assert sorted(spent)[len(spent) // 2] < 0.005


def test_a_small_table_of_ones_own_answers_the_same_way() -> None:
    table = CommuneTable(
        [
            Commune("00001", "Le Val", ("83143",), 4000, 6.07, 43.44),
            Commune("00002", "Valensole", ("04210",), 3500, 5.98, 43.83),
            Commune("00003", "La Valette-du-Var", ("83160",), 24000, 5.98, 43.13),
        ]
    )
    assert [place.name for place in table.search("val")] == [
        "Le Val",
        "La Valette-du-Var",
        "Valensole",
    ]
    assert table.search("val", limit=1)[0].insee == "00001"
