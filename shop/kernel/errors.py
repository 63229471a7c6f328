"""Five families of expected refusals; everything else is a bug."""

from __future__ import annotations

from typing import Any, ClassVar


class ShopError(Exception):
    """An expected refusal: a stable ``code`` and the facts of the case as keywords."""

    code: ClassVar[str] = "error"

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.code, facts)

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code}({facts})"


class InvalidInput(ShopError):
    """What was given cannot be used; ``field`` among the facts says where."""

    code = "invalid_input"


class NotFound(ShopError):
    """There is no such thing, or not for this person."""

    code = "not_found"


class Forbidden(ShopError):
    """This person may not do that."""

    code = "forbidden"


class Conflict(ShopError):
    """The state of things does not allow it, or somebody was faster."""

    code = "conflict"


class GatewayError(ShopError):
    """Something outside failed or said no."""

    code = "gateway_error"


class GatewayRefused(GatewayError):
    """The outside answered, and the answer is no; asking again will not help."""

    code = "gateway_refused"


class GatewayUnavailable(GatewayError):
    """The outside did not answer in time; asking again later may help."""

    code = "gateway_unavailable"
