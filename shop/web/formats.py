"""How amounts, quantities, prices and moments are written for people, in their language.

Every filter answers an empty text for None, so that a page need not ask. Whole numbers go in;
no float is made on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_percent
from flask import Flask, g, has_app_context
from flask_babel import get_locale, get_timezone, gettext, ngettext

from shop.infra.formats import measure_text, money_text, number_text
from shop.kernel.money import Money, divide_half_up
from shop.kernel.quantity import Quantity, Unit, UnitPrice

NO_BREAK = "\u00a0"

_DEFAULT = Locale.parse("fr")


def money(amount: Money | int | None) -> str:
    """An amount, or whole cents: « 12,50 € »."""
    if amount is None:
        return ""
    cents = amount.cents if isinstance(amount, Money) else amount
    return money_text(cents, current_locale().language)


def signed_money(amount: Money | int | None) -> str:
    """An amount with its sign in front, for what is added to or taken from a total."""
    if amount is None:
        return ""
    cents = amount.cents if isinstance(amount, Money) else amount
    return f"+{money(cents)}" if cents > 0 else money(cents)


def unit_price(price: UnitPrice | None) -> str:
    """A price for one kilogram, liter or piece: « 18,90 €/kg »."""
    if price is None:
        return ""
    return f"{money(price.cents)}/{price_unit(price.unit)}"


def price_unit(unit: Unit | None) -> str:
    """What one price is for: kg, l or piece."""
    if unit is None:
        return ""
    return {Unit.GRAM: "kg", Unit.MILLILITER: "l"}.get(unit) or str(gettext("piece"))


def quantity(amount: Quantity | None) -> str:
    """A quantity as one says it: « 1,234 kg », « 250 g », « 75 cl », « 3 pièces »."""
    if amount is None:
        return ""
    if amount.unit is Unit.PIECE:
        return str(ngettext("%(num)s piece", "%(num)s pieces", amount.amount)).replace(
            " ", NO_BREAK
        )
    return measure_text(amount.amount, amount.unit, current_locale().language)


def kilograms(grams: Quantity | int | None) -> str:
    """A weighed weight to the gram, always in kilograms: « 0,250 kg »."""
    if grams is None:
        return ""
    whole = grams.amount if isinstance(grams, Quantity) else grams
    return f"{_decimal(Decimal(whole).scaleb(-3), '#,##0.000')}{NO_BREAK}kg"


def number(value: int | Decimal | None) -> str:
    """A whole or decimal number with the separators of the language."""
    return "" if value is None else _decimal(Decimal(value), "#,##0.###")


def percent(basis_points: int | None) -> str:
    """Hundredths of a percent: 550 is « 5,5 % »."""
    if basis_points is None:
        return ""
    share = Decimal(basis_points).scaleb(-4)
    return str(format_percent(share, format="#,##0.##%", locale=current_locale())).replace(
        "%", _percent_sign()
    )


def ratio(part: int, whole: int) -> str:
    """What part of ``whole`` it is, to the whole percent; a dash when there is nothing."""
    return "–" if whole <= 0 else percent(divide_half_up(part * 100, whole) * 100)


def temperature(tenths: int | None) -> str:
    """Tenths of a degree Celsius: 35 is « 3,5 °C »."""
    if tenths is None:
        return ""
    return f"{_decimal(Decimal(tenths).scaleb(-1), '#,##0.#')}{NO_BREAK}°C"


def distance(meters: int | None) -> str:
    """A distance: meters under one kilometer, then kilometers to a tenth."""
    if meters is None:
        return ""
    if meters < 1000:
        return f"{meters}{NO_BREAK}m"
    kilometers = Decimal(meters).scaleb(-3).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{_decimal(kilometers, '#,##0.#')}{NO_BREAK}km"


def duration(seconds: int | None) -> str:
    """How long, to the minute from one minute on: « 1 h 25 », « 45 min », « 30 s »."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds}{NO_BREAK}s"
    hours, minutes = divmod(divide_half_up(seconds, 60), 60)
    if not hours:
        return f"{minutes}{NO_BREAK}min"
    if not minutes:
        return f"{hours}{NO_BREAK}h"
    return f"{hours}{NO_BREAK}h{NO_BREAK}{minutes:02d}"


