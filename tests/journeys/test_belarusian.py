"""Whoever speaks Belarusian reads, signs, confirms and withdraws in it, on a site that speaks nothing else."""

from __future__ import annotations

from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from petition_site import errors
from signatures.languages import text_in
from signatures.models import Delivery, Petition, Signature
from tests.support import factories
from tests.support.attacks.routes import all_routes
from tests.support.belarusian import LANGUAGE, MONTHS, fill, load_petition, speak_belarusian
from tests.support.every_page import FAILURES, states
from tests.support.interface_texts import RUSSIAN, foreign_texts
from tests.support.mailbox import Mailbox, code_in, html_of, paths_in, text_of
from tests.support.page_reading import page_of, read, words

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "ales@example.org"
# What was typed into a form that the site shows again.
TYPED = {"Name", "Country", "Belarus"}


@pytest.fixture
def petition(db: None, settings: Settings) -> Petition:
    """Return the first petition, on a site in Belarusian alone."""
    speak_belarusian(settings)
    return load_petition()


def said(visitor: Client, petition: Petition, name: str) -> str:
    """Return what one of a petition's pages says."""
    return words(read(visitor, page_of(petition, name, LANGUAGE)))


def test_every_public_page_speaks_belarusian_alone(petition: Petition, organiser: Client, mailbox: Mailbox) -> None:
    site = fill(petition, mailbox, organiser)
    seen = set()
    for route in all_routes():
        path = site.path_of(route) if not route.is_admin else ""
        if path.startswith(f"/{LANGUAGE}/"):
            page = cast("HttpResponse", Client().get(path))
            if page.headers["Content-Type"].startswith("text/html") and page.content:
                assert foreign_texts(page.content.decode()) == [], route.name
                assert f'<html lang="{LANGUAGE}"' in page.content.decode(), route.name
                seen.add(route.name)
    assert {"petition", "ledger", "deliveries", "text_version", "signers", "updates", "privacy", "confirm"} <= seen
    assert len(seen) > 15


def test_every_state_of_a_form_and_every_error_page_does(
    petition: Petition, organiser: Client, settings: Settings, mailbox: Mailbox
) -> None:
    fill(petition, mailbox, organiser)
    found = dict(states(petition, LANGUAGE, settings))
    assert len(found) > len(FAILURES)
    for name, content in found.items():
        assert foreign_texts(content.decode(), TYPED) == [], name
    lost = errors.error_page(RequestFactory().get("/"), 404).content.decode()
    assert words(lost).count("Такой старонкі няма.") == 2  # the heading, and the title


def test_one_who_makes_mistakes_signs_confirms_and_is_thanked(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    page = said(visitor, petition, "petition")
    assert "Свабоду палітычным зняволеным Беларусі" in page
    assert "Адкрыта 1 студзеня 2011 года." in page
    assert page.index("Беларусь Германія Злучаныя Штаты") < page.index("Замбія") < page.index("Зімбабвэ")

    refused = factories.sign(visitor, petition, LANGUAGE, visibility="", name="", email="a@", consent="", country="")
    assert refused.status_code == 422
    for message in (
        "Пакуль не адпраўлена. Праверце форму.",
        "Выберыце, хто ўбачыць ваша імя.",
        "Праверце адрас, напрыклад name@example.org",
        "Выберыце краіну пражывання.",
        "Адзначце, што даяце згоду.",
    ):
        assert message in words(refused)

    assert factories.sign(visitor, petition, LANGUAGE, visibility="PUBLIC", email=ADDRESS).status_code == 303
    (mail,) = mailbox.deliver()
    sent = said(visitor, petition, "sent")
    assert "Застаўся адзін крок." in sent
    assert f"з тэмай «{mail['Subject']}»" in sent
    assert mail["Subject"] == "Пацвердзіце адрас электроннай пошты"
    assert mail["Content-Language"] == LANGUAGE
    for text in (text_of(mail), html_of(mail)):
        assert "Гэты адрас увялі на нашым сайце" in words(text)
        assert foreign_texts(text) == []
        assert not RUSSIAN.search(text)
    assert paths_in(mail)[0].startswith(f"/{LANGUAGE}/")

    code = code_in(mail)
    assert "Подпіс яшчэ не ўлічаны." in words(read(visitor, f"/{LANGUAGE}/confirm/{code}/"))
    assert factories.confirm(visitor, code, LANGUAGE).status_code == 303
    assert "Дзякуй! Подпіс пацверджаны." in said(visitor, petition, "thanks")
    assert Signature.objects.get().language == LANGUAGE


def test_one_who_has_signed_asks_for_the_link_and_withdraws(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC", name="Алесь Гай")
    answer = visitor.post(page_of(petition, "my_signature_request", LANGUAGE), {"email": ADDRESS})
    assert "Праверце пошту." in words(cast("HttpResponse", answer))
    (mail,) = mailbox.deliver()
    assert mail["Subject"] == "Ваша спасылка"
    assert "Гэту спасылку папрасілі на нашым сайце" in words(text_of(mail))
    for text in (text_of(mail), html_of(mail)):
        assert foreign_texts(text) == []
    link = paths_in(mail)[0]
    assert "Схаваць імя або адклікаць подпіс?" in words(read(visitor, link))
    withdrawn = cast("HttpResponse", visitor.post(link, {"action": "WITHDRAW"}))
    assert "Гатова. Калі подпіс быў, ён сцёрты." in words(withdrawn)
    assert not Signature.objects.exists()


def test_the_numbers_and_days_stand_as_in_a_belarusian_text(
    petition: Petition, organiser: Client, mailbox: Mailbox
) -> None:
    fill(petition, mailbox, organiser)
    day = Delivery.objects.get().answered_on
    assert day is not None
    assert f"Адказ ад {day.day} {MONTHS[day.month - 1]} {day.year} года" in said(Client(), petition, "deliveries")
    assert "подпісаў было 22" in said(Client(), petition, "ledger")
    assert "1 сакавіка 2011 Перадалі ў Бруселі" in said(Client(), petition, "petition")


def test_programs_are_told_that_it_is_in_belarusian(petition: Petition) -> None:
    page = read(Client(), page_of(petition, language=LANGUAGE))
    assert 'content="be_BY"' in page
    assert Client().get("/", headers={"accept-language": "en"}).headers["Location"].startswith(f"/{LANGUAGE}/")
    titles = Client().get(f"/api/petitions/{petition.slug}.json").json()["titles"]
    assert titles == {LANGUAGE: text_in(petition, "title", LANGUAGE)}
    assert "/en/" not in read(Client(), "/sitemap.xml")
