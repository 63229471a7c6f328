"""The form in which a seller says who they are in law; for the desk and for producers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from flask_babel import gettext as _

from shop.billing.domain.identifiers import (
    compact,
    is_iban,
    is_siret,
    is_vat_number,
    siren_of,
    vat_number_of,
)
from shop.billing.domain.invoice import Party
from shop.billing.domain.invoice_terms import PartyKind, VatReturn
from shop.billing.queries.sellers import Identity
from shop.billing.services.sellers import Stated
from shop.catalog.domain.terms import TaxRegime

LONGEST = 120

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, and what is wrong with it."""

    values: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    stated: Stated | None = None


def shown(identity: Identity) -> Typed:
    """What is known, as the form begins; a VAT number is proposed from the SIRET."""
    party, seller = identity.seller.party, identity.seller
    proposed = ""
    if seller.regime.bills_tax and is_siret(party.siret):
        proposed = vat_number_of(siren_of(party.siret))
    return Typed(
        {
            "name": party.name,
            "legal_form": party.legal_form,
            "siret": party.siret,
            "vat_number": party.vat_number or proposed,
            "regime": seller.regime.value,
            "vat_return": seller.vat_return.value,
            "address": party.address,
            "postcode": party.postcode,
            "commune": party.commune,
            "email": party.email,
            "phone": party.phone,
            "iban": party.iban,
            "born_on": identity.born_on.isoformat() if identity.born_on else "",
            "prefix": seller.prefix,
            "yearly": "1" if seller.yearly_numbers else "",
        }
    )


def read(form: Mapping[str, str], kind: PartyKind) -> Typed:
    """What a seller states; errors stand beside the field."""
    values = {name: form.get(name, "").strip() for name in _NAMES}
    errors: dict[str, str] = {}
    if kind is not PartyKind.MARKET:
        values["iban"] = ""
    siret, vat = compact(values["siret"]), compact(values["vat_number"])
    iban, prefix = compact(values["iban"]), compact(values["prefix"])
    regime = one_of(TaxRegime, values["regime"])
    vat_return = one_of(VatReturn, values["vat_return"])
    for name in ("name", "address", "postcode", "commune"):
        if not values[name] or len(values[name]) > LONGEST:
            errors[name] = _("Please fill this in.")
    if not is_siret(siret):
        errors["siret"] = _("Fourteen digits, as on the notice of the statistics office.")
    if regime is None:
        errors["regime"] = _("Please choose one.")
    elif regime.bills_tax and not is_vat_number(vat):
        errors["vat_number"] = _("A seller who bills VAT has a number such as FR44732829320.")
    if vat and "vat_number" not in errors and not is_vat_number(vat):
        errors["vat_number"] = _("This VAT number has a typing error.")
    if iban and not is_iban(iban):
        errors["iban"] = _("This IBAN has a typing error.")
    if prefix and not (prefix.isascii() and prefix.isalnum() and len(prefix) <= 8):
        errors["prefix"] = _("At most eight letters and digits.")
    born_on = _day(values["born_on"])
    if values["born_on"] and born_on is None:
        errors["born_on"] = _("A day such as 31/12/1980.")
    if errors or regime is None or vat_return is None:
        return Typed(values, errors)
    party = Party(
        name=values["name"],
        legal_form=values["legal_form"],
        address=values["address"],
        postcode=values["postcode"],
        commune=values["commune"],
        siret=siret,
        vat_number=vat,
        email=values["email"],
        phone=values["phone"],
        iban=iban,
    )
    yearly = bool(values["yearly"]) if kind is PartyKind.MARKET else True
    stated = Stated(party, regime, vat_return, born_on, prefix, yearly)
    return Typed(values, errors, stated)


_NAMES = (
    "name", "legal_form", "siret", "vat_number", "regime", "vat_return", "address", "postcode",
    "commune", "email", "phone", "iban", "born_on", "prefix", "yearly",
)  # fmt: skip


def one_of(kind: type[E], text: str) -> E | None:
    """The member with that value, or None."""
    return next((member for member in kind if member.value == text), None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
