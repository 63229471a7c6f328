"""Orders as another platform writes them: a market of our own invention near Brignoles."""

from __future__ import annotations

import json
from typing import Any

CONTEXT: dict[str, Any] = {
    "dfc-b": "https://github.com/datafoodconsortium/ontology/releases/latest/download/"
    "DFC_BusinessOntology.owl#",
    "dfc-m": "https://github.com/datafoodconsortium/taxonomies/releases/latest/download/"
    "measures.rdf#",
    **{
        f"dfc-b:{name}": {"@type": "@id"}
        for name in (
            "concerns",
            "constitutedBy",
            "fulfilledBy",
            "hasPart",
            "hasUnit",
            "isStoredIn",
            "offers",
            "pickedUpAt",
            "references",
            "selects",
        )
    },
}

AT = "https://autre.exemple.fr/"

HOURS = {"dfc-b:start": "2026-12-03T07:00:00Z", "dfc-b:end": "2026-12-03T12:00:00Z"}

PLACES = {
    "farm-1": ("6.2100", "43.4500"),
    "farm-2": ("6.0600", "43.4100"),
    "relay": ("6.1300", "43.4300"),
}


def place(name: str, lon: str, lat: str) -> dict[str, Any]:
    """A place with an address and hours."""
    return {
        "@id": f"{AT}place/{name}",
        "@type": "dfc-b:PhysicalPlace",
        "dfc-b:hasAddress": {
            "@type": "dfc-b:Address",
            "dfc-b:street": f"1 rue {name}",
            "dfc-b:postcode": "83170",
            "dfc-b:city": "Brignoles",
            "dfc-b:longitude": lon,
            "dfc-b:latitude": lat,
        },
        "dfc-b:isOpeningDuring": dict(HOURS),
    }


def line(
    number: int, farm: str, value: object = "1500", unit: str = "Gram"
) -> list[dict[str, Any]]:
    """An order line with its goods, the stock they come from and what they are."""
    return [
        {
            "@id": f"{AT}line/{number}",
            "@type": "dfc-b:OrderLine",
            "dfc-b:concerns": f"{AT}offer/{number}",
            "dfc-b:fulfilledBy": f"{AT}goods/{number}",
            "dfc-b:hasQuantity": {
                "@type": "dfc-b:QuantitiveValue",
                "dfc-b:hasUnit": f"dfc-m:{unit}",
                "dfc-b:value": value,
            },
        },
        {"@id": f"{AT}offer/{number}", "dfc-b:offers": f"{AT}item/{number}"},
        {"@id": f"{AT}item/{number}", "dfc-b:references": f"{AT}product/{number}"},
        {
            "@id": f"{AT}product/{number}",
            "@type": "dfc-b:SuppliedProduct",
            "dfc-b:name": f"Product {number}",
            "dfc-b:hasQuantity": {"dfc-b:hasUnit": "dfc-m:Kilogram", "dfc-b:value": "0.25"},
        },
        {
            "@id": f"{AT}goods/{number}",
            "@type": "dfc-b:PhysicalProduct",
            "dfc-b:constitutedBy": f"{AT}stock/{number}",
        },
        {
            "@id": f"{AT}stock/{number}",
            "@type": "dfc-b:RealStock",
            "dfc-b:isStoredIn": f"{AT}place/{farm}",
        },
    ]


def document() -> dict[str, Any]:
    """One order of two lines, from two farms to one relay point."""
    return {
        "@context": json.loads(json.dumps(CONTEXT)),
        "@graph": [
            {
                "@id": f"{AT}order/1",
                "@type": "dfc-b:Order",
                "dfc-b:orderNumber": "A-17",
                "dfc-b:hasPart": [f"{AT}line/1", f"{AT}line/2"],
                "dfc-b:selects": f"{AT}option/1",
            },
            {
                "@id": f"{AT}option/1",
                "@type": "dfc-b:PickupOption",
                "dfc-b:pickedUpAt": f"{AT}place/relay",
            },
            *line(1, "farm-1"),
            *line(2, "farm-2", "4", "Piece"),
            *(place(name, *spot) for name, spot in PLACES.items()),
        ],
    }


def named(found: dict[str, Any], name: str) -> dict[str, Any]:
    """The thing called ``name`` in a document."""
    things: list[dict[str, Any]] = found["@graph"]
    return next(each for each in things if each["@id"] == f"{AT}{name}")


def content(found: object) -> bytes:
    """A document as a file."""
    return json.dumps(found).encode()
