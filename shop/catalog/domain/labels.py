"""Signs of quality a producer may claim: codes, names, and how people write them."""

from __future__ import annotations

import re
from enum import StrEnum

from shop.kernel.folding import fold


class Label(StrEnum):
    """A sign of quality; whether the producer may show it is checked against certificates."""

    ORGANIC = "organic"
    CONVERSION = "conversion"
    DEMETER = "demeter"
    NATURE_ET_PROGRES = "nature_et_progres"
    BIO_COHERENCE = "bio_coherence"
    LABEL_ROUGE = "label_rouge"
    AOP = "aop"
    AOC = "aoc"
    IGP = "igp"
    STG = "stg"
    HVE = "hve"
    FARM_MADE = "farm_made"
    MOUNTAIN = "mountain"
    FAIR_TRADE = "fair_trade"
    SUSTAINABLE_FISHING = "sustainable_fishing"
    BLEU_BLANC_COEUR = "bleu_blanc_coeur"
    NO_PESTICIDE_RESIDUE = "no_pesticide_residue"


FRENCH_NAMES: dict[Label, str] = {
    Label.ORGANIC: "Agriculture biologique",
    Label.CONVERSION: "En conversion vers l’agriculture biologique",
    Label.DEMETER: "Demeter",
    Label.NATURE_ET_PROGRES: "Nature & Progrès",
    Label.BIO_COHERENCE: "Bio Cohérence",
    Label.LABEL_ROUGE: "Label Rouge",
    Label.AOP: "AOP",
    Label.AOC: "AOC",
    Label.IGP: "IGP",
    Label.STG: "STG",
    Label.HVE: "Haute valeur environnementale",
    Label.FARM_MADE: "Fermier",
    Label.MOUNTAIN: "Produit de montagne",
    Label.FAIR_TRADE: "Commerce équitable",
    Label.SUSTAINABLE_FISHING: "Pêche durable",
    Label.BLEU_BLANC_COEUR: "Bleu-Blanc-Cœur",
    Label.NO_PESTICIDE_RESIDUE: "Zéro résidu de pesticides",
}

ENGLISH_NAMES: dict[Label, str] = {
    Label.ORGANIC: "Organic",
    Label.CONVERSION: "In conversion to organic",
    Label.DEMETER: "Demeter",
    Label.NATURE_ET_PROGRES: "Nature & Progrès",
    Label.BIO_COHERENCE: "Bio Cohérence",
    Label.LABEL_ROUGE: "Label Rouge",
    Label.AOP: "PDO",
    Label.AOC: "AOC",
    Label.IGP: "PGI",
    Label.STG: "TSG",
    Label.HVE: "High environmental value",
    Label.FARM_MADE: "Farm-made",
    Label.MOUNTAIN: "Mountain product",
    Label.FAIR_TRADE: "Fair trade",
    Label.SUSTAINABLE_FISHING: "Sustainable fishing",
    Label.BLEU_BLANC_COEUR: "Bleu-Blanc-Cœur",
    Label.NO_PESTICIDE_RESIDUE: "No pesticide residue",
}

_WRITTEN: dict[Label, tuple[str, ...]] = {
    Label.ORGANIC: (
        "bio",
        "ab",
        "biologique",
        "bio ab",
        "ab bio",
        "bio eu",
        "eurofeuille",
        "certifie bio",
        "certifie ab",
        "label ab",
        "agriculture bio",
        "produit bio",
        "biologisch",
        "skal",
        "eko",
    ),
    Label.CONVERSION: (
        "conversion",
        "en conversion",
        "en conversion bio",
        "conversion bio",
        "conversion ab",
        "bio en conversion",
        "in conversion",
        "in omschakeling",
    ),
    Label.DEMETER: ("dem", "biodynamie", "biodynamique", "biodynamic", "biodynamisch"),
    Label.NATURE_ET_PROGRES: ("nature et progres", "n p"),
    Label.LABEL_ROUGE: ("red label",),
    Label.AOP: ("appellation d origine protegee", "dop", "bob"),
    Label.AOC: ("appellation d origine controlee", "aoc aop"),
    Label.IGP: ("indication geographique protegee", "bga"),
    Label.STG: ("specialite traditionnelle garantie", "gts"),
    Label.HVE: ("hve 3", "hve3", "hve niveau 3"),
    Label.FARM_MADE: (
        "produit fermier",
        "fermiere",
        "farm",
        "farmhouse",
        "boerderij",
        "bienvenue a la ferme",
    ),
    Label.MOUNTAIN: ("montagne", "mountain"),
    Label.FAIR_TRADE: ("equitable", "fairtrade", "max havelaar", "bio equitable en france"),
    Label.SUSTAINABLE_FISHING: ("msc", "peche responsable"),
    Label.BLEU_BLANC_COEUR: ("bbc",),
    Label.NO_PESTICIDE_RESIDUE: ("zrp", "zero residu", "sans residu de pesticides"),
}

_BY_WORD: dict[str, Label] = {
    fold(word): label
    for label in Label
    for word in (
        label.value.replace("_", " "),
        FRENCH_NAMES[label],
        ENGLISH_NAMES[label],
        *_WRITTEN.get(label, ()),
    )
}

_SEPARATORS = re.compile(r"[,;/|\n]")
_JOINERS = re.compile(r"[+&]| et | and | en (?!conversion)")


def label_named(text: str) -> Label | None:
    """The sign that ``text`` stands for (« AB », « bio ◎ », « Label Rouge »), or None."""
    return _BY_WORD.get(fold(text))


def read_labels(text: str) -> tuple[tuple[Label, ...], tuple[str, ...]]:
    """The signs named in a cell, in order of ``Label``, and the pieces nobody knows."""
    found: set[Label] = set()
    unknown: list[str] = []
    for piece in _SEPARATORS.split(text):
        known = _labels_in(piece)
        if known:
            found |= known
        elif fold(piece):
            unknown.append(piece.strip())
    return in_order(found), tuple(unknown)


def _labels_in(piece: str) -> set[Label]:
    """The signs of a piece that is made of nothing else; empty when a word is none."""
    for parts in ([piece], _JOINERS.split(piece), piece.split()):
        named = [label_named(part) for part in parts if fold(part)]
        known = {label for label in named if label is not None}
        if known and None not in named:
            return known
    return set()


def in_order(labels: set[Label]) -> tuple[Label, ...]:
    """``labels`` in the order of the enumeration, so that equal sets are equal tuples."""
    return tuple(label for label in Label if label in labels)


def name_of(label: Label, language: str = "fr") -> str:
    """The name of ``label`` in French, or in English for any other language."""
    return (FRENCH_NAMES if language == "fr" else ENGLISH_NAMES)[label]
