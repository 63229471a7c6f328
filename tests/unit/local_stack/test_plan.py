from __future__ import annotations

import os
from pathlib import Path

import pytest

from shop.local_stack.folders import RunFolder
from shop.local_stack.plan import Doors, application, simulators, site_variables

DOORS = Doors(host="127.0.0.1", web=8000, mail_pages=8025, smtp=2525, stripe=8026)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path)
    folder.prepare()
    return folder


def names(asked: dict[str, str], run: RunFolder) -> list[str]:
    variables = asked | site_variables(asked, run, DOORS)
    return [part.recipe.name for part in simulators(asked, variables, run, DOORS)]


def test_by_default_mail_and_payment_stay_on_this_machine(run: RunFolder) -> None:
    assert names({}, run) == ["mail", "stripe"]
    given = site_variables({}, run, DOORS)
    assert given["SMTP_URL"] == "smtp://127.0.0.1:2525"
    assert given["STRIPE_API_BASE"] == "http://127.0.0.1:8026"
    assert given["STRIPE_API_KEY"].startswith("sk_sim_")
    assert given["SIMULATION"] == "1"


def test_a_mail_server_the_user_names_is_respected(run: RunFolder) -> None:
    asked = {"SMTP_URL": "smtp://mail.exemple.fr:587"}
    assert names(asked, run) == ["stripe"]
    assert site_variables(asked, run, DOORS)["SMTP_URL"] == "smtp://mail.exemple.fr:587"


def test_stripes_own_test_mode_needs_no_simulator(run: RunFolder) -> None:
    asked = {"STRIPE_API_KEY": "sk_test_1"}
    assert names(asked, run) == ["mail"]
    assert "STRIPE_API_BASE" not in site_variables(asked, run, DOORS)


def test_an_empty_variable_counts_as_unset(run: RunFolder) -> None:
    given = site_variables({"BASE_URL": ""}, run, DOORS)
    assert given["BASE_URL"] == "http://127.0.0.1:8000"


def test_secrets_are_the_same_at_the_next_start(run: RunFolder) -> None:
    assert site_variables({}, run, DOORS) == site_variables({}, run, DOORS)


def test_an_open_host_is_shown_as_an_address_one_can_visit(run: RunFolder) -> None:
    doors = Doors(host="0.0.0.0", web=8000, mail_pages=8025, smtp=2525, stripe=8026)
    assert site_variables({}, run, doors)["BASE_URL"] == "http://127.0.0.1:8000"


def test_a_browser_on_another_machine_finds_the_payment_pages(run: RunFolder) -> None:
    doors = Doors(host="0.0.0.0", web=8000, mail_pages=8025, smtp=2525, stripe=8026)
    asked = {"BASE_URL": "http://192.168.1.20:8000"}
    given = asked | site_variables(asked, run, doors)
    assert given["STRIPE_PAGE_BASE"] == "http://192.168.1.20:8026"
    assert given["STRIPE_API_BASE"] == "http://127.0.0.1:8026"
    parts = {part.recipe.name: part for part in simulators(asked, given, run, doors)}
    command = parts["stripe"].recipe.command
    assert command[command.index("--host") + 1] == "0.0.0.0"
    assert command[command.index("--page-base") + 1] == "http://192.168.1.20:8026"
    assert site_variables({}, run, DOORS)["STRIPE_PAGE_BASE"] == "http://127.0.0.1:8026"


def test_worker_and_web_start_as_in_production(run: RunFolder) -> None:
    worker, web = application(dict(os.environ), run, DOORS)
    assert "worker.celery_app" in worker.recipe.command
    assert "gthread" in web.recipe.command
    assert "127.0.0.1:8000" in web.recipe.command
