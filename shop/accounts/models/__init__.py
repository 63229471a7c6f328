"""Tables of people and roles."""

from shop.accounts.models.person import Grant, Person

__all__ = ["Grant", "Person"]