def day(value: date | datetime | None) -> str:
    """A day with its weekday, without the year: « mardi 24 novembre »."""
    return _day(value, {"fr": "EEEE d MMMM", "en": "EEEE, MMMM d"})


def short_day(value: date | datetime | None) -> str:
    """A day in little room: « mar. 24 nov. »."""
    return _day(value, {"fr": "EEE d MMM", "en": "EEE, MMM d"})


def full_date(value: date | datetime | None) -> str:
    """A day with its year: « 24 novembre 2026 »."""
    return _day(value, {"fr": "d MMMM y", "en": "MMMM d, y"})


def numeric_date(value: date | datetime | None) -> str:
    """A day in figures, for tables and invoices: « 24/11/2026 »."""
    return _day(value, {"fr": "dd/MM/y", "en": "MM/dd/y"})


def clock_time(value: datetime | None) -> str:
    """Time of day in the market's zone: « 16 h 30 », « 16 h »."""
    if value is None:
        return ""
    local = value.astimezone(_zone())
    if current_locale().language == "fr":
        minutes = f"{NO_BREAK}{local.minute:02d}" if local.minute else ""
        return f"{local.hour}{NO_BREAK}h{minutes}"
    return str(format_time(local.time(), "h:mm\u00a0a", locale=current_locale()))


def moment(value: datetime | None) -> str:
    """Day and time of day: « mardi 24 novembre à 16 h 30 »."""
    if value is None:
        return ""
    return str(gettext("%(day)s at %(time)s", day=day(value), time=clock_time(value)))


def window(start: datetime | None, end: datetime | None) -> str:
    """From one time of day to another: « 16 h – 18 h »."""
    if start is None or end is None:
        return clock_time(start or end)
    return f"{clock_time(start)} – {clock_time(end)}"


def iso(value: date | datetime | None) -> str:
    """For ``<time datetime>`` and scripts: ISO 8601."""
    return "" if value is None else value.isoformat()


FILTERS: dict[str, Callable[..., str]] = {
    "money": money,
    "signed_money": signed_money,
    "unit_price": unit_price,
    "price_unit": price_unit,
    "quantity": quantity,
    "kilograms": kilograms,
    "number": number,
    "percent": percent,
    "ratio": ratio,
    "temperature": temperature,
    "distance": distance,
    "duration": duration,
    "day": day,
    "short_day": short_day,
    "full_date": full_date,
    "numeric_date": numeric_date,
    "time": clock_time,
    "moment": moment,
    "window": window,
    "iso": iso,
}
"""Name in templates → function."""


def register(app: Flask) -> None:
    """Give the templates of ``app`` every filter of this module."""
    app.jinja_env.filters.update(FILTERS)


def current_locale() -> Locale:
    """The locale of this request; French outside one."""
    if not has_app_context():
        return _DEFAULT
    # Pages ask hundreds of times: look first where Flask-Babel keeps its answer.
    kept = getattr(g.get("_flask_babel"), "babel_locale", None)
    return kept or get_locale() or _DEFAULT


def _zone() -> ZoneInfo:
    return ZoneInfo(str(get_timezone() or "Europe/Paris"))


def _decimal(value: Decimal, pattern: str) -> str:
    return number_text(value, current_locale().language, pattern)


def _percent_sign() -> str:
    return f"{NO_BREAK}%" if current_locale().language == "fr" else "%"


def _day(value: date | datetime | None, patterns: dict[str, str]) -> str:
    if value is None:
        return ""
    local = value.astimezone(_zone()).date() if isinstance(value, datetime) else value
    locale = current_locale()
    pattern = patterns.get(locale.language, patterns["en"])
    if locale.language == "fr" and local.day == 1:
        pattern = pattern.replace("d M", "d'er' M")
    return str(format_date(local, pattern, locale=locale))
