"""Forms of the door: sign in, open an account, ask for a new password."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField, TelField
from wtforms.validators import Email, InputRequired, Length, Optional

from shop.accounts.services.people import SHORTEST_PASSWORD


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Address and password."""

    email = EmailField(
        _l("Email"),
        [InputRequired(_l("Give your email address.")), Email(_l("This is not an email address."))],
    )
    password = PasswordField(_l("Password"), [InputRequired(_l("Give your password."))])


class RegisterForm(FlaskForm):  # type: ignore[misc]
    """Who opens an account."""

    name = StringField(
        _l("First name and surname"),
        [InputRequired(_l("Tell us your name.")), Length(max=120)],
    )
    email = EmailField(
        _l("Email"),
        [InputRequired(_l("Give your email address.")), Email(_l("This is not an email address."))],
    )
    phone = TelField(_l("Telephone"), [Optional(), Length(max=30)])
    password = PasswordField(
        _l("Password"),
        [
            InputRequired(_l("Choose a password.")),
            Length(min=SHORTEST_PASSWORD, max=200, message=_l("At least 10 characters, please.")),
        ],
        description=_l("At least 10 characters: three words make a good one."),
    )


class ForgottenForm(FlaskForm):  # type: ignore[misc]
    """Whose password is forgotten."""

    email = EmailField(
        _l("Email"),
        [InputRequired(_l("Give your email address.")), Email(_l("This is not an email address."))],
    )


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    """The new password."""

    password = PasswordField(
        _l("New password"),
        [
            InputRequired(_l("Choose a password.")),
            Length(min=SHORTEST_PASSWORD, max=200, message=_l("At least 10 characters, please.")),
        ],
        description=_l("At least 10 characters: three words make a good one."),
    )
