from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shop.local_stack.children import Child, Recipe, run_step
from shop.local_stack.errors import StackError
from shop.local_stack.folders import PROJECT

WAITS_FOR_EVER = "import signal\nprint('up', flush=True)\nsignal.pause()"
IGNORES_REQUESTS = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{WAITS_FOR_EVER}"


def recipe(folder: Path, program: str, patience_s: float = 10) -> Recipe:
    return Recipe(
        name="probe",
        command=[sys.executable, "-c", program],
        environment=dict(os.environ),
        folder=folder,
        log=folder / "probe.log",
        patience_s=patience_s,
    )


def started(child: Child) -> Child:
    assert child.answers_within(10, lambda: "up" in child.written())
    return child


def test_a_child_is_waited_for_and_stopped(tmp_path: Path) -> None:
    child = started(Child(recipe(tmp_path, WAITS_FOR_EVER)))
    assert child.exit_status() is None
    child.stop()
    assert child.exit_status() == -15


def test_a_child_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    child = started(Child(recipe(tmp_path, IGNORES_REQUESTS, patience_s=0.1)))
    child.stop()
    assert child.exit_status() == -9


def test_what_a_child_has_started_ends_with_it(tmp_path: Path) -> None:
    program = (
        "import signal, subprocess, sys\n"
        "grandchild = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "print('up', grandchild.pid, flush=True)\nsignal.pause()"
    )
    child = started(Child(recipe(tmp_path, program)))
    grandchild = int(child.written().split()[1])
    child.stop()
    assert ends(grandchild)


def test_a_child_that_ends_by_itself_did_not_answer(tmp_path: Path) -> None:
    child = Child(recipe(tmp_path, "print('sorry'); raise SystemExit(3)"))
    assert child.answers_within(10, lambda: False) is False
    assert child.exit_status() == 3
    assert child.last_words() == f"Last lines of {tmp_path / 'probe.log'}:\n    sorry"
    child.stop()


def test_a_child_that_never_answers_is_given_up(tmp_path: Path) -> None:
    child = started(Child(recipe(tmp_path, WAITS_FOR_EVER)))
    with pytest.raises(StackError, match="probe does not answer after 0 s"):
        child.answers_within(0, lambda: False)
    child.stop()


def test_only_the_words_of_this_start_are_shown(tmp_path: Path) -> None:
    (tmp_path / "probe.log").write_text("words of yesterday\n")
    child = Child(recipe(tmp_path, "print('words of today')"))
    assert not child.answers_within(10, lambda: False)
    assert child.written() == "words of today\n"
    child.stop()


def test_a_step_that_fails_tells_its_last_lines(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"probe failed \(status 1\)[\s\S]*no such table"):
        run_step(recipe(tmp_path, "raise SystemExit('no such table')"), within_s=10)


def test_a_step_that_lasts_too_long_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="probe is not done after 0 s"):
        run_step(recipe(tmp_path, WAITS_FOR_EVER), within_s=0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_nothing_is_left_when_the_supervisor_is_killed_outright(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from shop.local_stack.children import Child, Recipe\n"
        f"child = Child(Recipe('probe', [sys.executable, '-c', {WAITS_FOR_EVER!r}], os.environ,\n"
        f"    Path({str(tmp_path)!r}), Path({str(tmp_path / 'probe.log')!r})))\n"
        "child.answers_within(10, lambda: 'up' in child.written())\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    supervisor = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=PROJECT
    )
    assert supervisor.returncode == -9
    assert ends(int(supervisor.stdout))


def ends(pid: int) -> bool:
    """Whether the process is gone, or gone but for its parent's attention, within ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state in {"Z", "X"}:
            return True
    return False
