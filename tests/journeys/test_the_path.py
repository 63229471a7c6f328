"""The main job from a producer's spreadsheet to the captured payment, in a real browser."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from playwright.sync_api import Browser, expect
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.accounts.models import Person
from shop.catalog.domain.terms import LogisticsPack
from shop.catalog.models import Market, PickupPoint
from shop.catalog.services import allotment
from shop.infra.unit_of_work import reading, unit_of_work
from shop.local_stack.mailbox.store import Attachment, attachments_of, body_of
from shop.orders.domain.terms import Bearer, FeeKind
from shop.orders.models import FeeRule
from shop.orders.queries import accounts
from tests.factories.catalog import make_shelves, make_worker
from tests.factories.orders import make_producer
from tests.harness.whole import WholeShop
from tests.journeys.buying import make_fleet, open_card_page, pay_by_card
from tests.journeys.walking import Walker, walker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

MARKET = "paniers-d-essai"
CYCLE = "essai-1"
DECLINED, ASKS = "4000000000000002", "4000002760003184"
PARIS = ZoneInfo("Europe/Paris")
HEADINGS = (
    "Référence",
    "Nom",
    "Catégorie",
    "Prix TTC",
    "Prix par",
    "Vendu",
    "Contenance",
    "Poids moyen (g)",
    "Stock",
)
FARM = (
    ("P1", "Poulet fermier", "Crèmerie", 18.90, "kg", "à la pièce", None, 1500, 20),
    ("Y1", "Yaourt de brebis", "Crèmerie", 3.20, "pièce", "à la pièce", "400 g", None, 60),
    ("X1", "Sans prix", "Crèmerie", None, "pièce", "à la pièce", "100 g", None, 5),
)
HIVES = (("M1", "Miel de lavande", "Épicerie", 9.50, "pièce", "à la pièce", "500 g", None, 12),)


@pytest.fixture
def shop(shared_shop: WholeShop) -> Iterator[WholeShop]:
    with shared_shop.app.app_context():
        yield shared_shop


class Ground:
    """A market before its first sale: its farms, its people, its van."""

    def __init__(self, session: Session) -> None:
        market = Market(
            slug=MARKET,
            name="Paniers d’essai",
            territory="Provence Verte",
            pack=LogisticsPack.FULL,
            email="bonjour@paniers.fr",
            phone="04 94 00 00 00",
            texts={},
            terms_version="2026-10",
        )
        session.add(market)
        session.flush()
        self.market_id = market.id
        make_shelves(session)
        make_fleet(session, market.id)
        for kind, percent_bp in ((FeeKind.PLATFORM, 200), (FeeKind.MARKET, 1500)):
            session.add(
                FeeRule(
                    market_id=market.id,
                    kind=kind,
                    percent_bp=percent_bp,
                    bearer=Bearer.PRODUCER,
                    valid_from=date(2020, 1, 1),
                )
            )
        self.farm_id = make_producer(session, market.id, "Ferme des Restanques")
        self.hives_id = make_producer(session, market.id, "Le Rucher")
        self.farmer = make_worker(session, Role.PRODUCER, producer_id=self.farm_id)
        self.beekeeper = make_worker(session, Role.PRODUCER, producer_id=self.hives_id)
        self.desk = make_worker(session, Role.DESK, market_id=market.id)
        self.preparer = make_worker(session, Role.PREPARER, market_id=market.id)
        self.driver = make_worker(session, Role.DRIVER, market_id=market.id)


def test_the_path_from_a_spreadsheet_to_the_captured_payment(
    shop: WholeShop, browser: Browser, tmp_path: Path
) -> None:
    with unit_of_work() as session:
        ground = Ground(session)
    farmer = walker(shop, browser, ground.farmer)
    a_producer_brings_a_list(farmer, ground.farm_id, spreadsheet(tmp_path, FARM), new=2, wrong=1)
    beekeeper = walker(shop, browser, ground.beekeeper)
    a_producer_brings_a_list(beekeeper, ground.hives_id, spreadsheet(tmp_path, HIVES), new=1)
    desk = walker(shop, browser, ground.desk)
    the_desk_says_how_goods_are_delivered(desk)
    the_desk_opens_a_sale(desk)

    customer = walker(shop, browser, phone=True)
    a_basket_is_too_small_and_then_large_enough(customer)
    number = the_order_is_placed_and_paid(customer)
    order_url = customer.page.url
    assert number in mail_to(shop, "jeanne@exemple.fr", number)

    the_desk_closes_the_sale(desk)
    producers_answer(shop, browser)
    the_desk_sees_the_answers_and_has_rounds_planned(desk, ground)
    papers_come_out_of_the_printer(desk)
    the_preparer_weighs_and_declares_a_shortage(walker(shop, browser, ground.preparer), number)
    the_driver_loads_leaves_and_delivers(walker(shop, browser, ground.driver, phone=True))
    with unit_of_work() as session:
        place = session.scalars(select(PickupPoint).where(PickupPoint.name == "Chez Odile")).one()
        host = make_worker(session, Role.RELAY_HOST, pickup_point_id=place.id)
    the_host_hands_over(walker(shop, browser, host, phone=True), number)

    # Chicken 1.432 kg at 18.90 €, two yogurts of three at 3.20 €, one honey of two at 9.50 €.
    weighed = 2706 + 640 + 950
    customer.page.goto(order_url)
    shop.wait_until(lambda: received(shop, number) == weighed)
    customer.page.goto(order_url)
    customer.sees(customer.say.money(weighed))
    customer.reads("Paid by card")
    with reading() as session:
        assert [proof for proof in accounts.prove(session) if not proof.holds] == []
        assert allotment.check(session) == []
    # Goods of 33.46 € less 2 % and 15 %; of 9.50 € likewise.
    the_statement_says(farmer, ground.farm_id, 3346 - 67 - 502)
    the_statement_says(beekeeper, ground.hives_id, 950 - 19 - 143)
    for person in (farmer, beekeeper, desk, customer):
        assert person.complaints == []


def spreadsheet(folder: Path, rows: tuple[tuple[object, ...], ...]) -> Path:
    """A list as producers keep it."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADINGS, *rows):
        sheet.append(row)
    file = folder / f"liste-{len(rows)}.xlsx"
    book.save(file)
    return file


