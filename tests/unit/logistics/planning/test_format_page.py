"""The page of the format says what is true: its example runs, its table names what exists."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from shop.cli.plan import plan_file
from shop.logistics.domain.planning.document import plan_schema, problem_schema
from shop.logistics.domain.planning.violations import ViolationCode
from tests.unit.logistics.planning.rules import RULES

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "plan-format.md").read_text("utf-8")
EXAMPLE = ROOT / "docs" / "plan-example.json"

TABLE = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.split("## Every rule")[1].split("## The plan")[0].splitlines()
    if line.startswith("| ") and not line.startswith("| Rule")
]

SELF_CONTRADICTIONS = {
    "unknown_stop", "vehicle_used_twice", "layout", "stop_served_twice",
    "stop_served_and_unserved", "wrong_place", "times_reversed", "wrong_distance",
}  # fmt: skip
"""What a plan can say wrong by itself, whatever the problem."""


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def run() -> Any:
    answer = CliRunner().invoke(
        plan_file, [str(EXAMPLE), "--iterations", "300", "--seed", "1", "--json"]
    )
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.output)


def test_the_example_gives_what_the_page_says() -> None:
    plan = run()
    assert plan["violations"] == []
    served = {
        (each["vehicle_id"], each["layout"], tuple(
            visit["stop_id"] for visit in each["visits"] if "stop_id" in visit
        ))
        for each in plan["rounds"]
    }  # fmt: skip
    assert served == {
        ("van", 1, ("relay-gare", "collect-rocher", "ansaldi-dry", "ansaldi")),
        ("uncertified", 0, ("direct-clos", "direct-drive", "revest")),
    }
    assert {each["stop_id"]: each["reason"] for each in plan["unserved"]} == {
        "market-aups": "price",
        "group-port": "uncertified",
    }
    totals = plan["totals"]
    assert (totals["cost_cents"], totals["distance_m"]) == (14969, 124411)
    assert "149.69 €, 124,411 m" in PAGE


def test_the_example_keeps_to_the_schema_and_uses_every_field_but_a_few() -> None:
    document, schema = json.loads(EXAMPLE.read_text("utf-8")), problem_schema()
    assert list(faults(document, schema, schema, "")) == []
    definitions = schema["$defs"]
    used = {name for stop in document["stops"] for name in stop}
    assert set(definitions["Stop"]["properties"]) - used == {"name"}
    used = {name for vehicle in document["vehicles"] for name in vehicle}
    assert set(definitions["Vehicle"]["properties"]) - used == {
        "count",
        "latest_end_s",
        "max_distance_m",
        "profile",
    }


def test_the_plan_of_the_example_keeps_to_its_schema() -> None:
    plan = {name: value for name, value in run().items() if name != "violations"}
    schema = plan_schema()
    assert list(faults(plan, schema, schema, "")) == []


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], path: str) -> Any:
    """What of a value a schema does not allow; as much of JSON Schema as ours use."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        if all(list(faults(value, each, root, path)) for each in schema["anyOf"]):
            yield path, value
        return
    if "const" in schema and value != schema["const"]:
        yield path, value
    if "enum" in schema and value not in schema["enum"]:
        yield path, value
    kinds = {
        "object": dict, "array": list, "string": str, "boolean": bool,
        "integer": int, "number": (int, float), "null": type(None),
    }  # fmt: skip
    kind = schema.get("type")
    if kind and (
        not isinstance(value, kinds[kind]) or (isinstance(value, bool) != (kind == "boolean"))
    ):
        yield path, value
        return
    if kind == "object":
        yield from ((f"{path}.{name}", "missing") for name in schema.get("required", ())
                    if name not in value)  # fmt: skip
        for name, each in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if inner is False:
                yield f"{path}.{name}", "unknown"
            elif isinstance(inner, dict):
                yield from faults(each, inner, root, f"{path}.{name}")
    if kind == "array":
        heads = schema.get("prefixItems", [])
        for at, each in enumerate(value):
            inner = heads[at] if at < len(heads) else schema.get("items", {})
            yield from faults(each, inner, root, f"{path}[{at}]")


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_a_line_of_the_table_names_fields_codes_and_proofs_that_exist(row: list[str]) -> None:
    _rule, field, model, code, proof = row
    assert model
    schema = problem_schema()
    for path in quoted(field):
        if path != "null":
            assert known(schema, path.split(".")), path
    codes = {each.value for each in ViolationCode}
    assert set(quoted(code)) <= codes
    assert quoted(code)
    written = "".join(each.read_text("utf-8") for each in Path(__file__).parent.glob("test_*.py"))
    for name in quoted(proof):
        assert f"def {name}(" in written, name
    for name in re.sub(r"`[^`]+`", "", proof).split(","):
        if name.strip():
            assert RULES[name.strip()].code.value in quoted(code)


def known(schema: dict[str, Any], path: list[str]) -> bool:
    """Whether a path of names leads to a field."""
    here = schema
    for name in path:
        here = next((each for each in here.get("anyOf", ()) if "$ref" in each), here)
        here = here.get("items", here)
        if "$ref" in here:
            here = schema["$defs"][here["$ref"].rsplit("/", 1)[1]]
        if name not in here.get("properties", {}):
            return False
        here = here["properties"][name]
    return True


def test_every_rule_that_is_proved_and_every_code_has_its_line() -> None:
    proved = {name.strip() for row in TABLE for name in re.sub(r"`[^`]+`", "", row[4]).split(",")}
    assert set(RULES) == proved - {""}
    told = {code for row in TABLE for code in quoted(row[3])}
    assert {each.value for each in ViolationCode} - told == SELF_CONTRADICTIONS
