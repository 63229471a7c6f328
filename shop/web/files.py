"""Files that leave: papers, spreadsheets, data."""

from __future__ import annotations

from flask import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def own_file(content: bytes | str, kind: str, name: str, *, shown: bool = False) -> Response:
    """A file that only the person who asks may keep; ``shown`` in the browser, else downloaded."""
    way = "inline" if shown else "attachment"
    return Response(
        content,
        mimetype=kind,
        headers={
            "Content-Disposition": f'{way}; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )
