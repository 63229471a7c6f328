"""The answer that carries a calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask import Response

from shop.kernel import calendar
from shop.kernel.calendar import Appointment


def calendar_file(appointments: Iterable[Appointment], name: str, *, made_at: datetime) -> Response:
    """Appointments as a file that a calendar reads, kept by nobody on the way."""
    return Response(
        calendar.write(appointments, name=name, made_at=made_at),
        content_type=calendar.MEDIA_TYPE,
        headers={
            "Cache-Control": "private, no-store",
            "X-Robots-Tag": "noindex",
            "Content-Disposition": 'inline; filename="calendar.ics"',
        },
    )
