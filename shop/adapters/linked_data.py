"""A JSON-LD document as nodes that point at each other, without ever asking the network.

What a context at an address would say is held here for the addresses of the Data Food Consortium;
every other address is refused in words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from pyld import jsonld

from shop.logistics.errors import FileRefused

MAX_BYTES = 20_000_000

BUSINESS = re.compile(
    r"^(?P<vocabulary>dfc-b:|.*/DFC_BusinessOntology\.(?:owl|rdf)#)(?P<name>\w+)$"
)
"""A term of the business ontology, of any version; the bare prefix where nobody declared it."""

HELD_AT = re.compile(
    r"^https?://(?:w3id\.org/dfc/|(?:www\.|static\.)?datafoodconsortium\.org(?:/|$)"
    r"|raw\.githubusercontent\.com/datafoodconsortium/|cdn\.jsdelivr\.net/gh/datafoodconsortium/"
    r"|github\.com/datafoodconsortium/)"
)


@dataclass(frozen=True, slots=True)
class Node:
    """One thing: its types and values, by the bare names of the business ontology."""

    id: str
    types: frozenset[str]
    values: Mapping[str, tuple[Any, ...]]


class Graph:
    """Every thing of a document."""

    def __init__(self, nodes: Mapping[str, Node], vocabulary: str) -> None:
        self.nodes = nodes
        self.vocabulary = vocabulary
        """The namespace of its terms; empty when it holds no term of the ontology."""

    def of_type(self, name: str) -> Iterator[Node]:
        """The things of a type, in the order of their ids."""
        return (node for node in self.nodes.values() if name in node.types)

    def follow(self, node: Node | None, *names: str) -> list[Node]:
        """The things that ``node`` points at by any of ``names``, which are ways to spell one."""
        if node is None:
            return []
        ids = (_text(value) for name in names for value in node.values.get(name, ()))
        return [self.nodes[each] for each in ids if each in self.nodes]

    def one(self, node: Node | None, *names: str) -> Node | None:
        """The first of them."""
        found = self.follow(node, *names)
        return found[0] if found else None

    def text(self, node: Node | None, *names: str) -> str:
        """The first value by any of ``names``, as text; empty when there is none."""
        if node is None:
            return ""
        found = (value for name in names for value in node.values.get(name, ()))
        return next((_text(value) for value in found), "")


def read_graph(content: bytes) -> Graph:
    """The things a JSON-LD document tells.

    Raises:
        FileRefused: it is no JSON, no linked data, or its context is not held here.
    """
    if len(content) > MAX_BYTES:
        raise FileRefused(reason="too_large", most_bytes=MAX_BYTES)
    document = _json(content)
    if not isinstance(document, (dict, list)):
        raise FileRefused(reason="not_linked_data")
    try:
        flat = jsonld.flatten(document, None, {"documentLoader": _held_here})
    except jsonld.JsonLdError as error:
        raise _refusal(error) from error
    except (RecursionError, TypeError, AttributeError, ValueError) as error:
        raise FileRefused(reason="not_linked_data") from error
    vocabulary = ""
    nodes: dict[str, Node] = {}
    for each in flat:
        values: dict[str, tuple[Any, ...]] = {}
        for name, found in each.items():
            term = BUSINESS.match(name)
            if term is not None:
                vocabulary = vocabulary or term["vocabulary"]
                values[term["name"]] = tuple(found)
        terms = [BUSINESS.match(kind) for kind in each.get("@type", ())]
        types = frozenset(term["name"] for term in terms if term is not None)
        vocabulary = vocabulary or next((term["vocabulary"] for term in terms if term), "")
        nodes[each["@id"]] = Node(each["@id"], types, values)
    return Graph(nodes, vocabulary)


def _json(content: bytes) -> object:
    try:
        found: object = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise FileRefused(reason="not_json") from error
    except json.JSONDecodeError as error:
        raise FileRefused(reason="not_json", line=error.lineno, column=error.colno) from error
    except (RecursionError, ValueError) as error:
        raise FileRefused(reason="not_json") from error
    return found


def _no_number(word: str) -> object:
    raise ValueError(word)


def _held_here(address: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """What stands at an address that documents of the consortium name."""
    if HELD_AT.match(address) is None:
        raise FileRefused(reason="unknown_context", address=address)
    version = "2" if re.search(r"context_2\.", address) else "1"
    held = files("shop.adapters").joinpath(f"contexts/dfc_{version}.json").read_text("utf-8")
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": address,
        "document": json.loads(held),
    }


def _refusal(error: BaseException) -> FileRefused:
    """What the library says of a document, or what the loader said to the library."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, FileRefused):
            return FileRefused(**cause.facts)
        cause = getattr(cause, "cause", None) or cause.__cause__ or cause.__context__
    return FileRefused(reason="not_linked_data", why=str(getattr(error, "code", "")))


def _text(value: Any) -> str:
    """An id or a value as text, whichever it is."""
    if isinstance(value, Mapping):
        value = value.get("@id", value.get("@value", ""))
    return str(value).strip()
