"""What customers type: who they are and where they live."""

from __future__ import annotations

from typing import Any

import phonenumbers
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, Email, Length, ValidationError


def trimmed(value: str | None) -> str | None:
    """Without spaces at either end."""
    return value.strip() if isinstance(value, str) else value


def is_telephone(form: FlaskForm, field: Any) -> None:
    """Refuse what cannot be a number; French without a country code."""
    try:
        number = phonenumbers.parse(field.data, "FR")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValidationError(_l("This is not a telephone number."))


class ContactForm(FlaskForm):  # type: ignore[misc]
    """Who orders, and how to reach them."""

    name = StringField(
        _l("First and last name"),
        filters=[trimmed],
        validators=[DataRequired(_l("Please give your name.")), Length(max=120)],
    )
    email = EmailField(
        _l("E-mail"),
        filters=[trimmed],
        validators=[
            DataRequired(_l("Please give your e-mail address.")),
            Email(_l("This is not an e-mail address.")),
            Length(max=200),
        ],
    )
    phone = TelField(
        _l("Telephone"),
        filters=[trimmed],
        validators=[
            DataRequired(_l("Please give a telephone number: the driver may call.")),
            Length(max=30),
            is_telephone,
        ],
    )
    note = TextAreaField(
        _l("A word to whoever prepares your order"),
        filters=[trimmed],
        validators=[Length(max=500)],
    )


class HomeContactForm(ContactForm):
    """The same, and the door to which the goods come."""

    address = StringField(
        _l("Number and street"),
        filters=[trimmed],
        validators=[DataRequired(_l("Please give your address.")), Length(max=200)],
    )
    door_code = StringField(_l("Door code, floor"), filters=[trimmed], validators=[Length(max=60)])
