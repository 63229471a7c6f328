"""Signs of quality are known by their names and by the habits of price lists."""

from __future__ import annotations

import pytest

from shop.catalog.domain.labels import Label, name_of, read_labels


@pytest.mark.parametrize(
    ("written", "labels"),
    [
        ("AB", (Label.ORGANIC,)),
        ("bio ◎", (Label.ORGANIC,)),
        ("dem", (Label.DEMETER,)),
        ("Agriculture Biologique", (Label.ORGANIC,)),
        ("en conversion", (Label.CONVERSION,)),
        ("Label Rouge, fermier", (Label.LABEL_ROUGE, Label.FARM_MADE)),
        ("IGP + HVE", (Label.IGP, Label.HVE)),
        ("Bio / Demeter", (Label.ORGANIC, Label.DEMETER)),
        ("bio et équitable", (Label.ORGANIC, Label.FAIR_TRADE)),
        ("Nature & Progrès", (Label.NATURE_ET_PROGRES,)),
        ("AOP fermier", (Label.AOP, Label.FARM_MADE)),
        ("", ()),
    ],
)
def test_labels_are_read_as_people_write_them(written: str, labels: tuple[Label, ...]) -> None:
    assert read_labels(written) == (labels, ())


def test_what_is_no_label_is_given_back() -> None:
    assert read_labels("Bio, Étoile verte") == ((Label.ORGANIC,), ("Étoile verte",))
    assert read_labels("pas bio") == ((), ("pas bio",))


@pytest.mark.parametrize("label", Label)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_name_we_write_is_read_back(label: Label, language: str) -> None:
    assert read_labels(name_of(label, language)) == ((label,), ())
