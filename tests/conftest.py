"""The run as a whole: closed network, one database server, no browser test skipped in CI."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from tests.harness.network import close_network
from tests.harness.run import RUN_FOLDER, RUN_PID
from tests.harness.servers import end_shared_server

pytest_plugins = [
    "tests.harness.services",
    "tests.harness.application",
    "tests.harness.pages",
    "tests.harness.whole",
]

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

hypothesis_settings.register_profile("carriole", deadline=None, print_blob=True)
hypothesis_settings.load_profile("carriole")


def pytest_configure(config: pytest.Config) -> None:
    close_network()
    given = getattr(config, "workerinput", None)
    if given is not None:
        config.stash[RUN_FOLDER] = Path(given["carriole_folder"])
        config.stash[RUN_PID] = int(given["carriole_run_pid"])
        return
    folder = Path(tempfile.mkdtemp(prefix="carriole-tests-"))
    # As root, PostgreSQL runs as nobody and has to walk through.
    folder.chmod(0o711)
    config.stash[RUN_FOLDER] = folder
    config.stash[RUN_PID] = os.getpid()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Config) -> None:
    """Tell a parallel worker where its run works."""
    node.workerinput["carriole_folder"] = str(node.config.stash[RUN_FOLDER])  # type: ignore[attr-defined]
    node.workerinput["carriole_run_pid"] = node.config.stash[RUN_PID]  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or RUN_FOLDER not in config.stash:
        return
    end_shared_server(config.stash[RUN_FOLDER])
    shutil.rmtree(config.stash[RUN_FOLDER], ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a browser test that was skipped has failed."""
    report = yield
    if (
        IN_CI
        and report.skipped
        and item.get_closest_marker("browser")
        and not hasattr(report, "wasxfail")
    ):
        report.outcome = "failed"
        report.longrepr = f"a browser test may not be skipped in CI: {report.longrepr}"
    return report
