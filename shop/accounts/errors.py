"""Refusals about people."""

from __future__ import annotations

from typing import ClassVar

from shop.kernel.errors import Conflict, Forbidden, InvalidInput


class WrongCredentials(InvalidInput):
    """The address and the password do not go together."""

    code: ClassVar[str] = "wrong_credentials"


class EmailTaken(Conflict):
    """Somebody signs in with this address already."""

    code: ClassVar[str] = "email_taken"


class RoleMissing(Forbidden):
    """The person does not hold the role that this page is for."""

    code: ClassVar[str] = "role_missing"


class LinkExpired(InvalidInput):
    """The link of the mail is too old, or was used."""

    code: ClassVar[str] = "link_expired"
