"""Scenarios in the person's language: what is different, and what stands against a choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask_babel import gettext as _

from shop.kernel.errors import InvalidInput
from shop.logistics.domain.desk.what_if import Scenario, read_scenario
from shop.logistics.errors import PlateTaken
from shop.web import formats

MINUTE_S = 60

FUELS = ("diesel", "petrol")


def fuel(code: str) -> str:
    """A fuel by its code."""
    names: dict[str, str] = {"diesel": _("diesel"), "petrol": _("petrol")}
    return names.get(code, code)


def carbon(grams: int) -> str:
    """Grams of CO2 equivalent, in kilograms to a tenth."""
    kilograms = Decimal(grams).scaleb(-3).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{formats.number(kilograms)}\u00a0kg"


def signed_as(value: int, kind: str) -> str:
    """A difference with its sign, as a ``distance``, a ``duration`` or ``carbon``."""
    if value == 0:
        return "="
    words = _AMOUNTS[kind](abs(value))
    return f"{'+' if value > 0 else '−'}{words}"


def minutes_of(seconds: int | None) -> str:
    """Seconds in whole minutes, as the form asks for them."""
    return "" if seconds is None else formats.number(seconds // MINUTE_S)


def per_hundred(litres_per_1000_km: int) -> str:
    """Liters per 100 km."""
    return formats.number(Decimal(litres_per_1000_km).scaleb(-1))


_AMOUNTS: Mapping[str, Callable[[int], str]] = {
    "distance": formats.distance,
    "duration": formats.duration,
    "carbon": carbon,
}


def different(scenario: Scenario, names: Mapping[str, str]) -> list[str]:
    """What is different from the cycle as it is; empty: nothing but the search."""
    said = [_("without %(vehicle)s", vehicle=names.get(f"v{key}", "?")) for key in scenario.without]
    if scenario.only:
        said.append(_("with the vehicles of the kept plan only"))
    said += [
        _("one more vehicle like %(vehicle)s", vehicle=names.get(f"v{key}", "?"))
        for key in scenario.like
    ]
    if scenario.hub is not None:
        where = f"{scenario.hub.name} ({scenario.hub.commune})"
        said.append(_("prepared at %(place)s", place=where))
    limits: tuple[tuple[str, int | None], ...] = (
        (_("chilled goods aboard for %(time)s at most"), scenario.chilled_s),
        (_("frozen goods aboard for %(time)s at most"), scenario.frozen_s),
        (_("other goods aboard for %(time)s at most"), scenario.ambient_s),
        (_("a driver’s day of %(time)s"), scenario.shift_s),
        (_("up to %(time)s of overtime"), scenario.overtime_s),
    )
    said += [
        words % {"time": formats.duration(seconds)}
        for words, seconds in limits
        if seconds is not None
    ]
    said += [_("%(stop)s not served", stop=names.get(key, key)) for key in scenario.dropped]
    return [str(each) for each in said]


def title(scenario: Scenario, names: Mapping[str, str]) -> str:
    """A scenario in one line."""
    said = ", ".join(different(scenario, names))
    if not said:
        return str(_("As it is, searched once more"))
    return said[0].upper() + said[1:]


def of_deed(facts: Mapping[str, Any]) -> str:
    """The scenario that a plan was taken over from; empty when the deed says nothing of it."""
    if "scenario" not in facts:
        return ""
    return title(read_scenario(facts["scenario"]), facts.get("names", {}))


def refused(refusal: InvalidInput) -> str:
    """The sentence beside a field that cannot be used."""
    facts = refusal.facts
    if isinstance(refusal, PlateTaken):
        return str(_("Another vehicle has this number plate."))
    if facts.get("reason") is None and str(facts["field"]).startswith(("seconds", "litres")):
        return str(_("Between %(least)s and %(most)s.", least=facts["least"], most=facts["most"]))
    if "least" in facts:
        return str(
            _(
                "Between %(least)s and %(most)s minutes, or nothing.",
                least=facts["least"] // MINUTE_S,
                most=facts["most"] // MINUTE_S,
            )
        )
    sentences: dict[str, str] = {
        "missing": _("Give the name and the number plate of the vehicle you hire."),
        "unknown": _("This does not exist any more."),
        "unreadable": _("Type a whole number, or nothing."),
        "litres_unreadable": _("Type liters per 100 km, such as 11.5."),
        "unknown_place": _("We do not know that place. Give a commune or a postcode."),
    }
    return sentences.get(str(facts.get("reason", ""))) or _(
        "This could not be kept. Please try again."
    )
