"""The shares of quality that a canteen reports each year, line by line of what it bought.

Columns and vocabularies are those of the national form: one line per purchase, net amounts,
several signs of one line in one cell (the form counts the line once).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shop.catalog.domain.labels import Label
from shop.kernel.dated import Dated, value_on
from shop.kernel.folding import fold
from shop.kernel.money import Money

COLUMNS = (
    "siret",
    "description",
    "fournisseur",
    "date",
    "prix_ht",
    "famille_produits",
    "categories_egalim",
    "origine",
    "est_circuit_court",
    "est_local",
    "definition_local",
)

FAMILIES = {
    "VIANDES_VOLAILLES": ("viande", "volaille", "agneau", "boeuf", "porc"),
    "CHARCUTERIE": ("charcuterie",),
    "PRODUITS_DE_LA_MER": ("poisson", "coquillage", "mer"),
    "FRUITS_ET_LEGUMES": ("legume", "fruit", "herbe", "champignon"),
    "PRODUITS_LAITIERS": ("fromage", "cremerie", "lait", "yaourt", "beurre"),
    "BOULANGERIE": ("pain", "boulangerie", "patisserie"),
    "BOISSONS": ("boisson", "vin", "biere", "jus"),
}
"""Family of the form → beginnings of words in the name of a shelf; AUTRES for all others."""

OTHER = "AUTRES"

SIGNS = {
    Label.ORGANIC: "BIO",
    Label.DEMETER: "BIO",
    Label.LABEL_ROUGE: "LABEL_ROUGE",
    Label.AOP: "AOCAOP",
    Label.AOC: "AOCAOP",
    Label.IGP: "IGP",
    Label.STG: "STG",
    Label.HVE: "HVE",
    Label.SUSTAINABLE_FISHING: "PECHE_DURABLE",
    Label.FAIR_TRADE: "COMMERCE_EQUITABLE",
    Label.FARM_MADE: "FERMIER",
}

HVE_ANY_LEVEL = (Dated(True, date(2022, 1, 1), date(2027, 1, 1)), Dated(False, date(2027, 1, 1)))
"""From 2027 only level 3 counts, which a label alone does not tell."""

EUROPE = (
    "allemagne", "autriche", "belgique", "bulgarie", "chypre", "croatie", "danemark", "espagne",
    "estonie", "finlande", "grece", "hongrie", "irlande", "italie", "lettonie", "lituanie",
    "luxembourg", "malte", "pays bas", "pologne", "portugal", "republique tcheque", "roumanie",
    "slovaquie", "slovenie", "suede", "union europeenne", "ue",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Purchase:
    """One line of what a canteen bought."""

    siret: str
    """Of the canteen."""
    description: str
    supplier: str
    on: date
    net: Money
    shelf: str
    labels: tuple[str, ...]
    origin: str
    is_certified: bool
    """Whether the producer's organic claim stands."""
    is_short: bool
    """At most one hand between farm and canteen."""
    is_local: bool
    """Made in the canteen's own département."""


def write(purchases: Iterable[Purchase]) -> bytes:
    """The file to hand in: commas, dots, UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for bought in purchases:
        writer.writerow(
            (
                bought.siret,
                bought.description,
                bought.supplier,
                bought.on.isoformat(),
                str(bought.net),
                family(bought.shelf),
                ",".join(signs(bought.labels, bought.on, is_certified=bought.is_certified)),
                origin(bought.origin),
                _truth(bought.is_short),
                _truth(bought.is_local),
                "DEPARTEMENT" if bought.is_local else "",
            )
        )
    return text.getvalue().encode()


def family(shelf: str) -> str:
    """Family of a shelf of the shop; eggs and groceries are AUTRES."""
    words = fold(shelf).split()
    for name, told in FAMILIES.items():
        if any(word.startswith(told) for word in words):
            return name
    return OTHER


def signs(labels: Iterable[str], on: date, *, is_certified: bool) -> list[str]:
    """Signs that count on a day, each once, in the order of the form."""
    counted = []
    for label, sign in SIGNS.items():
        if label.value not in labels or sign in counted:
            continue
        if sign == "BIO" and not is_certified:
            continue
        if sign == "HVE" and not value_on(on, HVE_ANY_LEVEL):
            continue
        counted.append(sign)
    return counted


def origin(text: str) -> str:
    """FRANCE, EUROPE, or nothing when the product does not say."""
    words = fold(text)
    if "france" in words:
        return "FRANCE"
    return "EUROPE" if any(f" {name} " in f" {words} " for name in EUROPE) else ""


def _truth(value: bool) -> str:
    return "true" if value else "false"
