"""Hand a stop over to the navigation app of the driver's phone."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from shop.logistics.queries.rounds import StopCard


def geo_link(stop: StopCard) -> str:
    """A ``geo:`` address, which Android hands to the app that the driver has chosen.

    A pin that is only the middle of a commune would lead to the town hall: then the app is
    asked to look for the address.
    """
    if stop.is_vague:
        return f"geo:0,0?q={quote(stop.address)}"
    point = f"{stop.lat:.6f},{stop.lon:.6f}"
    return f"geo:{point}?q={point}({quote(stop.name)})"


def map_links(stop: StopCard) -> list[tuple[str, str]]:
    """Names of apps and the addresses that open them at the stop; iPhones know no ``geo:``."""
    where = stop.address if stop.is_vague else f"{stop.lat:.6f},{stop.lon:.6f}"
    google = urlencode({"api": 1, "destination": where, "travelmode": "driving"})
    waze = {"q": stop.address} if stop.is_vague else {"ll": where}
    return [
        ("Apple Plans", "https://maps.apple.com/?" + urlencode({"daddr": where, "dirflg": "d"})),
        ("Google Maps", f"https://www.google.com/maps/dir/?{google}"),
        ("Waze", "https://waze.com/ul?" + urlencode({**waze, "navigate": "yes"})),
    ]
