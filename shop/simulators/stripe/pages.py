"""The pages of the simulator: the card page, the bank's page, the controls."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import Babel, format_currency, format_datetime, get_locale
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from shop.simulators.stripe import control, paying
from shop.simulators.stripe.books import SWITCHES, Books, Thing
from shop.simulators.stripe.cards import BY_NUMBER
from shop.simulators.stripe.desk import Desk
from shop.simulators.stripe.intents import OPEN
from shop.simulators.stripe.refusal import Refusal

LANGUAGES = ["fr", "en"]
TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"
SHOWN = 40
_DESK = "simulator.desk"
_SHOP = "simulator.shop"

pages = Blueprint("simulator", __name__, template_folder="templates")

OFFERED = (
    ("4000002500001001", _l("Accepted (CB and Visa)")),
    ("4242424242424242", _l("Accepted (Visa)")),
    ("4000002760003184", _l("The bank asks to confirm, always")),
    ("4000002500003155", _l("The bank asks to confirm, once")),
    ("4000000000000002", _l("Declined")),
    ("4000000000009995", _l("Not enough money")),
    ("4000000000000069", _l("Expired card")),
    ("4000000000000127", _l("Wrong security code")),
    ("4000000000000341", _l("Accepted today, declined when charged later")),
    ("4000000000000259", _l("Accepted, then contested")),
)
"""Test cards that the card page offers, and what they do."""

OFFERED_IBANS = (
    ("FR1420041010050500013M02606", _l("Succeeds after some days")),
    ("FR8420041010050500013M02607", _l("Fails after some days")),
    ("FR5720041010050500013M02608", _l("Succeeds, then contested")),
)

SAID = {
    "card_declined": _l("Your bank declined the card. Try another one."),
    "insufficient_funds": _l("There is not enough money for this payment. Try another card."),
    "expired_card": _l("This card has expired. Try another one."),
    "incorrect_cvc": _l("The security code is wrong."),
    "incorrect_number": _l("This card number is wrong."),
    "invalid_expiry": _l("The expiry date is wrong: write month and year, like 04/29."),
    "processing_error": _l("The payment could not be handled. Try again in a moment."),
    "test_mode_live_card": _l("This is not a test card. Never type a real card here."),
    "authentication_required": _l("Your bank asks you to confirm this payment."),
    "payment_intent_authentication_failure": _l("The payment was not confirmed at your bank."),
    "setup_intent_authentication_failure": _l("The card was not confirmed at your bank."),
    "invalid_bank_account_iban": _l("This IBAN is wrong."),
}
"""What the page says to people, by the bank's word or the error's code."""


def add_pages(app: Flask, desk: Desk, shop_name: str) -> None:
    """Give the simulator's application its pages."""
    app.extensions[_DESK] = desk
    app.extensions[_SHOP] = shop_name
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    app.config["BABEL_DEFAULT_LOCALE"] = "fr"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/Paris"
    Babel(app, locale_selector=language)
    app.jinja_env.globals |= {"get_locale": get_locale, "euros": euros, "moment": moment}
    app.register_blueprint(pages)


def language() -> str:
    """The language asked for in the address, else the browser's."""
    asked = request.values.get("lang", "")
    wanted = [asked, *(tag.partition("-")[0].lower() for tag in request.accept_languages.values())]
    return next((tag for tag in wanted if tag in LANGUAGES), "fr")


def euros(cents: int) -> str:
    """An amount for people."""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return cast(str, format_currency(f"{sign}{whole}.{rest:02d}", "EUR"))


def moment(seconds: int) -> str:
    """An instant for people."""
    return cast(str, format_datetime(paying.instant(seconds), "short"))


def desk() -> Desk:
    """The desk behind the running application."""
    found: Desk = current_app.extensions[_DESK]
    return found


@pages.app_errorhandler(Refusal)
def refused(refusal: Refusal) -> AnyResponse:
    """A page that cannot be shown."""
    return make_response(
        render_template("stripe/nothing.html", message=str(refusal)), refusal.status
    )


@pages.get("/")
def home() -> str:
    """What this is."""
    return render_template("stripe/home.html")


@pages.get("/pay/<client_secret>")
def show_pay(client_secret: str) -> AnyResponse | str:
    """The card page."""
    return_url = request.args.get("return_url", "")
    with desk().books() as books:
        intent = paying.by_secret(books, client_secret)
        paying.way_back(intent, return_url)
        return pay_page(books, intent, return_url, dict(request.args))


