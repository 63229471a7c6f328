"""What is wrong with a plan and what was done to it, in sentences."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from shop.kernel.money import Money
from shop.logistics.domain.desk.assess import BrokenLock, Difference
from shop.logistics.domain.planning.violations import Violation, ViolationCode
from shop.logistics.queries.desk_plan import DeskDay
from shop.logistics.views import what_if_words
from shop.web import formats


def hour(desk: DeskDay, second: object) -> str:
    """A second of the planner as the clock shows it."""
    return formats.clock_time(desk.day.instant(int(str(second))))


def fault(desk: DeskDay, broken: Violation) -> str:
    """A broken rule as a sentence, with the figures."""
    facts = broken.facts
    name = desk.stop_name(broken.stop_id) if broken.stop_id else ""
    said = _of_time(desk, broken.code, name, facts) or _of_goods(broken.code, name, facts)
    return said or _of_shape(desk, broken.code, name, facts)


def _of_time(desk: DeskDay, code: ViolationCode, name: str, facts: Any) -> str | None:
    match code:
        case ViolationCode.OUTSIDE_WINDOW:
            return str(
                _(
                    "%(stop)s: at %(time)s it is not open",
                    stop=name,
                    time=hour(desk, facts["start_s"]),
                )
            )
        case ViolationCode.BEFORE_RELEASE:
            return str(
                _(
                    "%(stop)s: loaded at %(time)s, its goods are ready at %(ready)s",
                    stop=name,
                    time=hour(desk, facts["loaded_s"]),
                    ready=hour(desk, facts["release_s"]),
                )
            )
        case ViolationCode.AFTER_DUE:
            return str(
                _(
                    "%(stop)s: back at the hub at %(time)s, too late",
                    stop=name,
                    time=hour(desk, facts["back_s"]),
                )
            )
        case ViolationCode.HUB_CLOSED:
            return str(_("The hub is closed at %(time)s", time=hour(desk, facts["at_s"])))
        case ViolationCode.START_OUTSIDE_HOURS:
            return str(
                _(
                    "Leaves at %(time)s, outside the vehicle’s hours",
                    time=hour(desk, facts["start_s"]),
                )
            )
        case ViolationCode.END_TOO_LATE:
            return str(_("Comes back at %(time)s, too late", time=hour(desk, facts["end_s"])))
        case ViolationCode.SHIFT_EXCEEDED:
            return str(
                _(
                    "The day takes %(worked)s, %(allowed)s are allowed",
                    worked=formats.duration(int(facts["worked_s"])),
                    allowed=formats.duration(int(facts["allowed_s"])),
                )
            )
        case ViolationCode.ABOARD_TOO_LONG:
            return str(
                _(
                    "%(stop)s: cold goods are aboard for %(aboard)s, %(limit)s are allowed",
                    stop=name,
                    aboard=formats.duration(int(facts["aboard_s"])),
                    limit=formats.duration(int(facts["limit_s"])),
                )
            )
        case ViolationCode.BREAK_MISSING:
            return str(
                _("No break in %(worked)s of work", worked=formats.duration(int(facts["worked_s"])))
            )
        case _:
            return None


def _of_goods(code: ViolationCode, name: str, facts: Any) -> str | None:
    match code:
        case ViolationCode.OVER_CAPACITY if facts["measure"] == "crate_tenths":
            return str(
                _(
                    "Too many crates (%(class)s): %(load)s, there is room for %(limit)s",
                    **{"class": temperature(str(facts["temperature"]))},
                    load=-(-int(facts["load"]) // 10),
                    limit=int(facts["limit"]) // 10,
                )
            )
        case ViolationCode.OVER_CAPACITY:
            return str(
                _(
                    "Too heavy (%(class)s): %(load)s, %(limit)s are allowed",
                    **{"class": temperature(str(facts["temperature"]))},
                    load=formats.kilograms(int(facts["load"])),
                    limit=formats.kilograms(int(facts["limit"])),
                )
            )
        case ViolationCode.OVER_PAYLOAD:
            return str(_("Too heavy: %(load)s", load=formats.kilograms(int(facts["load_g"]))))
        case ViolationCode.UNCERTIFIED_TOO_FAR | ViolationCode.TOO_FAR:
            return str(
                _("Too far: %(distance)s", distance=formats.distance(int(facts["distance_m"])))
            )
        case ViolationCode.TRANSFER_BROKEN:
            return str(
                _(
                    "%(stop)s: its goods are in another truck and must be fetched there first",
                    stop=name,
                )
            )
        case _:
            return None


def _of_shape(desk: DeskDay, code: ViolationCode, name: str, facts: Any) -> str:
    match code:
        case ViolationCode.NOT_ALLOWED:
            return str(
                _("%(stop)s: this vehicle may not go there, or has not its goods", stop=name)
            )
        case ViolationCode.NO_ROAD:
            return str(_("%(stop)s: no road leads there", stop=name))
        case ViolationCode.TOO_MANY_RELOADS | ViolationCode.RELOAD_NOT_ALLOWED:
            return str(_("The vehicle may not come back to load that often"))
        case ViolationCode.KEPT_TOGETHER_SPLIT:
            return str(_("Stops that belong together travel apart"))
        case ViolationCode.STOP_LOST:
            return str(_("%(stop)s: forgotten", stop=name))
        case _:
            return str(
                _("%(stop)s: the plan contradicts itself (%(code)s)", stop=name, code=code.value)
            )


def temperature(code: str) -> str:
    """A class of cold by its code."""
    names: dict[str, str] = {
        "chilled": _("chilled"),
        "frozen": _("frozen"),
        "ambient": _("ambient"),
    }
    return names.get(code, code)


def broken_lock(desk: DeskDay, lock: BrokenLock) -> str:
    """A stop that was to stay and does not."""
    stop, vehicle = desk.stop_name(lock.stop), desk.vehicle_name(lock.vehicle)
    if lock.rank is None or lock.is_rank is None:
        return str(_("%(stop)s should stay with %(vehicle)s", stop=stop, vehicle=vehicle))
    return str(
        _(
            "%(stop)s should stay number %(rank)s of %(vehicle)s, it is number %(now)s",
            stop=stop,
            rank=lock.rank,
            vehicle=vehicle,
            now=lock.is_rank,
        )
    )


def cost(difference: Difference) -> str:
    """What an edit adds: « +3.20 €, +4 km, +12 min »."""
    return cost_of(
        difference.cents,
        difference.meters,
        difference.seconds,
        difference.faults,
        difference.unserved,
    )


def cost_of(cents: int, meters: int, seconds: int, faults: int = 0, unserved: int = 0) -> str:
    """The same from plain figures."""
    if not (cents or meters or seconds or faults or unserved):
        return str(_("costs nothing"))
    parts = [
        formats.signed_money(Money(cents)),
        _signed(meters, formats.distance(abs(meters))),
        _signed(seconds, formats.duration(abs(seconds))),
    ]
    if faults:
        words = ngettext("%(num)s broken rule", "%(num)s broken rules", abs(faults))
        parts.append(_signed(faults, words))
    if unserved:
        words = ngettext("%(num)s stop not served", "%(num)s stops not served", abs(unserved))
        parts.append(_signed(unserved, words))
    return ", ".join(parts)


def _signed(value: int, words: str) -> str:
    sign = "" if value == 0 else "+" if value > 0 else "−"
    return f"{sign}{words}"


def done(edit: str, facts: dict[str, Any]) -> str:
    """What somebody did, as a sentence without a subject."""
    names = {
        "stop": facts.get("stop", ""),
        "vehicle": facts.get("vehicle", ""),
        "from": facts.get("from", ""),
        "rank": facts.get("rank", ""),
        "minutes": facts.get("minutes", ""),
    }
    if edit in ("undo", "redo"):
        inner = done(str(facts.get("edit", "")), {**facts, "edit": ""})
        return str(
            _("undone: %(what)s", what=inner)
            if edit == "undo"
            else _("done again: %(what)s", what=inner)
        )
    sentences: dict[str, str] = {
        "search": _("found by the search"),
        "variant": _variant(facts),
        "publish": _("published"),
        "rest": _("rest of the day found by the search"),
        "move": _("%(stop)s moved to %(vehicle)s", **names),
        "best": _("%(stop)s put where it costs least", **names),
        "out": _("%(stop)s taken out", **names),
        "lock": _("%(stop)s locked to its vehicle", **names),
        "lock_here": _("%(stop)s locked to its vehicle and place", **names),
        "unlock": _("%(stop)s unlocked", **names),
        "forbid": _("%(stop)s: not with %(vehicle)s", **names),
        "allow": _("%(stop)s: %(vehicle)s allowed again", **names),
        "split": _("%(stop)s split", **names),
        "join": _("%(stop)s joined again", **names),
        "merge": _("round of %(from)s given to %(vehicle)s", **names),
        "add": _("%(stop)s added", **names),
        "remove": _("%(stop)s removed", **names),
        "lose": _("%(vehicle)s is lost", **names),
        "find": _("%(vehicle)s drives again", **names),
        "delay": _("%(vehicle)s is %(minutes)s minutes late", **names),
    }
    return sentences.get(edit, edit)


def _variant(facts: dict[str, Any]) -> str:
    said = what_if_words.of_deed(facts)
    what: str = _("taken over from a comparison")
    return what + _(": ") + said if said else what


def refused(reason: str) -> str:
    """Why an edit was not done."""
    sentences: dict[str, str] = {
        "locked": _("This stop is locked. Unlock it first."),
        "forbidden": _("This vehicle was forbidden for this stop. Allow it first."),
        "lost": _("This vehicle is lost."),
        "not_served": _("No round serves this stop."),
        "is_part": _("This is already a part of a stop."),
        "nothing_chosen": _("Choose what travels apart."),
        "all_chosen": _("Something must stay: choose less."),
        "no_round": _("Choose another round."),
        "has_orders": _(
            "Orders wait for this stop: it can be taken out of its round, not removed."
        ),
        "unknown_stop": _("This stop is over, or does not exist any more."),
        "unknown_vehicle": _("This vehicle does not exist any more."),
        "nothing_to_undo": _("There is nothing to undo."),
        "nothing_to_redo": _("There is nothing to do again."),
        "unknown_place": _("We do not know that place. Give a commune or a postcode."),
        "times": _("Give two hours, the first before the second."),
        "name": _("Give it a name."),
    }
    return sentences.get(reason) or _("This could not be done.")
