"""Sign in, sign out, open an account, choose a new password, and see the doors that are open."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts import access
from shop.accounts.errors import EmailTaken, LinkExpired, WrongCredentials
from shop.accounts.queries.identity import identity
from shop.accounts.services import password_links, people
from shop.accounts.views.forms import ForgottenForm, NewPasswordForm, RegisterForm, SignInForm
from shop.infra.unit_of_work import unit_of_work
from shop.web.locale import chosen_language, local_path
from shop.web.security import limiter

bp = Blueprint("accounts", __name__, url_prefix="/account", template_folder="../templates")


@bp.get("/")
@access.signed_in
def home() -> ResponseReturnValue:
    """The doors that are open to the person."""
    return render_template("accounts/home.html")


@bp.route("/sign-in", methods=["GET", "POST"])
@limiter.limit("20 per minute; 100 per hour", methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """Sign in with address and password, then go where one wanted to go."""
    form = SignInForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                person_id = people.verify(
                    session, email=form.email.data, password=form.password.data
                )
                who = identity(session, person_id)
        except WrongCredentials:
            form.password.errors = [_("This address and this password do not go together.")]
        else:
            if who is not None:
                access.sign_in(who)
            return _onward()
    status = 422 if form.errors else 200
    return render_template("accounts/sign_in.html", form=form), status


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Leave."""
    access.sign_out()
    flash(_("You are signed out."), "ok")
    return redirect("/", code=303)


@bp.route("/register", methods=["GET", "POST"])
@limiter.limit("10 per minute; 30 per hour", methods=["POST"])
def register() -> ResponseReturnValue:
    """Open an account, and be signed in."""
    form = RegisterForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                person_id = people.register(
                    session,
                    email=form.email.data,
                    password=form.password.data,
                    name=form.name.data,
                    phone=form.phone.data or None,
                    locale=chosen_language(),
                )
                who = identity(session, person_id)
        except EmailTaken:
            form.email.errors = [_("There is an account with this address already: sign in.")]
        else:
            if who is not None:
                access.sign_in(who)
            flash(_("Welcome! Your account is open."), "ok")
            return _onward()
    status = 422 if form.errors else 200
    return render_template("accounts/register.html", form=form), status


@bp.route("/forgotten", methods=["GET", "POST"])
@limiter.limit("5 per minute; 20 per hour", methods=["POST"])
def forgotten() -> ResponseReturnValue:
    """Ask for a link by mail; the answer is the same whether the address is known or not."""
    form = ForgottenForm()
    if form.validate_on_submit():
        with unit_of_work() as session:
            password_links.ask(
                session,
                email=form.email.data,
                secret=current_app.config["SECRET_KEY"],
                locale=chosen_language(),
            )
        flash(_("If there is an account with this address, a mail is on its way."), "info")
        return redirect(url_for("accounts.sign_in"), code=303)
    status = 422 if form.errors else 200
    return render_template("accounts/forgotten.html", form=form), status


@bp.route("/new-password/<token>", methods=["GET", "POST"])
@limiter.limit("10 per minute", methods=["POST"])
def new_password(token: str) -> ResponseReturnValue:
    """Choose a new password with the link of the mail."""
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                password_links.use(
                    session,
                    token=token,
                    password=form.password.data,
                    secret=current_app.config["SECRET_KEY"],
                )
        except LinkExpired:
            flash(_("This link is too old or was used already. Ask for a new one."), "error")
            return redirect(url_for("accounts.forgotten"), code=303)
        flash(_("Your new password is set. You can sign in."), "ok")
        return redirect(url_for("accounts.sign_in"), code=303)
    status = 422 if form.errors else 200
    return render_template("accounts/new_password.html", form=form), status


def _onward() -> ResponseReturnValue:
    target = request.args.get("next")
    return redirect(local_path(target) if target else url_for("accounts.home"), code=303)
