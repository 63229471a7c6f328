"""The fourteen allergens that have to be declared, and how people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from shop.kernel.folding import fold


class Allergen(StrEnum):
    """One of the fourteen allergens of annex II of regulation (EU) 1169/2011."""

    GLUTEN = "gluten"
    CRUSTACEANS = "crustaceans"
    EGGS = "eggs"
    FISH = "fish"
    PEANUTS = "peanuts"
    SOYA = "soya"
    MILK = "milk"
    NUTS = "nuts"
    CELERY = "celery"
    MUSTARD = "mustard"
    SESAME = "sesame"
    SULPHITES = "sulphites"
    LUPIN = "lupin"
    MOLLUSCS = "molluscs"


FRENCH_NAMES: dict[Allergen, str] = {
    Allergen.GLUTEN: "gluten",
    Allergen.CRUSTACEANS: "crustacés",
    Allergen.EGGS: "œufs",
    Allergen.FISH: "poisson",
    Allergen.PEANUTS: "arachides",
    Allergen.SOYA: "soja",
    Allergen.MILK: "lait",
    Allergen.NUTS: "fruits à coque",
    Allergen.CELERY: "céleri",
    Allergen.MUSTARD: "moutarde",
    Allergen.SESAME: "sésame",
    Allergen.SULPHITES: "sulfites",
    Allergen.LUPIN: "lupin",
    Allergen.MOLLUSCS: "mollusques",
}

_WRITTEN: dict[Allergen, tuple[str, ...]] = {
    Allergen.GLUTEN: ("ble", "froment", "seigle", "orge", "avoine", "epeautre", "wheat"),
    Allergen.CRUSTACEANS: ("crustace", "crustacean", "schaaldieren"),
    Allergen.EGGS: ("oeuf", "egg", "ei", "eieren"),
    Allergen.FISH: ("poissons", "vis"),
    Allergen.PEANUTS: ("arachide", "cacahuete", "cacahuetes", "peanut", "pinda"),
    Allergen.SOYA: ("soy",),
    Allergen.MILK: ("lactose", "laits", "melk", "produits laitiers"),
    Allergen.NUTS: (
        "fruit a coque",
        "noix",
        "noisette",
        "noisettes",
        "amande",
        "amandes",
        "noten",
        "tree nuts",
    ),
    Allergen.CELERY: ("celeri rave", "selderij"),
    Allergen.MUSTARD: ("mosterd",),
    Allergen.SESAME: ("graines de sesame", "sesamzaad", "sesam"),
    Allergen.SULPHITES: ("sulfite", "sulphite", "so2", "anhydride sulfureux", "sulfieten"),
    Allergen.LUPIN: ("lupine",),
    Allergen.MOLLUSCS: ("mollusque", "mollusc", "weekdieren"),
}

_BY_WORD: dict[str, Allergen] = {
    fold(word): allergen
    for allergen in Allergen
    for word in (allergen.value, FRENCH_NAMES[allergen], *_WRITTEN[allergen])
}

_NONE = frozenset(
    fold(word) for word in ("aucun", "aucune", "sans", "néant", "none", "no", "non", "geen", "0")
)
_SEPARATORS = re.compile(r"[,;/|+\n]| et | and | en ")


@dataclass(frozen=True, slots=True)
class AllergenStatement:
    """All fourteen answered: contained, perhaps contained, and the others absent."""

    contains: frozenset[Allergen] = frozenset()
    may_contain: frozenset[Allergen] = frozenset()

    def __post_init__(self) -> None:
        if self.contains & self.may_contain:
            raise ValueError("an allergen is contained or may be contained, not both")


def read_allergens(text: str) -> tuple[frozenset[Allergen], tuple[str, ...]]:
    """The allergens named in a cell and the pieces nobody knows; « aucun » is none of them."""
    if fold(text) in _NONE:
        return frozenset(), ()
    found: set[Allergen] = set()
    unknown: list[str] = []
    for piece in _SEPARATORS.split(text):
        allergen = _BY_WORD.get(fold(piece))
        if allergen is not None:
            found.add(allergen)
        elif fold(piece):
            unknown.append(piece.strip())
    return frozenset(found), tuple(unknown)


def allergens_text(allergens: frozenset[Allergen], language: str = "fr") -> str:
    """``allergens`` as written in a cell, in the order of the law; « aucun » for none."""
    names = [
        FRENCH_NAMES[allergen] if language == "fr" else allergen.value
        for allergen in Allergen
        if allergen in allergens
    ]
    return ", ".join(names) or ("aucun" if language == "fr" else "none")
