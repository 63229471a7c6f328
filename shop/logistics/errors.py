"""Refusals of the logistics."""

from __future__ import annotations

from typing import ClassVar

from shop.kernel.errors import Conflict, InvalidInput, NotFound


class HubMissing(Conflict):
    """The market has no hub: rounds have nowhere to begin."""

    code: ClassVar[str] = "hub_missing"


class NothingToPlan(Conflict):
    """The cycle has no firm order."""

    code: ClassVar[str] = "nothing_to_plan"


class PlanRunUnknown(NotFound):
    """There is no such search."""

    code: ClassVar[str] = "plan_run_unknown"


class PlanRunLive(Conflict):
    """A search for this cycle is under way; facts: ``plan_run_id``."""

    code: ClassVar[str] = "plan_run_live"


class RoundsUnderway(Conflict):
    """Rounds of this cycle have left: planning anew would move goods that are on the road."""

    code: ClassVar[str] = "rounds_underway"


class RoundUnknown(NotFound):
    """There is no such round, or it is not this driver's."""

    code: ClassVar[str] = "round_unknown"


class StopUnknown(NotFound):
    """There is no such stop, or it is not this driver's."""

    code: ClassVar[str] = "stop_unknown"


class CrateUnknown(NotFound):
    """No crate has that code."""

    code: ClassVar[str] = "crate_unknown"


class ReasonMissing(InvalidInput):
    """Less than expected is in the crate, and nobody said why; facts: ``expected``, ``amount``."""

    code: ClassVar[str] = "reason_missing"


class WeightSuspicious(InvalidInput):
    """Outside what the producer announced; said once more, it is kept.

    Facts: ``weight_g``, ``least_g``, ``most_g``.
    """

    code: ClassVar[str] = "weight_suspicious"


class ReceiverMissing(InvalidInput):
    """Somebody must have taken the goods: a name is needed."""

    code: ClassVar[str] = "receiver_missing"


class NotToBringAgain(Conflict):
    """The stop has not failed, or its orders are decided already; facts: ``stop_id``."""

    code: ClassVar[str] = "not_to_bring_again"


class GoodsAboard(Conflict):
    """The crates are in a truck on the road: only that truck can bring them; ``round_id``."""

    code: ClassVar[str] = "goods_aboard"


class AgainBreaksRules(Conflict):
    """A second try of a stop breaks rules: the desk must say that it wants it all the same."""

    code: ClassVar[str] = "again_breaks_rules"


class UseByPassed(InvalidInput):
    """Goods are past their date, or will be before they are handed over."""

    code: ClassVar[str] = "use_by_passed"


class EditRefused(InvalidInput):
    """An edit of a plan contradicts another decision; facts: ``reason``, ``stop``, ``vehicle``."""

    code: ClassVar[str] = "edit_refused"


class PlanMoved(Conflict):
    """Somebody changed the plan meanwhile; facts: ``seen``, ``number``."""

    code: ClassVar[str] = "plan_moved"


class NoPlanYet(NotFound):
    """Nobody has planned this cycle yet."""

    code: ClassVar[str] = "no_plan_yet"


class PublishingNeedsReason(InvalidInput):
    """The plan breaks rules: publishing it needs a reason; facts: ``faults``."""

    code: ClassVar[str] = "publishing_needs_reason"


class FileRefused(InvalidInput):
    """A file of another platform cannot be planned; facts: ``reason``, ``problems``."""

    code: ClassVar[str] = "file_refused"


class ScenarioUnknown(NotFound):
    """There is no such comparison for this cycle, or its search has not ended."""

    code: ClassVar[str] = "scenario_unknown"


class ScenarioStale(Conflict):
    """Orders have changed since a scenario was searched: its rounds would forget some."""

    code: ClassVar[str] = "scenario_stale"


class TooManyScenarios(Conflict):
    """Enough searches wait already; facts: ``most``."""

    code: ClassVar[str] = "too_many_scenarios"


class VehicleUnknown(NotFound):
    """The market has no such vehicle."""

    code: ClassVar[str] = "vehicle_unknown"


class PlateTaken(InvalidInput):
    """Another vehicle has that number plate; facts: ``field``, ``plate``."""

    code: ClassVar[str] = "plate_taken"


class ExchangeRunUnknown(NotFound):
    """This market has no such file of another platform."""

    code: ClassVar[str] = "exchange_run_unknown"
