"""What pytest remembers about this run."""

from __future__ import annotations

from pathlib import Path

import pytest

RUN_FOLDER = pytest.StashKey[Path]()
"""Where the run keeps its servers' data; deleted at its end."""

RUN_PID = pytest.StashKey[int]()
"""The process whose end is the end of the run."""
