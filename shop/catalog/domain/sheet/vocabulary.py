"""Headings people write over their columns, in French, English and Dutch."""

from __future__ import annotations

from shop.catalog.domain.sheet.columns import Column
from shop.kernel.folding import fold

_HEADINGS: dict[Column, str] = {
    Column.REFERENCE: """
        référence | réf | ref | référence produit | référence article | code | code article
        code produit | n° article | n° d'article | n° produit | numéro
        numéro d'article | numéro de commande
        n° réf | identifiant | id | sku | reference | product code | item number | item code
        article number | order number | ordernumber | bestelnummer | artikelnummer | artikelcode
        code interne | art nr | artikel nr | productcode | code art""",
    Column.NAME: """
        nom | produit | produits | désignation | libellé | article | articles | nom du produit
        nom produit | intitulé | désignation du produit | dénomination | nom de l'article
        name | product | product name | item | title | naam | artikel | productnaam | omschrijving
        product naam | artikelnaam | nos produits | désignation article""",
    Column.VARIANT: """
        variante | déclinaison | variété | variant | variant name | display_name | display name
        variëteit | variation | calibre""",
    Column.DESCRIPTION: """
        description | descriptif | détail | détails | présentation | texte | product description
        details | beschrijving | description longue | description courte | ingrédients""",
    Column.CATEGORY: """
        catégorie | rayon | famille | sous-famille | groupe | category | product category
        categorie | productgroep | rubriek | type de produit | gamme""",
    Column.PRODUCER: """
        producteur | producteurs | ferme | exploitation | nom du producteur | fournisseur
        producer | farm | supplier | producer name | producent | leverancier | boerderij
        vendeur""",
    Column.PRICE_UNIT: """
        prix par | unité de prix | unité prix | unité de facturation | unité du prix
        price unit | price per | unit of price | prijseenheid | prijs per | pricing unit""",
    Column.VAT: """
        tva | tva % | taux tva | taux de tva | taux de tva % | vat | vat % | vat rate | tax
        tax rate | btw | btw % | btw tarief | tva (%) | tva en %""",
    Column.TAX_CATEGORY: "tax_category | tax category | catégorie de taxe | btw categorie",
    Column.SOLD_BY: """
        vendu | vendu à | vendu au | mode de vente | vendu à la pièce ou au poids | vente
        sold by | sold | verkocht per | type de vente""",
    Column.CONTENT: """
        contenance | contenu | conditionnement | poids net | poids | volume | contenance nette
        quantité nette | net quantity | content | contents | package | pack size | packaging
        size | net weight | weight | inhoud | verpakking | gewicht | netto inhoud | colisage unité
        unité | unités | unit | eenheid | units | format | poids/volume | poids ou volume
        poids unitaire | quantité | u""",
    Column.CONTENT_UNIT: """
        unit_type | unit type | unité de contenance | unité de mesure | unité contenance
        unit of measure | content unit | maateenheid | uom | weight unit""",
    Column.PIECE_WORD: """
        unité de vente | variant_unit_name | variant unit name | sales unit | selling unit
        verkoopeenheid | présentation de vente""",
    Column.CASE_SIZE: """
        pièces par colis | colisage | colis de | nombre par colis | unités par colis | qté par colis
        ratios to supplier order unit | unit quantity | case size | pieces per case | per case
        stuks per doos | aantal per doos | pcb | quantité par colis""",
    Column.STEP: """
        pas de commande | pas | multiple | commande par | multiple de commande
        group order granularity | order step | step | order multiple | bestelstap | per stap
        incrément""",
    Column.STEP_UNIT: "group order unit | unité de commande | order unit | besteleenheid",
    Column.MINIMUM: """
        minimum | minimum de commande | quantité minimum | quantité minimale | mini | qté min
        minimum order quantity | minimum order | minimum quantity | min order | moq
        minimale bestelhoeveelheid | minimum bestelling""",
    Column.DEPOSIT: """
        consigne | consigne € | montant consigne | deposit | container deposit | statiegeld
        consigne ttc""",
    Column.NOMINAL_WEIGHT: """
        poids moyen | poids moyen (g) | poids nominal | poids approximatif | poids indicatif
        average weight | nominal weight | gemiddeld gewicht | poids moyen pièce
        poids estimé""",
    Column.MIN_WEIGHT: """
        poids min | poids mini | poids minimum | poids minimal | poids min (g) | minimum weight
        min weight | minimum gewicht""",
    Column.MAX_WEIGHT: """
        poids max | poids maxi | poids maximum | poids maximal | poids max (g) | maximum weight
        max weight | maximum gewicht""",
    Column.WEIGHT_MARGIN: """
        marge de poids | marge de poids % | marge poids | marge poids % | weight margin
        weight margin % | gewichtsmarge""",
    Column.ORIGIN: """
        origine | provenance | pays | pays d'origine | lieu de production | origin | country
        country of origin | herkomst | land | land van herkomst""",
    Column.MANUFACTURER: """
        fabricant | marque | transformateur | manufacturer | brand | maker | fabrikant | merk""",
    Column.NOTE: """
        note | notes | remarque | remarques | commentaire | commentaires | observation
        observations | comment | comments | remark | remarks | opmerking | opmerkingen | infos""",
    Column.LABELS: """
        label | labels | certification | certifications | signe de qualité | signes de qualité
        mention | mentions | quality | keurmerk | keurmerken | certificering | qualité | bio""",
    Column.STORAGE: """
        conservation | température | température de conservation | stockage | mode de conservation
        storage | temperature | storage temperature | temperature class | bewaring | temperatuur
        bewaarwijze""",
    Column.SHIPPING_CATEGORY: "shipping_category | shipping category | catégorie d'expédition",
    Column.ALLERGENS: """
        allergènes | allergène | contient | allergènes présents | allergens | contains
        allergenen | bevat""",
    Column.TRACES: """
        traces | traces possibles | peut contenir | traces éventuelles | may contain
        possible traces | kan bevatten | sporen""",
    Column.STOCK: """
        stock | stock disponible | quantité disponible | quantités disponibles | dispo quantité
        qté disponible | en stock | on_hand | on hand | in stock | quantity available
        stock quantity | voorraad | disponibilité quantité | quantity""",
    Column.ON_DEMAND: "on_demand | on demand | illimité | stock illimité | unlimited | onbeperkt",
    Column.AVAILABLE: """
        disponible | dispo | disponibilité | en vente | actif | avail. | available | availability
        active | beschikbaar | actief | beschikb.""",
    Column.IGNORED: """
        available_on | available on | supplier order unit | billing unit | ean | gtin | code barres
        code-barres | barcode | photo | image | images | url | prix au kg calculé | montant | total
        commande | votre commande | quantité commandée | qté commandée | bestelling | totaal""",
}

