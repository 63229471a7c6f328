"""``make reset``: forget what ``make run`` kept; needs nothing but Python."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from shop.local_stack.errors import StackError
from shop.local_stack.folders import PROJECT, RunFolder


def reset(path: Path) -> list[Path]:
    """Delete the run folder and the copies made elsewhere; tells which folders went.

    Raises:
        StackError: when a stack runs from it.
    """
    if not path.exists():
        return []
    run = RunFolder(path)
    run.prepare()
    with run.lock():
        gone = [path]
        pointer = path / "elsewhere"
        if pointer.exists():
            elsewhere = Path(pointer.read_text(encoding="utf-8"))
            if elsewhere.name.startswith("carriole-") and elsewhere.is_dir():
                shutil.rmtree(elsewhere)
                gone.append(elsewhere)
        shutil.rmtree(path)
    return gone


if __name__ == "__main__":
    try:
        for folder in reset(PROJECT / ".run"):
            print(f"Deleted {folder}")
    except StackError as error:
        sys.exit(str(error))