def a_producer_brings_a_list(
    producer: Walker, producer_id: int, file: Path, *, new: int, wrong: int = 0
) -> None:
    producer.open(f"/producer/{producer_id}/files")
    producer.page.locator("input[type=file]").set_input_files(file)
    producer.press("Read this file")
    producer.reads("Apply the list")
    if wrong:
        producer.page.get_by_role("link", name=producer.say("Rows that cannot be used")).click()
        row = producer.say("Row %(number)s", number=4)
        expect(producer.page.locator("#rows").get_by_role("rowheader")).to_have_text(row)
    write = producer.say.many("Write %(num)s product", "Write %(num)s products", new)
    producer.page.get_by_role("button", name=write).click()
    producer.reads("The file is taken in")


def the_desk_says_how_goods_are_delivered(desk: Walker) -> None:
    desk.open(f"/desk/{MARKET}/delivery/ways/new")
    desk.page.locator("[name=kind]").select_option("relay")
    desk.page.locator("[name=name_fr]").fill("Point relais")
    desk.page.locator("[name=minimum]").fill("15")
    desk.page.locator("[name=fee]").fill("0")
    desk.press("Save")
    desk.reads("Saved.")
    desk.open(f"/desk/{MARKET}/delivery/places/new")
    for name, value in (
        ("name", "Chez Odile"),
        ("host_name", "Odile Roux"),
        ("phone", "04 94 00 00 01"),
        ("address", "3 place Carami"),
        ("postcode", "83170"),
        ("commune", "Brignoles"),
        ("crate_capacity", "40"),
        ("deliver_from", "08:00"),
        ("deliver_until", "13:00"),
    ):
        desk.page.locator(f"[name={name}]").fill(value)
    desk.page.locator("[name=has_cold]").check()
    desk.press("Save")
    desk.reads("Saved.")


def the_desk_opens_a_sale(desk: Walker) -> None:
    now = datetime.now(PARIS)
    desk.open(f"/desk/{MARKET}/cycles")
    for name, value in (
        ("code", CYCLE),
        ("name", "Semaine d’essai"),
        ("opens_at", minute(now + timedelta(hours=1))),
        ("closes_at", minute(now + timedelta(days=1))),
        ("answers_by", minute(now + timedelta(days=2))),
        ("collects_on", f"{now.date() + timedelta(days=3)}"),
        ("delivers_on", f"{now.date() + timedelta(days=3)}"),
    ):
        desk.page.locator(f"[name={name}]").fill(value)
    desk.press("Prepare the cycle")
    desk.reads("The cycle is prepared. It opens by itself at its hour.")
    desk.press("Add everybody’s usual products")
    desk.sees(desk.say.many("%(num)s offer added.", "%(num)s offers added.", 3))
    desk.open(f"/desk/{MARKET}/cycles/{CYCLE}/slots")
    desk.page.locator("[name=option_id]").select_option(label="Point relais")
    desk.press("Open these slots")
    desk.sees(desk.say.many("%(num)s slot opened.", "%(num)s slots opened.", 1))
    desk.open(f"/desk/{MARKET}/cycles/{CYCLE}")
    desk.press("Open now")
    desk.agree()
    desk.reads("The sale is open: customers can order.")