BY_HEADING: dict[str, Column] = {
    fold(heading): column
    for column, text in _HEADINGS.items()
    for line in text.strip().splitlines()
    for heading in line.split("|")
    if fold(heading)
}

WEAK_CONTENT = frozenset(
    fold(word) for word in ("unité", "unités", "unit", "eenheid", "units", "u", "quantité")
)
"""Headings that mean the content only when no other column does."""


PRICE_WORDS = frozenset({"prix", "price", "prijs", "tarif", "tarifs", "pu", "pv", "puht", "puttc"})
NET_WORDS = frozenset({"ht", "net", "netto", "excl", "hors", "nette", "puht", "exw", "htva"})
GROSS_WORDS = frozenset({"ttc", "gross", "incl", "bruto", "puttc", "tvac", "brut"})
KILO_WORDS = frozenset({"kg", "kilo", "kilogramme", "kilogram", "kgs"})
LITER_WORDS = frozenset({"l", "litre", "liter", "litres"})
_FILLERS = """
    de du au la le les par pour en vente public unitaire unit unité pièce each per stuk eur euro
    euros tva btw vat tax taxe taxes toutes comprises consommateur conseillé producteur catalogue
    a of the inclusive exclusive excluding including van p u piece pce client particulier
    particuliers actuel selling sale sales retail"""
PRICE_FILLERS = frozenset(fold(word) for word in _FILLERS.split())
"""Words that may stand in a price heading without changing what it says."""
