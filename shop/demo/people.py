"""The people of the demo: six who sign in to show each side, drivers, producers, customers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from shop.accounts.domain.roles import Role
from shop.accounts.models import Grant, Person
from shop.accounts.services.people import hash_password
from shop.demo.files import Entry, full_name, load
from shop.demo.market import Ground
from shop.demo.rows import Rows, Values

PASSWORD = "carriole-demo"
"""Of every account of the demonstration."""

ROLES = ("consumer", "producer", "preparer", "driver", "relay_host", "desk")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who signs in to the demo."""

    role: str
    name: str
    email: str
    password: str
    page: str
    """Where they go after signing in."""


@dataclass(slots=True)
class Customer:
    """Somebody who orders: the row of the person, and how the data knows them."""

    person: Values
    entry: Entry


@dataclass(slots=True)
class People:
    """Rows of people by what they do."""

    customers: list[Customer] = field(default_factory=list)
    consumer: Customer | None = None
    drivers: dict[str, Values] = field(default_factory=dict)
    """By the name of the vehicle that they usually drive."""
    accounts: dict[str, Values] = field(default_factory=dict)
    """By role."""
    host_point_id: int = 0
    """Point of the map where the demo's relay host stands."""


def demo_accounts() -> list[Account]:
    """The six accounts that show the six sides of the market."""
    pages = {
        "consumer": f"/{load('texts')['market']['slug']}/",
        "producer": "/producer/",
        "preparer": "/picker/",
        "driver": "/driver/",
        "relay_host": "/relay/",
        "desk": "/desk/",
    }
    entries = {entry["role"]: entry for entry in load("people")["accounts"]}
    return [
        Account(role, full_name(entries[role]), entries[role]["email"], PASSWORD, pages[role])
        for role in ROLES
    ]


def settle(rows: Rows, ground: Ground, producers: dict[str, Values], since: datetime) -> People:
    """Make everybody, with their roles; ``since`` is when their accounts were opened."""
    people = People()
    password_hash = hash_password(PASSWORD)

    def person(name: str, entry: Entry) -> Values:
        return rows.add(
            Person,
            email=entry["email"].lower(),
            password_hash=password_hash,
            name=name,
            phone=entry["phone"],
            locale=entry.get("locale", "fr"),
            created_at=since,
        )

    for entry in load("people")["accounts"]:
        made = person(full_name(entry), entry)
        people.accounts[entry["role"]] = made
        _grant(rows, ground, producers, entry, made["id"])
        if entry["role"] == "relay_host":
            people.host_point_id = entry["relay_point_id"]
        if entry["role"] == "consumer":
            people.consumer = Customer(made, entry)
    by_email = {entry["driver"]: entry for entry in load("people")["accounts"] if "driver" in entry}
    for entry in load("vehicles")["drivers"]:
        if entry["email"] in by_email:
            made = people.accounts["driver"]
        else:
            made = person(full_name(entry), entry)
            rows.add(Grant, person_id=made["id"], role=Role.DRIVER, market_id=ground.market["id"])
        people.drivers[entry["usual_vehicle"]] = made
    for entry in load("people")["customers"]:
        people.customers.append(Customer(person(full_name(entry), entry), entry))
    return people


def _grant(
    rows: Rows, ground: Ground, producers: dict[str, Values], entry: Entry, person_id: int
) -> None:
    role = entry["role"]
    if role == "consumer":
        return
    place: dict[str, int]
    if role == "producer":
        place = {"producer_id": producers[entry["producer"]]["id"]}
    elif role == "relay_host":
        place = {"pickup_point_id": ground.relays[entry["relay_point_id"]]["id"]}
    else:
        place = {"market_id": ground.market["id"]}
    rows.add(Grant, person_id=person_id, role=Role(role), **place)
