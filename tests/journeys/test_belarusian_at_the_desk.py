"""An organiser who speaks Belarusian runs a campaign in it, whatever page of the desk is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from signatures.languages import text_in
from signatures.models import Petition
from tests.support import factories
from tests.support.attacks.routes import all_routes
from tests.support.belarusian import LANGUAGE, fill, first_recipient, load_petition, rewrite, speak_belarusian
from tests.support.desk import change_path, errors_on, publish_path, save, shown_form
from tests.support.hand_overs import grow_older, look
from tests.support.interface_texts import foreign_texts, texts_of
from tests.support.mailbox import Mailbox
from tests.support.page_reading import read, words

pytestmark = pytest.mark.django_db(transaction=True)
# Django writes the one into its templates; the others are what languages call themselves.
# The last two are codes of outlines.
KNOWN = {"Search", "English", "Русский", "city", "reply"}
# Addresses that need more than a page has, and lead elsewhere.
# The draft that the last two show is in other languages.
ELSEWHERE = {
    "view_on_site",
    "second_factor_qr",
    "django.contrib.admin.sites.AdminSite.catch_all_view",
    "petition_online",
    "petition_delete_draft",
}


@pytest.fixture
def petition(db: None, settings: Settings) -> Petition:
    """Return the first petition, on a site in Belarusian alone."""
    speak_belarusian(settings)
    return load_petition()


def test_every_page_that_an_administrator_opens_speaks_belarusian_alone(
    petition: Petition, organiser_client: Callable[[str], Client], mailbox: Mailbox
) -> None:
    administrator = organiser_client("")
    site = fill(petition, mailbox, administrator)
    seen = set()
    for route in all_routes():
        if route.is_admin and route.name not in ELSEWHERE:
            page = cast("HttpResponse", administrator.get(site.path_of(route)))
            if page.headers["Content-Type"].startswith("text/html"):
                assert foreign_texts(page.content.decode(), KNOWN) == [], route.name
                seen.add(page.status_code)
    assert seen == {200, 302, 403, 405}
    script = read(administrator, "/admin/jsi18n/")
    for word in ("Сёння", "Чацвер", "Травень"):
        assert (word.encode("unicode_escape").decode() in script or word in script) == (word != "Травень")


def test_the_page_to_log_in_speaks_it(petition: Petition) -> None:
    page = Client().get(reverse("admin:login"))
    assert foreign_texts(page.content.decode(), KNOWN) == []
    assert "Увайсці" in words(cast("HttpResponse", page))
    refused = Client().post(reverse("admin:login"), {"username": "a", "password": "b"})
    assert "Увядзіце правільныя імя карыстальніка і пароль" in words(cast("HttpResponse", refused))


def test_what_a_form_refuses_is_said_in_it(petition: Petition, organiser: Client) -> None:
    form = shown_form(organiser, change_path(petition)) | {"slug": "з літарамі", "opens_at_0": "учора", "goal": "-1"}
    refused = save(organiser, change_path(petition), form)
    said = " ".join(errors_on(refused))
    assert "Увядзіце правільную дату." in said
    assert foreign_texts(refused.content.decode(), KNOWN) == []
    kept = save(organiser, change_path(petition), shown_form(organiser, change_path(petition)) | {"goal": "5000"})
    assert kept.status_code == 302
    assert "Змены ў петыцыі «" in words(read(organiser, reverse("admin:signatures_petition_changelist")))


def test_states_agree_with_what_they_stand_beside(petition: Petition, organiser: Client, mailbox: Mailbox) -> None:
    fill(petition, mailbox, organiser)
    petitions = texts_of(read(organiser, reverse("admin:signatures_petition_changelist")))
    assert petitions[petitions.index(text_in(petition, "title", LANGUAGE)) + 1] == "Адкрыта"
    signatures = texts_of(read(organiser, reverse("admin:signatures_signature_changelist")))
    assert signatures[signatures.index("Польшча") + 2] == "Улічваецца"
    deliveries = texts_of(read(organiser, reverse("admin:signatures_delivery_changelist")))
    assert deliveries[-3:] == ["Падрыхтавана", "Перададзена", "Ёсць адказ"]


def test_the_checklist_and_the_page_that_publishes_count_in_it(petition: Petition, organiser: Client) -> None:
    factories.make_signature(petition, name="Алесь Гай", language=LANGUAGE)
    grow_older(petition)
    page = look(organiser, first_recipient(petition), language=LANGUAGE, with_document="on")
    assert "1 = 1 з імёнамі + 0 без імёнаў" in words(page)
    assert foreign_texts(page.content.decode(), KNOWN) == []
    rewrite(petition, summary="")
    said = words(read(organiser, publish_path(petition)))
    assert "Не запоўнена: кароткі змест (Беларуская)." in said