def pay_page(
    books: Books,
    intent: Thing,
    return_url: str,
    filled: dict[str, str],
    problem: Refusal | None = None,
) -> AnyResponse | str:
    """The card page for the state that the payment is in."""
    if intent["status"] == "requires_action":
        return redirect(url_for("simulator.show_bank", client_secret=intent["client_secret"]), 303)
    if intent["status"] not in OPEN:
        return redirect(paying.way_back(intent, return_url), 303)
    kinds = intent["payment_method_types"]
    kept = paying.kept_for(books, intent)
    chosen = filled.get("method") or next((one["id"] for one in kept), kinds[0])
    if filled.get("fill") in BY_NUMBER:
        filled = filled | sample(books, filled["fill"])
        chosen = "card"
    elif filled.get("fill"):
        filled = filled | {"iban": filled["fill"], "name": "Camille Martin"}
        chosen = "sepa_debit"
    error = problem.error if problem else None
    if error is None and "fill" not in filled:
        error = intent.get("last_payment_error") or intent.get("last_setup_error")
    card = BY_NUMBER.get("".join(filter(str.isdigit, filled.get("number", ""))))
    return render_template(
        "stripe/pay.html",
        intent=intent,
        keeping=intent["object"] == "setup_intent",
        kinds=kinds,
        chosen=chosen,
        kept=kept,
        filled=filled,
        networks=card.networks if card is not None and len(card.networks) > 1 else (),
        said=said(error),
        wrong_field=(error or {}).get("param"),
        return_url=return_url,
        back=paying.way_back(intent, return_url, "failed"),
        shop=current_app.extensions[_SHOP],
        cards=OFFERED,
        ibans=OFFERED_IBANS,
    )


def sample(books: Books, number: str) -> dict[str, str]:
    """What the button of a test card fills in."""
    spaced = " ".join(number[place : place + 4] for place in range(0, len(number), 4))
    year = paying.instant(books.now).year + 3
    return {
        "number": spaced,
        "expiry": f"12/{year % 100:02d}",
        "cvc": "123" if len(number) == 16 else "1234",
        "name": "Camille Martin",
    }


def said(error: dict[str, Any] | None) -> str:
    """The sentence for an error; empty without one."""
    if not error:
        return ""
    for word in (error.get("decline_code"), error.get("code")):
        if word in SAID:
            return str(SAID[word])
    return str(SAID["card_declined"])


@pages.post("/pay/<client_secret>")
def pay(client_secret: str) -> AnyResponse | str:
    """Pay, or keep the card."""
    return_url = request.form.get("return_url", "")
    with desk().books() as books:
        intent = paying.by_secret(books, client_secret)
        paying.way_back(intent, return_url)
        try:
            intent = paying.submit(books, intent, request.form, return_url)
        except Refusal as refusal:
            fresh = paying.by_secret(books, client_secret)
            page = pay_page(books, fresh, return_url, dict(request.form), refusal)
            return make_response(page, 402)
        return pay_page(books, intent, return_url, {})


@pages.get("/3ds/<client_secret>")
def show_bank(client_secret: str) -> AnyResponse | str:
    """The page of the cardholder's bank."""
    with desk().books() as books:
        intent = paying.by_secret(books, client_secret)
        return_url = books.hidden(intent["id"]).get("return_url") or ""
        if intent["status"] != "requires_action":
            return leave_bank(intent, return_url)
        method = books.need("payment_method", intent["payment_method"], "payment_method")
    return render_template(
        "stripe/bank.html",
        intent=intent,
        keeping=intent["object"] == "setup_intent",
        method=method,
        shop=current_app.extensions[_SHOP],
    )


@pages.post("/3ds/<client_secret>")
def answer_bank(client_secret: str) -> AnyResponse | str:
    """The cardholder accepts, refuses, or waits too long."""
    accepts = request.form.get("decision") == "accept"
    with desk().books() as books:
        intent = paying.by_secret(books, client_secret)
        return_url = books.hidden(intent["id"]).get("return_url") or ""
        try:
            intent = paying.decide(books, intent, accepts=accepts)
        except Refusal:
            intent = paying.by_secret(books, client_secret)
        return leave_bank(intent, return_url)


def leave_bank(intent: Thing, return_url: str) -> AnyResponse | str:
    """Back to the shop; a payment that was not begun on a page has nowhere to return to."""
    if return_url:
        return redirect(paying.way_back(intent, return_url), 303)
    return render_template("stripe/done.html")


@pages.get("/_control")
def show_control() -> str:
    """What happened, and how to make things go wrong."""
    with desk().books() as books:
        return render_template("stripe/control.html", **control.picture(books, SHOWN))


@pages.get("/_control/state")
def state() -> Response:
    """The same for programs."""
    with desk().books() as books:
        return jsonify(control.picture(books, int(request.args.get("limit", SHOWN))))


@pages.post("/_control/switches")
def switches() -> AnyResponse:
    """Make things go wrong, or right again."""
    wanted = request.get_json() if request.is_json else form_switches()
    with desk().books() as books:
        control.turn_switches(books, wanted)
        turned = books.switches()
    return jsonify(turned) if request.is_json else back_to_control()


def form_switches() -> dict[str, Any]:
    """The switches of the form; a box that is not ticked is not sent."""
    ticks = {name: False for name, value in SWITCHES.items() if isinstance(value, bool)}
    return ticks | request.form.to_dict()


@pages.post("/_control/deeds")
def deeds() -> AnyResponse:
    """Make something happen to one thing."""
    given = request.get_json() if request.is_json else request.form
    deed = control.DEEDS.get(given.get("deed", ""))
    if deed is None:
        raise Refusal("There is no such deed.", param="deed")
    with desk().books() as books:
        deed(books, given.get("id", ""))
    return jsonify({"done": True}) if request.is_json else back_to_control()


def back_to_control() -> AnyResponse:
    """To the control page, wherever this came from."""
    return redirect(urlsplit(url_for("simulator.show_control")).path, 303)
