"""The words of a season contract, as the member reads and signs them."""

from __future__ import annotations

from shop.kernel.sheet import Formats, Translate
from shop.orders.services.contracts import Agreed


def written(
    agreed: Agreed, *, farm: str, market: str, clauses: str, _: Translate, formats: Formats
) -> str:
    """What is agreed, in full: paragraphs divided by an empty line."""
    dates = sorted(set(agreed.dates))
    facts = {
        "farm": farm,
        "member": agreed.member_name.strip(),
        "market": market,
        "baskets": agreed.baskets,
        "label": agreed.label.strip(),
        "price": formats.money(agreed.basket),
        "dates": ", ".join(formats.short_day(day) for day in dates),
        "count": len(dates),
        "total": formats.money(agreed.total),
    }
    instalments = "\n".join(
        "– " + formats.short_day(day) + _(": ") + formats.money(part)
        for day, part in agreed.instalments
    )
    paragraphs = [
        _("Season contract between %(farm)s and %(member)s, recorded by %(market)s.") % facts,
        _(
            "On each of the %(count)s dates below the farm prepares, and the member fetches, "
            "%(baskets)s × “%(label)s” at %(price)s each: %(dates)s."
        )
        % facts,
        _(
            "The season comes to %(total)s. The member pays the farm directly, by cheques to its "
            "order that are cashed on these days:"
        )
        % facts
        + "\n"
        + instalments,
        _(
            "%(market)s only keeps this record: it receives and holds none of this money. Nothing "
            "is paid in cash where the baskets are handed out."
        )
        % facts,
        _(
            "The member shares the chances and the risks of the season: what a basket holds "
            "follows the harvest. The farm says how it works and what it could not bring, and why."
        ),
        _(
            "Who cannot come sends somebody, or passes the basket on. The share may go to somebody "
            "else for the rest of the season; what is due to the farm stays due."
        ),
        clauses.strip(),
    ]
    return "\n\n".join(part for part in paragraphs if part)