def minute(at: datetime) -> str:
    """As the browser's own field takes it."""
    return f"{at:%Y-%m-%dT%H:%M}"


def a_basket_is_too_small_and_then_large_enough(customer: Walker) -> None:
    customer.open(f"/{MARKET}/")
    customer.open(f"/{MARKET}/producers")
    customer.page.get_by_role("link", name="Le Rucher").first.click()
    customer.sees("Miel de lavande")
    customer.sees("19,00\u00a0€/kg")
    put(customer, "Miel de lavande", 1)
    customer.open(f"/{MARKET}/basket")
    missing = customer.say("%(missing)s are missing", missing=customer.say.money(550))
    customer.sees(re.compile(re.escape(missing)))
    customer.open(f"/{MARKET}/checkout/delivery")
    customer.page.get_by_role("radio", name="Chez Odile").check()
    customer.press("Go on")
    customer.sees(re.compile(re.escape(customer.say.money(550))))
    expect(customer.page.get_by_role("alert").first).to_be_visible()
    customer.open(f"/{MARKET}/shelf?category=cremerie")
    put(customer, "Poulet fermier", 1)
    put(customer, "Yaourt de brebis", 3)
    customer.open(f"/{MARKET}/shelf")
    put(customer, "Miel de lavande", 2)


def put(customer: Walker, product: str, pieces: int) -> None:
    card = customer.page.get_by_role("article").filter(has_text=product)
    card.get_by_role("spinbutton").fill(f"{pieces}")
    with customer.page.expect_response(re.compile("/basket/lines$")):
        card.locator("form").get_by_role("button").last.click()


def the_order_is_placed_and_paid(customer: Walker) -> str:
    customer.open(f"/{MARKET}/basket")
    # 28.35 + 9.60 + 19.00; the chicken may weigh 15 % more.
    customer.sees(customer.say.money(5695))
    customer.sees(customer.say.money(5695 + 425))
    customer.follow("Choose the delivery")
    customer.page.get_by_role("radio", name="Chez Odile").check()
    customer.press("Go on")
    customer.page.locator("[name=name]").fill("Jeanne Martin")
    customer.page.locator("[name=email]").fill("jeanne@exemple.fr")
    customer.page.locator("[name=phone]").fill("06 11 22 33 44")
    customer.press("Go on")
    customer.page.locator("[name=terms]").check()
    customer.press("Order with obligation to pay")
    open_card_page(customer.page)
    pay_by_card(customer.page, DECLINED)
    expect(customer.page.get_by_role("alert").first).to_be_visible()
    pay_by_card(customer.page, ASKS)
    customer.page.locator("button[value=accept]").click()
    customer.reads("Thank you, your order is confirmed.")
    return customer.page.locator(".order-number").first.inner_text()


def the_desk_closes_the_sale(desk: Walker) -> None:
    desk.open(f"/desk/{MARKET}/cycles/{CYCLE}")
    desk.fill("Why", "Essai terminé")
    desk.press("Close now")
    desk.agree()
    desk.reads("The sale is closed. Purchase orders are on their way to the producers.")


def producers_answer(shop: WholeShop, browser: Browser) -> None:
    """Without an account: the link of the mail is enough."""
    shop.wait_until(lambda: len(purchase_mails(shop)) == 2)
    for text, attached in purchase_mails(shop):
        kinds = {file.name.rpartition(".")[2]: file.content for file in attached}
        assert set(kinds) == {"pdf", "xlsx"}
        answer = walker(shop, browser, phone=True)
        (link,) = set(re.findall(r"http://\S+/answers/[\w-]+", text))
        answer.page.goto(link)
        is_beekeeper = "Miel de lavande" in pdf_text(kinds["pdf"])
        rows = openpyxl.load_workbook(io.BytesIO(kinds["xlsx"])).active
        assert rows is not None
        cells = {cell for row in rows.iter_rows(values_only=True) for cell in row}
        assert ("Miel de lavande" in cells) is is_beekeeper
        if is_beekeeper:
            answer.page.get_by_role("spinbutton").fill("1")
            answer.press("Send this answer")
            answer.reads("Less declared")
        else:
            answer.press("I bring everything")
            answer.reads("All confirmed")


def purchase_mails(shop: WholeShop) -> list[tuple[str, list[Attachment]]]:
    """Text and files of the mails to the farms."""
    found = []
    for line in shop.mailbox.newest("ferme@exemple.fr"):
        mail = shop.mailbox.mail(line.key)
        assert mail is not None
        found.append((body_of(mail, "plain") or "", attachments_of(mail)))
    return found


