"""The browser of the machine, closed to everything but this machine."""

from __future__ import annotations

import os
import shutil

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def find_browser() -> str | None:
    """Where chromium is: ``CHROMIUM`` when set, else on the path; ``None`` when there is none."""
    if named := os.environ.get("CHROMIUM"):
        return named
    searched = os.pathsep.join([os.environ.get("PATH", ""), "/usr/bin", "/usr/local/bin"])
    for program in PROGRAMS:
        if found := shutil.which(program, path=searched):
            return found
    return None
