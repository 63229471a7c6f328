"""Which drawing stands for which product and farm of the demo."""

from __future__ import annotations

from shop.kernel.folding import fold

FARMS = {
    "chevrerie-des-clapiers-bleus": "goats",
    "oliveraie-des-chapeliers": "olives",
    "glaces-de-la-draille": "goats",
    "baies-de-la-loube": "orchard",
    "rucher-des-beguines": "bees",
    "ferme-des-cinq-aires": "mill",
    "planches-de-la-bresque": "market-garden",
    "le-four-et-le-houblon": "bakery",
    "volailles-de-la-suviere": "market-garden",
    "bergerie-des-gorges-hautes": "goats",
    "vacherie-de-bonne-rosee": "cows",
    "jardin-des-sept-beals": "market-garden",
    "cochons-de-la-tufiere": "mill",
    "restanques-de-marinette": "market-garden",
    "vaches-du-cengle": "cows",
    "la-brebis-caramie": "goats",
    "simples-de-la-garde-haute": "market-garden",
    "vergers-du-pas-de-lune": "orchard",
    "la-noria-rouge": "market-garden",
    "champignonniere-des-glacieres": "market-garden",
    "pommiers-de-la-tire-daile": "orchard",
    "domaine-des-pins-penches": "vineyard",
    "la-pate-a-nine": "mill",
    "truites-du-gourd-clair": "fishing",
    "chataigneraie-de-basse-noure": "orchard",
}
"""By the address of the farm."""

_WORDS = (
    ("soupe", "soup"), ("veloute", "soup"), ("minestrone", "soup"),
    ("tisane", "herbal-tea"), ("infusion", "herbal-tea"), ("verveine", "herbal-tea"),
    ("tilleul", "herbal-tea"), ("lavande", "flowers"), ("plant", "plants"), ("plants", "plants"),
    ("vinaigre", "oil-vinegar"), ("tomme", "cheese"), ("brousse", "fresh-cheese"),
    ("faisselle", "fresh-cheese"), ("creme fraiche", "cream"), ("chataigne", "chestnut"),
    ("chataignes", "chestnut"), ("marrons", "chestnut"), ("noix", "nuts"), ("amandes", "nuts"),
    ("noisettes", "nuts"), ("framboises", "berries"), ("cassis", "berries"),
    ("mures", "berries"), ("myrtilles", "berries"), ("groseilles", "berries"),
    ("betterave", "beetroot"), ("betteraves", "beetroot"), ("fenouil", "fennel"),
    ("brocoli", "broccoli"), ("concombre", "cucumber"), ("artichaut", "artichoke"),
    ("artichauts", "artichoke"), ("abricots", "peach"), ("haricots", "beans"),
    ("safran", "spices"), ("piment", "spices"), ("quinoa", "cereals"), ("epeautre", "cereals"),
)  # fmt: skip
"""A word of a product's folded name, and the drawing that shows it better than its category."""

_PLAIN = frozenset(
    {
        "apple",
        "cabbage",
        "chickpeas",
        "courgette",
        "cow-cheese",
        "fig",
        "fish",
        "flour",
        "goat-cheese",
        "herbs",
        "leek",
        "spinach",
        "squash",
        "strawberry",
        "turnip",
    }
)
"""Drawings that stand for many things in the data."""

_OTHER_NAMES = {
    "chickpeas": "pulses",
    "lentils": "pulses",
    "cow-cheese": "cheese",
    "salad": "lettuce",
    "lavender": "flowers",
}
"""Drawings of the data that go by another name in the shop."""


def product_picture(name: str, picture: str) -> str:
    """The drawing of a product: that of a word in its name, else the one the data says."""
    if picture in _PLAIN:
        said = f" {fold(name)} "
        for word, drawing in _WORDS:
            if f" {word} " in said:
                return drawing
    return _OTHER_NAMES.get(picture, picture)