def the_desk_sees_the_answers_and_has_rounds_planned(desk: Walker, ground: Ground) -> None:
    desk.open(f"/desk/{MARKET}/purchases")
    desk.reads("Less declared")
    desk.reads("All confirmed")
    desk.open(f"/desk/{MARKET}/rounds/")
    desk.page.locator("[name=seconds]").fill("3")
    desk.press("Find the rounds")
    expect(desk.page.get_by_role("progressbar").first).to_be_visible()
    publish = desk.button("Publish the rounds")
    expect(publish).to_be_visible(timeout=30_000)
    expect(desk.page.locator("[data-map-id]").first).to_be_visible()
    with reading() as session:
        driver = session.scalars(select(Person.id).where(Person.email == ground.driver)).one()
    for choice in desk.page.locator("select[name^=driver-]").all():
        choice.select_option(value=f"{driver}")
    publish.click()
    expect(publish).to_have_count(0)


def papers_come_out_of_the_printer(desk: Walker) -> None:
    desk.open(f"/desk/{MARKET}/rounds/sheets")
    links = desk.page.get_by_role("link", name="PDF").all()
    read = [pdf_text(desk.download(link)) for link in links]
    assert len(read) >= 6
    assert all("Semaine d’essai" in text or "Chez Odile" in text for text in read)


def the_preparer_weighs_and_declares_a_shortage(preparer: Walker, number: str) -> None:
    preparer.open(f"/picker/{MARKET}/{CYCLE}/orders")
    preparer.page.get_by_role("link", name=re.compile(number)).click()
    chicken = preparer.page.get_by_role("article").filter(has_text="Poulet fermier")
    chicken.get_by_label(re.compile(preparer.say("Weight in grams"))).fill("1432")
    preparer.press("Weighed", chicken)
    expect(preparer.button("Undo", chicken)).to_be_visible()
    expect(chicken).to_contain_text(preparer.say.money(2706))
    yogurt = preparer.page.get_by_role("article").filter(has_text="Yaourt de brebis")
    yogurt.locator("summary").click()
    yogurt.locator("details [name=amount]").fill("2")
    yogurt.locator("details button").first.click()
    expect(preparer.button("Undo", yogurt)).to_be_visible()
    expect(yogurt).to_contain_text(preparer.say.money(640))
    honey = preparer.page.get_by_role("article").filter(has_text="Miel de lavande")
    honey.locator(".pick__ok").click()
    expect(preparer.button("Undo", honey)).to_be_visible()
    expect(honey).to_contain_text(preparer.say.money(950))
    preparer.reads("All done")


def the_driver_loads_leaves_and_delivers(driver: Walker) -> None:
    driver.open("/driver/")
    driver.page.locator(".list-big__link").first.click()
    driver.press("Load")
    expect(driver.button("Load")).to_have_count(0)
    driver.press("Leave")
    expect(driver.button("Leave")).to_have_count(0)
    stops = driver.page.locator("ol.list-big a").all()
    addresses = [stop.get_attribute("href") or "" for stop in stops]
    assert len(addresses) == 3
    for address in addresses:
        driver.open(address)
        driver.press("Arrived")
        expect(driver.button("Arrived")).to_have_count(0)
        hand = driver.page.locator("#serve")
        is_farm = hand.locator("[name=crates]").count() == 1
        hand.locator("#receiver").fill("Camille Roux" if is_farm else "Odile Roux")
        hand.get_by_role("button").last.click()
        expect(driver.page).not_to_have_url(re.compile(f"{address}$"))
    driver.reads("Round finished")
    driver.sees(re.compile("Odile Roux"))


def the_host_hands_over(host: Walker, number: str) -> None:
    host.open("/relay/")
    order = host.page.get_by_role("article").filter(has_text=number)
    order.locator("summary").click()
    order.get_by_role("button").first.click()
    expect(order.locator("summary")).to_have_count(0)
    expect(order).to_contain_text(re.compile("Jeanne Martin, "))


def the_statement_says(producer: Walker, producer_id: int, cents: int) -> None:
    producer.open(f"/producer/{producer_id}/statement")
    owed = producer.page.locator(".figure").filter(has_text=producer.say("Owed now"))
    expect(owed).to_contain_text(producer.say.money(cents))


def received(shop: WholeShop, number: str) -> int:
    """What the provider took for an order."""
    return sum(
        intent["amount_received"]
        for intent in shop.simulated()["payment_intents"]
        if intent["metadata"].get("order") == number
    )


def mail_to(shop: WholeShop, address: str, subject: str) -> str:
    """Text of the mail to somebody with ``subject`` in its subject."""

    def caught() -> list[str]:
        return [line.key for line in shop.mailbox.newest(address) if subject in line.subject]

    shop.wait_until(lambda: bool(caught()))
    mail = shop.mailbox.mail(caught()[0])
    assert mail is not None
    return body_of(mail, "plain") or ""


def pdf_text(content: bytes) -> str:
    """All that a PDF says."""
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
