"""What goes into production names the same settings as the application reads."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from shop.local_stack.folders import PROJECT, RunFolder
from shop.local_stack.plan import Doors, application, site_variables
from shop.settings import REQUIRED, Settings
from worker.queue import QUICK, SLOW

APPLICATION = ("migrate", "web", "worker", "planner", "beat")
KNOWN = {field.name.upper() for field in fields(Settings)}
SECRETS = {field.name.upper() for field in fields(Settings) if not field.repr}
ONLY_SIMULATED = {"SIMULATION", "STRIPE_API_BASE", "STRIPE_PAGE_BASE", "MAILBOX_URL"}
ANSWERS = {
    "POSTGRES_PASSWORD": "one-two-three",
    "REDIS_PASSWORD": "four-five-six",
    "SECRET_KEY": "long-enough-to-be-a-secret",
    "STRIPE_API_KEY": "sk_live_1",
    "STRIPE_PUBLIC_KEY": "pk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "SMTP_URL": "smtps://me:word@mail.exemple.fr:465",
    "MAIL_FROM": "Carriole <bonjour@exemple.fr>",
    "SITE_DOMAIN": "carriole.exemple.fr",
}


DOORS = Doors(host="127.0.0.1", web=8000, mail_pages=8025, smtp=2525, stripe=8026)


def queues_of(command: list[str]) -> set[str]:
    return set(command[command.index("--queues") + 1].split(","))


def compose() -> dict[str, Any]:
    return yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))


def variables(service: str) -> dict[str, str]:
    return compose()["services"][service]["environment"]


def filled_in(value: str) -> str:
    """What compose makes of ``${NAME:?…}`` and ``${NAME:-default}``."""

    def answer(found: re.Match[str]) -> str:
        name, default = found["name"], found["default"]
        return ANSWERS[name] if default is None else ANSWERS.get(name, default)

    return re.sub(r"\$\{(?P<name>\w+)(?::\?[^}]*|:-(?P<default>[^}]*))\}", answer, value)


@pytest.mark.parametrize("service", APPLICATION)
def test_every_variable_of_a_service_is_a_setting(service: str) -> None:
    assert set(variables(service)) - KNOWN == set()


@pytest.mark.parametrize("service", APPLICATION)
def test_every_setting_that_must_be_there_is_given(service: str) -> None:
    assert {name.upper() for name in REQUIRED} - set(variables(service)) == set()


@pytest.mark.parametrize("service", APPLICATION)
def test_production_never_simulates(service: str) -> None:
    assert ONLY_SIMULATED & set(variables(service)) == set()


@pytest.mark.parametrize("service", APPLICATION)
def test_no_secret_is_written_in_the_file(service: str) -> None:
    for name in SECRETS & set(variables(service)):
        assert re.search(r"\$\{\w+:\?", variables(service)[name]), name


def test_the_values_make_settings_the_application_accepts() -> None:
    given = {name: filled_in(str(value)) for name, value in variables("web").items()}
    settings = Settings.from_env(given)
    assert settings.base_url == "https://carriole.exemple.fr"
    assert settings.simulation is False
    assert settings.tile_url is None


def test_web_worker_and_beat_are_one_image() -> None:
    services = compose()["services"]
    assert {services[name]["image"] for name in APPLICATION} == {
        "carriole:${CARRIOLE_VERSION:-latest}"
    }


def test_everything_that_answers_has_a_health_check() -> None:
    services = compose()["services"]
    assert {name for name, service in services.items() if "healthcheck" in service} == {
        "web",
        "worker",
        "planner",
        "postgres",
        "redis",
    }


def test_road_servers_start_only_when_asked_for_and_where_the_settings_say() -> None:
    services = compose()["services"]
    assert {name: each["profiles"] for name, each in services.items() if "profiles" in each} == {
        "osrm-map": ["osrm"],
        "osrm": ["osrm"],
        "valhalla": ["valhalla"],
    }
    settings = Settings.from_env(
        {name: filled_in(str(value)) for name, value in variables("planner").items()}
        | {"OSRM_URL": "http://osrm:5000", "VALHALLA_URL": "http://valhalla:8002"}
    )
    assert settings.roads_order == ("osrm", "embedded", "valhalla")
    limit = services["osrm"]["command"][services["osrm"]["command"].index("--max-table-size") + 1]
    assert int(filled_in(limit)) == settings.osrm_table_size


def test_the_clock_runs_once_and_apart_from_the_workers() -> None:
    services = compose()["services"]
    assert "beat" in services["beat"]["command"]
    for consumer in ("worker", "planner"):
        assert not {"-B", "--beat"} & set(services[consumer]["command"])


def test_every_queue_has_its_worker_in_production_and_in_the_demo(tmp_path: Path) -> None:
    services = compose()["services"]
    production = [queues_of(services[name]["command"]) for name in ("worker", "planner")]
    assert production == [{QUICK}, {SLOW}]
    run = RunFolder(tmp_path)
    run.prepare()
    demo, _ = application({}, run, DOORS)
    assert queues_of(list(demo.recipe.command)) == {QUICK, SLOW}


def test_the_image_sets_only_settings_beside_what_python_needs() -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    (block,) = re.findall(r"^ENV ((?:.*\\\n)*.*)$", dockerfile, flags=re.MULTILINE)
    named = set(re.findall(r"(\w+)=", block))
    assert named - {"PATH", "PYTHONUNBUFFERED"} == {"LOG_JSON", "MEDIA_DIR"}
    assert named - {"PATH", "PYTHONUNBUFFERED"} <= KNOWN


def test_the_local_stack_sets_only_settings(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.prepare()
    given = site_variables({}, run, DOORS)
    assert set(given) <= KNOWN
    assert {name.upper() for name in REQUIRED} - set(given) == {"DATABASE_URL", "REDIS_URL"}
