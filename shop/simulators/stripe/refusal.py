"""Answers that are errors, in the words and shapes of the provider."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An error answer; ``keep`` says that what was written on the way stays written.

    A declined payment is kept (the failed attempt is a fact); a request that could not be
    understood leaves no trace. ``about`` is the intent that comes with the answer.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keep: bool = False,
        about: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keep = keep
        facts: dict[str, Any] = {"code": code, "param": param, **more}
        self.error = {name: value for name, value in facts.items() if value is not None}
        self.error |= {"message": message, "type": kind}
        if about is not None:
            self.error[about["object"]] = about
        if code is not None:
            self.error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        return {"error": self.error}


def no_such(kind: str, thing_id: str, param: str, status: int = 400) -> Refusal:
    """Nothing of that kind has that id."""
    return Refusal(
        f"No such {kind}: '{thing_id}'", status=status, code="resource_missing", param=param
    )


def wrong_state(intent: dict[str, Any], deed: str, allowed: tuple[str, ...]) -> Refusal:
    """The intent is in a state from which ``deed`` is impossible."""
    kind = "PaymentIntent" if intent["object"] == "payment_intent" else "SetupIntent"
    return Refusal(
        f"This {kind} could not be {deed} because it has a status of {intent['status']}. "
        f"Only a {kind} with one of the following statuses may be {deed}: {', '.join(allowed)}.",
        code=f"{intent['object']}_unexpected_state",
        about=intent,
    )
