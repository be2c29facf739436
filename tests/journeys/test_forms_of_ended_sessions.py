"""Whoever wrote for so long that the session ended loses nothing, and nobody else can use that."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db.models import F
from django.test import Client
from pytest_django import Settings

from signatures.models import Organiser, Session, Update
from tests.support import factories
from tests.support.database import traces_of
from tests.support.page_reading import words
from tests.support.second_factor import give_second_factor

ADD = "/admin/signatures/update/add/"
LOGIN = "/admin/login/"
TEXT = '\nA long text <b> & "quotes"\r\nthat took forty minutes to write. ' + "Ещё. " * 30
SAME_SITE = {"sec-fetch-site": "same-origin"}
pytestmark = pytest.mark.django_db


def browser() -> Client:
    """Return a browser whose forms are checked as those of any other."""
    return Client(enforce_csrf_checks=True, headers=SAME_SITE)


def token_in(page: str) -> str:
    """Return the token of the last form of a page."""
    return str(re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', page)[-1])


def log_in(client: Client, organiser: Organiser, following: str = "") -> None:
    """Log in by the form."""
    token = token_in(client.get(LOGIN).content.decode())
    form = {"username": organiser.username, "password": factories.PASSWORD, "csrfmiddlewaretoken": token}
    assert client.post(LOGIN + following, form).status_code == 302


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields of the form that is sent again, as a browser reads them."""
    form = page[page.rindex('<form method="post">') :]
    found = re.findall(r'<input type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"', form)
    return {unescape(name): unescape(value) for name, value in found} | {"csrfmiddlewaretoken": token_in(form)}


def typed(client: Client, **values: str) -> dict[str, str]:
    """Return a filled-in form for news, with the token of the page that is open."""
    petition = factories.make_petition()
    page = client.get(ADD).content.decode()
    news = {"petition": str(petition.pk), "title_en": "A headline", "body_en": TEXT, "_save": "Save"}
    return {"csrfmiddlewaretoken": token_in(page), **news, **values}


def leave_alone() -> None:
    """Let half an hour go by."""
    Session.objects.update(seen_at=F("seen_at") - timedelta(minutes=31))


def test_a_long_text_outlives_its_session_and_is_saved_after_logging_in_in_another_tab() -> None:
    organiser = factories.make_organiser("Editors")
    client = browser()
    log_in(client, organiser)
    form = typed(client)
    leave_alone()
    answer = client.post(ADD, form)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "no-store" in answer["Cache-Control"]
    assert "You are not logged in any more" in words(page)
    assert re.search(r'href="/admin/login/\?next=/admin/logged-in/"\s+target="_blank"', page)
    assert fields_of(page)["body_en"] == TEXT
    assert not Update.objects.exists()
    assert traces_of("forty minutes") == []
    # Pressing before logging in loses nothing either.
    again = client.post(ADD, fields_of(page)).content.decode()
    assert fields_of(again)["body_en"] == TEXT
    log_in(client, organiser, "?next=/admin/logged-in/")
    assert "go back to the one with what you typed" in words(client.get("/admin/logged-in/").content.decode())
    once_more = client.post(ADD, fields_of(again)).content.decode()
    assert "Please press once more" in words(once_more)
    assert client.post(ADD, fields_of(once_more)).status_code == 302
    assert "that took forty minutes to write. Ещё." in str(Update.objects.get().body_en)


def test_with_a_second_factor_that_is_asked_for_again_too(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    organiser = factories.make_organiser("Editors")
    client = browser()
    log_in(client, organiser)
    give_second_factor(client, organiser)
    form = typed(client)
    leave_alone()
    page = client.post(ADD, form).content.decode()
    log_in(client, organiser)
    half = client.post(ADD, fields_of(page)).content.decode()
    assert "You are not logged in any more" in words(half)
    give_second_factor(client, organiser)
    assert client.post(ADD, fields_of(half)).status_code == 302
    assert Update.objects.get().title_en == "A headline"


def test_a_page_that_was_open_in_another_tab_while_somebody_logged_in_can_still_be_sent() -> None:
    organiser = factories.make_organiser("Editors")
    client = browser()
    log_in(client, organiser)
    form = typed(client)
    client.post("/admin/logout/", {"csrfmiddlewaretoken": form["csrfmiddlewaretoken"]})
    log_in(client, organiser)
    page = client.post(ADD, form).content.decode()
    assert not Update.objects.exists()
    assert organiser.username in words(page)
    assert client.post(ADD, fields_of(page)).status_code == 302
    assert "that took forty minutes to write. Ещё." in str(Update.objects.get().body_en)


def test_a_login_form_from_before_leads_on_without_what_was_typed_in_it() -> None:
    organiser = factories.make_organiser("Editors")
    client = browser()
    old = token_in(client.get(LOGIN).content.decode())
    log_in(client, organiser)
    form = {"username": organiser.username, "password": factories.PASSWORD, "csrfmiddlewaretoken": old}
    page = client.post(LOGIN, form).content.decode()
    assert "To the desk" in words(page)
    assert factories.PASSWORD not in page
    assert 'method="post">' not in page.split('id="content"')[1]


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {}])
def test_a_form_of_another_site_is_neither_shown_nor_led_through_the_login(headers: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.make_organiser())
    for visitor in (client, Client(enforce_csrf_checks=True)):
        answer = visitor.post(ADD, {"title_en": "Made up elsewhere"}, headers=headers)
        assert answer.status_code == 403
        assert "Made up elsewhere" not in answer.content.decode()
        assert 'name="title_en"' not in answer.content.decode()


def test_no_password_is_kept() -> None:
    organiser = factories.make_organiser()
    client = browser()
    log_in(client, organiser)
    for path, form in (
        ("/admin/signatures/organiser/add/", {"username": "new", "password1": "a secret!", "password2": "a secret!"}),
        ("/admin/password_change/", {"old_password": "a secret!", "new_password1": "a secret!"}),
    ):
        token = token_in(client.get(path).content.decode())
        Session.objects.all().delete()
        page = client.post(path, {"csrfmiddlewaretoken": token, **form}).content.decode()
        assert "You are not logged in any more" in words(page)
        assert "a secret!" not in page
        assert ("Passwords are not kept" in words(page)) == ("username" in form)
        log_in(client, organiser)
