"""Communes that a way to deliver serves, at the desk of a market."""

from __future__ import annotations

import re

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from shop.accounts.access import holds
from shop.accounts.domain.roles import Role
from shop.catalog.queries import delivery
from shop.catalog.queries import desk as queries
from shop.catalog.services import delivery as service
from shop.catalog.views.desk import bp, enter
from shop.catalog.views.forms import CommunesForm
from shop.infra.places import communes
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.kernel.folding import fold

__all__ = ["bp"]


_BETWEEN = re.compile(r"[,;\n\t]+")


@bp.route("/<market>/delivery/ways/<int:option_id>/communes", methods=["GET", "POST"])
@holds(Role.DESK)
def communes_page(market: str, option_id: int) -> ResponseReturnValue:
    """Communes that a home option serves: found one by one, or pasted."""
    words = request.args.get("q", "").strip()[:80]
    form = CommunesForm()
    with reading() as session:
        enter(session, market)
        card = delivery.option(session, g.market.id, option_id)
        served = [communes.by_insee(code) for code in queries.communes_of(session, option_id)]
        places = delivery.pickup_points(session, g.market.id)
    unknown: list[str] = []
    if form.validate_on_submit():
        around = {each.commune_insee[:2] for each in places}
        around |= {each.insee[:2] for each in served if each}
        found, unknown = _understood(form.communes.data, around)
        if unknown:
            form.communes.errors = [_("We do not know these: %(words)s.", words=", ".join(unknown))]
        else:
            with unit_of_work() as session:
                enter(session, market)
                added = service.add_communes(session, g.market.id, option_id, found)
            text = ngettext("%(num)s commune added.", "%(num)s communes added.", added)
            flash(text if added else _("These are served already."), "good" if added else "info")
            target = url_for("desk.communes_page", market=market, option_id=option_id)
            return redirect(target, code=303)
    known = {each.insee for each in served if each}
    page = render_template(
        "catalog/desk_communes.html",
        option=card,
        served=sorted((each for each in served if each), key=lambda each: each.name),
        found=[each for each in communes.search(words, limit=8) if words],
        known=known,
        words=words,
        form=form,
    )
    return page, 422 if form.errors else 200


@bp.post("/<market>/delivery/ways/<int:option_id>/communes/change")
@holds(Role.DESK)
def change_communes(market: str, option_id: int) -> ResponseReturnValue:
    """Serve one commune, or no longer."""
    codes = request.form.getlist("insee")
    with unit_of_work() as session:
        enter(session, market)
        if request.form.get("remove"):
            service.remove_communes(session, g.market.id, option_id, codes)
            text = _("These communes are no longer served.")
        elif any(communes.by_insee(code) is None for code in codes):
            raise InvalidInput(field="insee", reason="unknown")
        else:
            service.add_communes(session, g.market.id, option_id, codes)
            text = _("This commune is served.")
    flash(text, "good")
    target = url_for("desk.communes_page", market=market, option_id=option_id)
    return redirect(target, code=303)


def _understood(text: str, around: set[str]) -> tuple[list[str], list[str]]:
    """INSEE codes of pasted communes, and the pieces that name none.

    Of communes with the same name those in the departments ``around`` are meant.
    """
    codes: list[str] = []
    unknown: list[str] = []
    for piece in _BETWEEN.split(text):
        bare = piece.strip()
        if not bare:
            continue
        by_code = communes.by_insee(bare)
        if by_code is not None:
            codes.append(by_code.insee)
            continue
        if bare.isdigit() and (there := communes.by_postcode(bare)):
            codes += [each.insee for each in there]
            continue
        named = [each for each in communes.search(bare, limit=40) if fold(each.name) == fold(bare)]
        near = [each for each in named if each.insee[:2] in around]
        if near or named:
            codes.append((near or named)[0].insee)
        else:
            unknown.append(bare)
    return codes, unknown
