import re

from flask import Flask, render_template_string
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired


class Address(FlaskForm):
    name = StringField("Nom", [InputRequired("Écrivez votre nom.")])
    note = StringField("Un mot", description="Pour le préparateur.")
    terms = BooleanField("J’accepte")
    way = RadioField(
        "Livraison", choices=[SelectChoice("r", "Relais"), SelectChoice("h", "Domicile")]
    )


def render(app: Flask, source: str, **values: object) -> str:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        return render_template_string(source, **values)


def form_of(app: Flask, **data: str) -> Address:
    with app.test_request_context("/", method="POST", data=data):
        form = Address()
        form.validate()
        return form


FIELD = '{% from "macros/forms.html" import field, form_errors, radio_field, checkbox %}'


def test_a_field_that_is_wrong_says_why_and_keeps_what_was_typed(bare_site: Flask) -> None:
    form = form_of(bare_site, name="", note='tomates "mûres"', way="r")
    page = render(bare_site, FIELD + "{{ field(form.name) }}{{ field(form.note) }}", form=form)
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="name-error"' in page
    assert '<p class="field__error" id="name-error">' in page
    assert "Écrivez votre nom." in page
    assert 'value="tomates &#34;mûres&#34;"' in page
    assert 'aria-describedby="note-hint"' in page
    assert page.count("(optional)") == 1


def test_the_list_of_errors_leads_to_the_fields(bare_site: Flask) -> None:
    page = render(bare_site, FIELD + "{{ form_errors(form) }}", form=form_of(bare_site, way="r"))
    assert 'role="alert"' in page
    assert "1 thing to correct" in page
    assert '<a href="#name">Nom</a>: Écrivez votre nom.' in page


def test_cards_to_choose_from_keep_the_choice_and_show_what_is_closed(bare_site: Flask) -> None:
    form = form_of(bare_site, way="r")
    source = FIELD + "{{ radio_field(form.way, {'h': {'detail': 'demain', 'disabled': true}}) }}"
    page = render(bare_site, source, form=form)
    assert re.search(r'value="r" required checked', page)
    assert re.search(r'value="h" required disabled', page)
    assert "<legend" in page
    assert "demain" in page


def test_a_product_that_is_gone_cannot_be_added(bare_site: Flask) -> None:
    source = (
        '{% from "macros/cards.html" import product_card %}'
        "{{ product_card('Miel', '/m', '/i.svg', price='8,90 €', left=left, add_url='/p',"
        " offer_id=7) }}"
    )
    gone = render(bare_site, source, left=0)
    assert "Sold out" in gone
    assert "<form" not in gone
    there = render(bare_site, source, left=3)
    assert "Only 3 left" in there
    assert 'name="offer_id" value="7"' in there
    assert 'min="1" max="3"' in there
    assert 'aria-label="Quantity: Miel"' in there


def test_a_name_cannot_smuggle_markup_into_a_card(bare_site: Flask) -> None:
    source = (
        '{% from "macros/cards.html" import product_card, figure %}'
        "{{ product_card(name, '/m', '/i.svg', producer=name, add_url='/p', offer_id=1) }}"
        "{{ figure(name, name) }}"
    )
    page = render(bare_site, source, name='"><script>x</script>')
    assert "<script" not in page
    assert str(Markup.escape('"><script>')) in page


def test_every_cell_of_a_table_carries_its_heading_to_the_phone(bare_site: Flask) -> None:
    source = (
        '{% from "macros/tables.html" import table, th, td %}'
        "{% call table('Commandes', ['Commande', ('Total', 'number')]) %}"
        "<tr>{{ th('C-1') }}{{ td('Total', '4,20 €', 'number') }}</tr>{% endcall %}"
    )
    page = render(bare_site, source)
    assert '<th scope="col" role="columnheader" class="number">Total</th>' in page
    assert '<td role="cell" data-label="Total" class="number">4,20 €</td>' in page
    assert '<caption class="hidden-text">Commandes</caption>' in page


def test_progress_is_followed_at_its_address_and_read_aloud(bare_site: Flask) -> None:
    source = (
        '{% from "macros/notices.html" import progress %}'
        "{{ progress('Tournées', 2, 7, '2 sur 7', poll='/p') }}"
    )
    page = render(bare_site, source)
    assert 'data-poll="/p"' in page
    assert 'max="7" value="2"' in page
    assert 'role="status"' in page
    assert "<noscript>" in page


def test_a_button_that_posts_carries_its_question_and_its_values(bare_site: Flask) -> None:
    source = (
        '{% from "macros/buttons.html" import post_button %}'
        "{{ post_button('Clore', '/c', 'danger', confirm='Sûr ?', fields={'cycle': 3}) }}"
    )
    page = render(bare_site, source)
    assert '<form method="post" action="/c"' in page
    assert 'name="cycle" value="3"' in page
    assert 'data-confirm="Sûr ?"' in page
    assert 'name="csrf_token"' in page


def test_long_lists_of_pages_are_shortened(bare_site: Flask) -> None:
    source = (
        '{% from "macros/navigation.html" import pagination %}'
        "{{ pagination(6, 20, url_of) }}|{{ pagination(1, 1, url_of) }}"
    )
    page = render(bare_site, source, url_of=lambda page: f"/?p={page}")
    shown, nothing = page.split("|")
    assert re.findall(r"/\?p=(\d+)\"", shown) == ["5", "1", "4", "5", "7", "8", "20", "7"]
    assert shown.count("…") == 2
    assert nothing.strip() == ""
