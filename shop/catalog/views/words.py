"""Names of the catalogue's fixed vocabularies, in the person's language."""

from __future__ import annotations

from flask_babel import gettext as _

from shop.catalog.domain.labels import ENGLISH_NAMES, FRENCH_NAMES, Label
from shop.catalog.domain.terms import OptionKind, TemperatureClass
from shop.web.locale import chosen_language


def label_name(code: str) -> str:
    """A sign of quality as people know it."""
    names = ENGLISH_NAMES if chosen_language() == "en" else FRENCH_NAMES
    return names[Label(code)] if code in set(Label) else code


def temperature_name(kind: TemperatureClass) -> str:
    """How cold goods travel."""
    names: dict[TemperatureClass, str] = {
        TemperatureClass.AMBIENT: _("Room temperature"),
        TemperatureClass.CHILLED: _("Chilled"),
        TemperatureClass.FROZEN: _("Frozen"),
    }
    return names[kind]


def option_name(kind: OptionKind) -> str:
    """How goods reach the customer."""
    names: dict[OptionKind, str] = {
        OptionKind.RELAY: _("Relay point"),
        OptionKind.DRIVE: _("Drive"),
        OptionKind.HOME: _("At home"),
    }
    return names[kind]


def allergen_name(code: str) -> str:
    """One of the fourteen allergens."""
    names: dict[str, str] = {
        "gluten": _("gluten"),
        "crustaceans": _("crustaceans"),
        "eggs": _("eggs"),
        "fish": _("fish"),
        "peanuts": _("peanuts"),
        "soya": _("soya"),
        "milk": _("milk"),
        "nuts": _("nuts"),
        "celery": _("celery"),
        "mustard": _("mustard"),
        "sesame": _("sesame"),
        "sulphites": _("sulphites"),
        "lupin": _("lupin"),
        "molluscs": _("molluscs"),
    }
    return names.get(code, code)
