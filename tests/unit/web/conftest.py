from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf import CSRFProtect

import shop
from shop.web import shell
from shop.web.shell import Account, BasketBadge, Link, Shell


def everything() -> Shell:
    return Shell(
        name="Paniers du Var",
        nav=(Link("Le marché", "/"), Link("Les fermes", "/fermes")),
        side=(Link("Ventes", "/desk/ventes", "calendar", group="Vente"),),
        account=Account("Claire Fabre", (Link("Mes commandes", "/commandes"),), "/sortie"),
        basket=BasketBadge("/panier", 3, 4210),
        legal=(Link("Mentions légales", "/mentions"),),
        simulation=True,
    )


FRENCH = Path(shop.__file__).parent / "translations/fr/LC_MESSAGES/messages.po"


@pytest.fixture(scope="session")
def french_words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the French words, compiled."""
    folder = tmp_path_factory.mktemp("translations")
    compiled = folder / "fr/LC_MESSAGES/messages.mo"
    compiled.parent.mkdir(parents=True)
    with FRENCH.open("rb") as words, compiled.open("wb") as target:
        write_mo(target, read_po(words, locale="fr"))
    return folder


@pytest.fixture
def bare_site(french_words: Path) -> Flask:
    """The shell alone: no database, no rooms."""
    app = Flask("shop", static_folder=None, template_folder="web/templates")
    app.config.update(SECRET_KEY="only-for-the-tests", TESTING=True, WTF_CSRF_ENABLED=False)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(french_words)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    CSRFProtect(app)
    shell.register(app, everything)
    return app


@pytest.fixture
def visitor(bare_site: Flask) -> FlaskClient:
    return bare_site.test_client()
