from __future__ import annotations

from pathlib import Path

import pytest

from shop.local_stack.errors import StackError
from shop.local_stack.postgres_programs import find_postgres, programs_in, wheel_folder


def programs(folder: Path, version: str) -> Path:
    """Stand-ins that only say their version."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        script = folder / name
        script.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        script.chmod(0o755)
    return folder


def test_the_wheel_is_there_and_runs_on_this_machine() -> None:
    folder = wheel_folder()
    assert folder is not None
    found = programs_in(folder)
    assert found is not None
    assert found.major == 18


def test_the_folder_the_user_names_comes_first(tmp_path: Path) -> None:
    named = programs(tmp_path / "named", "16.4 (Debian 16.4-1.pgdg120+1)")
    wheel = programs(tmp_path / "wheel", "18.6")
    found = find_postgres({"PG_BIN": str(named)}, wheel, [])
    assert (found.folder, found.major) == (named, 16)


def test_a_named_folder_without_programs_is_refused_rather_than_passed_over(
    tmp_path: Path,
) -> None:
    wheel = programs(tmp_path / "wheel", "18.6")
    with pytest.raises(StackError, match=r"no working `postgres` and `initdb`"):
        find_postgres({"PG_BIN": str(tmp_path / "nothing")}, wheel, [])


def test_the_wheel_comes_before_what_the_machine_has(tmp_path: Path) -> None:
    wheel = programs(tmp_path / "wheel", "18.6")
    programs(tmp_path / "postgresql/19/bin", "19.1")
    assert find_postgres({}, wheel, [f"{tmp_path}/postgresql/*/bin"]).folder == wheel


def test_without_a_wheel_the_newest_of_the_machine_is_taken(tmp_path: Path) -> None:
    for version in ("9.6.24", "15.7", "17.2", "16.1"):
        programs(tmp_path / f"postgresql/{version}/bin", version)
    found = find_postgres({}, None, [f"{tmp_path}/postgresql/*/bin"])
    assert (found.folder, found.major) == (tmp_path / "postgresql/17.2/bin", 17)


def test_a_wheel_made_for_another_machine_is_passed_over(tmp_path: Path) -> None:
    broken = programs(tmp_path / "wheel", "18.6")
    (broken / "postgres").write_text("#!/nowhere/ld-musl\n")
    mine = programs(tmp_path / "postgresql/17/bin", "17.2")
    assert find_postgres({}, broken, [f"{tmp_path}/postgresql/*/bin"]).folder == mine


@pytest.mark.parametrize("version", ["14.12", "9.6.24"])
def test_nothing_usable_says_what_can_be_done(tmp_path: Path, version: str) -> None:
    programs(tmp_path / f"postgresql/{version}/bin", version)
    with pytest.raises(StackError, match="set DATABASE_URL to a running server"):
        find_postgres({}, None, [f"{tmp_path}/postgresql/*/bin"])
