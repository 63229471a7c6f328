from __future__ import annotations

from pathlib import Path

import pytest

from shop.local_stack.errors import StackError
from shop.local_stack.folders import RunFolder
from shop.local_stack.reset import reset


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "a folder with spaces" / ".run")
    folder.prepare()
    return folder


def test_a_secret_is_made_once_and_read_by_its_owner_only(run: RunFolder) -> None:
    secret = run.secret("session")
    assert len(secret) == 64
    assert run.secret("session") == secret
    assert run.secret("stripe") != secret
    assert (run.secrets / "session").stat().st_mode & 0o777 == 0o600


def test_a_second_stack_is_told_where_the_first_one_is(run: RunFolder) -> None:
    with run.lock() as held:
        held.write("http://127.0.0.1:8000")
        held.flush()
        with pytest.raises(StackError, match=r"Already running .*http://127\.0\.0\.1:8000"):
            run.lock()
    run.lock().close()


def test_a_long_log_starts_afresh(run: RunFolder) -> None:
    log = run.log_of("web")
    log.write_bytes(b"x" * 10_000_001)
    assert run.log_of("web") == log
    assert not log.exists()
    assert (run.logs / "web.log.1").stat().st_size == 10_000_001


def test_reset_forgets_everything(run: RunFolder) -> None:
    assert reset(run.path) == [run.path]
    assert not run.path.exists()
    assert reset(run.path) == []


def test_reset_also_deletes_what_was_kept_elsewhere(run: RunFolder, tmp_path: Path) -> None:
    elsewhere = tmp_path / "carriole-0123456789ab"
    elsewhere.mkdir()
    (run.path / "elsewhere").write_text(str(elsewhere))
    assert reset(run.path) == [run.path, elsewhere]
    assert not elsewhere.exists()


def test_reset_never_deletes_a_folder_that_is_not_its_own(run: RunFolder, tmp_path: Path) -> None:
    other = tmp_path / "photos"
    other.mkdir()
    (run.path / "elsewhere").write_text(str(other))
    assert reset(run.path) == [run.path]
    assert other.exists()


def test_reset_leaves_a_running_stack_alone(run: RunFolder) -> None:
    with run.lock(), pytest.raises(StackError, match="Already running"):
        reset(run.path)
    assert run.path.exists()
