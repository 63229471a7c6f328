"""What producers and the desk type: products, files, cycles, ways to deliver, places."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from shop.catalog.domain.labels import Label, name_of
from shop.catalog.domain.sheet.allergens import Allergen
from shop.catalog.domain.terms import OptionKind, TemperatureClass
from shop.catalog.views.fields import MarketMoment, MoneyField, NumberField
from shop.catalog.views.words import allergen_name, temperature_name
from shop.kernel.quantity import Unit
from shop.web.locale import chosen_language

REQUIRED = _l("Please fill this in.")


def trimmed(value: str | None) -> str | None:
    """Without blanks at either end."""
    return value.strip() if isinstance(value, str) else value


def _text(label: Any, most: int, *, required: bool = False, hint: Any = "") -> StringField:
    first = DataRequired(REQUIRED) if required else Optional()
    return StringField(label, [first, Length(max=most)], filters=[trimmed], description=hint)


class UploadForm(FlaskForm):  # type: ignore[misc]
    """A catalogue file."""

    file = FileField(_l("Your file"), [FileRequired(_l("Choose a file first."))])


class ProductForm(FlaskForm):  # type: ignore[misc]
    """One product."""

    name = _text(_l("Name"), 200, required=True, hint=_l("As your customers say it."))
    name_en = _text(
        _l("Name in English"), 200, hint=_l("For visitors who read English; else they read yours.")
    )
    category_id = SelectField(_l("Category"), coerce=int)
    sold_by = SelectField(_l("Customers order"))
    price = MoneyField(_l("Price incl. tax"), [InputRequired(REQUIRED)])
    price_unit = SelectField(_l("for"))
    content = NumberField(
        _l("Net content of a piece"),
        [Optional()],
        # The page's main part is called « content » already.
        id="net-content",
        description=_l("For the price per kilogram that the law asks for."),
    )
    content_unit = SelectField(_l("Unit of the content"))
    nominal_g = NumberField(
        _l("Usual weight of a piece"),
        [Optional()],
        description=_l("Only for pieces that are weighed and priced by the kilogram."),
    )
    allotment = NumberField(
        _l("Usual quantity per sale"),
        [Optional()],
        description=_l("What you can give each week; leave empty to say it each time."),
    )
    description = TextAreaField(
        _l("Description"), [Optional(), Length(max=4000)], filters=[trimmed]
    )
    storage = SelectField(_l("Storage"))
    vat = SelectField(_l("Tax rate"))
    deposit = MoneyField(_l("Deposit for the container"), [Optional()])
    origin = _text(_l("Origin"), 200, hint=_l("When it does not come from your farm."))
    reference = _text(_l("Your reference"), 64, hint=_l("Tells the product in your files."))
    labels = SelectMultipleField(_l("Signs of quality"))
    allergens = SelectMultipleField(_l("Allergens it contains"))
    no_allergen = BooleanField(_l("It contains none of the fourteen allergens"))

    def offer(self, shelves: list[tuple[int, str]], rates: list[tuple[int, str]]) -> None:
        """Fill the choices: shelves by key, rates in hundredths of a percent."""
        language = chosen_language()
        self.category_id.choices = [SelectChoice(key, name) for key, name in shelves]
        self.sold_by.choices = [
            SelectChoice(Unit.PIECE.value, _("by the piece")),
            SelectChoice(Unit.GRAM.value, _("loose, by weight")),
            SelectChoice(Unit.MILLILITER.value, _("loose, by volume")),
        ]
        self.price_unit.choices = [
            SelectChoice(Unit.PIECE.value, _("the piece")),
            SelectChoice(Unit.GRAM.value, _("the kilogram")),
            SelectChoice(Unit.MILLILITER.value, _("the liter")),
        ]
        self.content_unit.choices = [
            SelectChoice(unit, name)
            for unit, name in (
                ("g", "g"),
                ("kg", "kg"),
                ("ml", "ml"),
                ("cl", "cl"),
                ("l", "l"),
                ("piece", _("pieces")),
            )
        ]
        self.storage.choices = [SelectChoice("", _("as its category"))] + [
            SelectChoice(kind.value, temperature_name(kind)) for kind in TemperatureClass
        ]
        self.vat.choices = [SelectChoice("", _("as its category"))] + [
            SelectChoice(str(rate), name) for rate, name in rates
        ]
        self.labels.choices = [SelectChoice(sign.value, name_of(sign, language)) for sign in Label]
        self.allergens.choices = [
            SelectChoice(each.value, allergen_name(each.value)) for each in Allergen
        ]


class CycleForm(FlaskForm):  # type: ignore[misc]
    """A sales cycle."""

    code = _text(_l("Code"), 20, required=True, hint=_l("Short and spoken, such as 2026-48."))
    name = _text(_l("Name"), 80, required=True, hint=_l("What customers read."))
    opens_at = MarketMoment(_l("Opens"), [InputRequired(REQUIRED)])
    closes_at = MarketMoment(_l("Closes"), [InputRequired(REQUIRED)])
    answers_by = MarketMoment(
        _l("Producers answer until"),
        [InputRequired(REQUIRED)],
        description=_l("They say what they can bring of what was ordered."),
    )
    collects_on = DateField(_l("Collection at the farms"), [InputRequired(REQUIRED)])
    delivers_on = DateField(_l("Delivery"), [InputRequired(REQUIRED)])
    repeat = BooleanField(_l("Offer again what the last cycle offered"), default=True)
    slots = BooleanField(_l("Deliver in the same slots as the last cycle"), default=True)


class CycleDatesForm(CycleForm):
    """Name and dates of a cycle that is prepared."""

    code = None
    repeat = None
    slots = None


class OptionForm(FlaskForm):  # type: ignore[misc]
    """A way to deliver."""

    kind = SelectField(_l("Kind"))
    name_fr = _text(_l("Name in French"), 80, required=True)
    name_en = _text(_l("Name in English"), 80)
    description_fr = _text(_l("In a few words, in French"), 300)
    description_en = _text(_l("In a few words, in English"), 300)
    minimum = MoneyField(
        _l("Minimum basket"),
        [InputRequired(REQUIRED)],
        description=_l("Goods only, without fee and deposits."),
    )
    fee = MoneyField(_l("Fee"), [InputRequired(REQUIRED)])
    free_from = MoneyField(
        _l("Free from"), [Optional()], description=_l("Leave empty when it is never free.")
    )
    position = IntegerField(_l("Rank in the list"), [Optional(), NumberRange(0, 99)], default=0)


class CommunesForm(FlaskForm):  # type: ignore[misc]
    """Communes to serve, pasted."""

    communes = TextAreaField(
        _l("Communes"),
        [DataRequired(_l("Write or paste at least one commune."))],
        description=_l("Names, postcodes or INSEE codes, one per line or between commas."),
    )


class PointForm(FlaskForm):  # type: ignore[misc]
    """A relay point or a drive."""

    kind = SelectField(_l("Kind"))
    name = _text(_l("Name"), 120, required=True)
    host_name = _text(_l("Who receives"), 120, required=True)
    phone = TelField(_l("Telephone"), [DataRequired(REQUIRED), Length(max=30)], filters=[trimmed])
    address = _text(_l("Number and street"), 200, required=True)
    postcode = _text(_l("Postcode"), 5, required=True)
    commune = _text(_l("Commune"), 120, required=True)
    lat = NumberField(
        _l("Latitude"),
        [Optional()],
        description=_l("Leave both empty for the middle of the commune."),
    )
    lon = NumberField(_l("Longitude"), [Optional()])
    hours_fr = _text(_l("Opening hours, in French"), 200)
    hours_en = _text(_l("Opening hours, in English"), 200)
    has_cold = BooleanField(_l("Has a fridge: keeps chilled goods after the truck has left"))
    crate_capacity = IntegerField(_l("Crates it can keep"), [InputRequired(REQUIRED)], default=40)
    deliver_from = TimeField(_l("The truck may come from"), [InputRequired(REQUIRED)])
    deliver_until = TimeField(_l("until"), [InputRequired(REQUIRED)])
    service_minutes = IntegerField(
        _l("Minutes the truck stands there"),
        [InputRequired(REQUIRED), NumberRange(0, 240)],
        default=10,
    )


class SlotsForm(FlaskForm):  # type: ignore[misc]
    """Slots of a cycle for one way to deliver."""

    option_id = SelectField(_l("Way to deliver"), coerce=int)
    starts_at = TimeField(_l("From"), [InputRequired(REQUIRED)])
    ends_at = TimeField(_l("until"), [InputRequired(REQUIRED)])
    every = SelectField(_l("Cut into"), coerce=int)
    capacity = IntegerField(
        _l("Orders per slot"), [InputRequired(REQUIRED), NumberRange(1, 10_000)], default=40
    )
    cutoff_at = MarketMoment(
        _l("No order after"),
        [InputRequired(REQUIRED)],
        description=_l("Never after the cycle closes."),
    )

    def offer(self, options: list[tuple[int, str]]) -> None:
        """Fill the choices."""
        self.option_id.choices = [SelectChoice(key, name) for key, name in options]
        self.every.choices = [
            SelectChoice(0, _("one slot")),
            SelectChoice(60, _("slots of one hour")),
            SelectChoice(120, _("slots of two hours")),
            SelectChoice(180, _("slots of three hours")),
        ]

    @property
    def part(self) -> timedelta | None:
        """How long each slot is; None: all of it."""
        return timedelta(minutes=self.every.data) if self.every.data else None


def option_kinds(*, homes: bool = True) -> list[Any]:
    """Choices of how goods reach customers."""
    names = {
        OptionKind.RELAY: _("Relay point"),
        OptionKind.DRIVE: _("Drive"),
        OptionKind.HOME: _("At home"),
    }
    return [
        SelectChoice(kind.value, name)
        for kind, name in names.items()
        if homes or kind is not OptionKind.HOME
    ]
