"""A lifecycle is a table: which event leads from which state to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shop.kernel.errors import Conflict


class IllegalTransition(Conflict):
    """The thing is not in a state where this can happen to it."""

    code = "illegal_transition"


@dataclass(frozen=True)
class Lifecycle:
    """States and events of one kind of record.

    Raises:
        ValueError: at construction, when a state can never be reached.
    """

    name: str
    initial: str
    moves: Mapping[tuple[str, str], str]

    def __post_init__(self) -> None:
        reached = {self.initial}
        while True:
            more = {to for (state, _), to in self.moves.items() if state in reached} - reached
            if not more:
                break
            reached |= more
        if lost := self.states - reached:
            raise ValueError(f"{self.name}: never reached: {', '.join(sorted(lost))}")

    @property
    def states(self) -> frozenset[str]:
        """Every state that is named."""
        return frozenset(
            {self.initial, *(s for s, _ in self.moves), *self.moves.values()},
        )

    @property
    def events(self) -> frozenset[str]:
        """Every event that is named."""
        return frozenset(event for _, event in self.moves)

    def allows(self, state: str, event: str) -> bool:
        """Whether ``event`` can happen in ``state``."""
        return (state, event) in self.moves

    def after(self, state: str, event: str) -> str:
        """State that ``event`` leads to.

        Raises:
            IllegalTransition: when it cannot happen in ``state``.
        """
        try:
            return self.moves[state, event]
        except KeyError:
            raise IllegalTransition(record=self.name, state=state, event=event) from None
