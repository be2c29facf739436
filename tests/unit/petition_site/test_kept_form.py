"""During an outage a form is shown again, filled in, and can be sent again."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from petition_site import kept_form
from signatures.models import Attempt, Petition
from signatures.signing.forms import HONEYPOT
from tests.support import factories
from tests.support.database import rows_per_table, rows_written
from tests.support.form_reading import FormReader
from tests.support.page_reading import in_language, page_of, words
from tests.support.server.local_site import free_port

TYPED = {
    "visibility": "DELIVERED",
    "name": 'Алесь "<b>Пушкін',
    "email": "ales@example.org",
    "country": "BY",
    "consent": "on",
    "version": "3",
    HONEYPOT: "",
}
FORMS = [
    ("/{}/petitions/free/", TYPED),
    ("/{}/petitions/free/my-signature/", {"email": "ales@example.org"}),
    ("/{}/confirm/", {"code": "ABCD EFGH"}),
    ("/{}/confirm/AAAA-AAAA-AAAA-AAAA/", {"visibility": "PUBLIC", "reason": "One line\r\nand another"}),
]


def send(visitor: Client, path: str, form: dict[str, str]) -> HttpResponse:
    """Send a form with a client that gets our error pages."""
    visitor.raise_request_exception = False
    response = visitor.post(path, form)
    assert isinstance(response, HttpResponse)
    return response


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(("path", "typed"), FORMS, ids=["sign", "my signature", "code", "confirm"])
def test_a_form_that_could_not_be_processed_can_be_resubmitted_unchanged(
    database_away: None, visitor: Client, language: str, path: str, typed: dict[str, str]
) -> None:
    response = send(visitor, path.format(language), typed)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "30"
    assert response.headers["Cache-Control"] == "no-store"
    page = response.content.decode()
    assert 'lang="en"' in page
    assert 'lang="ru"' in page
    form = FormReader(page)
    assert form.method == "post"
    sent = {name: value.replace("\r\n", "\n") for name, value in typed.items() if value}
    assert {name: value.replace("\r\n", "\n") for name, value in form.values.items()} == sent


def test_the_page_shows_what_it_will_resubmit(database_away: None, visitor: Client) -> None:
    page = unescape(re.sub(r"<[^>]+>", " ", send(visitor, "/en/petitions/free/", TYPED).content.decode()))
    for shown in ("Only the organisers and the recipients", "Belarus", "First and last name", "E-mail", "Send again"):
        assert shown in page


def test_the_page_is_small(database_away: None, visitor: Client) -> None:
    assert len(send(visitor, "/en/petitions/free/", TYPED).content) < 5000


def test_a_name_that_no_one_may_see_is_not_shown_again(database_away: None, visitor: Client) -> None:
    response = send(visitor, "/en/petitions/free/", TYPED | {"visibility": "COUNTED", "city": "Zyzzyva"})
    page = response.content.decode()
    assert "Пушкін" not in page
    assert "Zyzzyva" not in page
    assert FormReader(page).values["visibility"] == "COUNTED"


def test_nothing_but_the_fields_of_the_form_is_shown_again(database_away: None, visitor: Client) -> None:
    response = send(visitor, "/en/petitions/free/", TYPED | {"next": "Zyzzyva", "country": "Zyzzyva"})
    assert b"Zyzzyva" not in response.content


def test_a_form_from_another_site_is_not_shown(database_away: None) -> None:
    stranger = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "cross-site"})
    response = send(stranger, "/en/petitions/free/", TYPED)
    assert response.status_code == 403
    assert b"ales@example.org" not in response.content


HIDDEN_ORIGIN = {"origin": "null"}


def old_browser(**headers: str) -> Client:
    """Return a client that does not reveal the origin of a form."""
    return Client(enforce_csrf_checks=True, headers={**HIDDEN_ORIGIN, **headers})


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(("path", "typed"), FORMS, ids=["sign", "my signature", "code", "confirm"])
def test_a_visitor_who_hides_the_origin_loses_nothing_and_presses_again(
    petition: Petition, language: str, path: str, typed: dict[str, str]
) -> None:
    path = path.format(language).replace("/free/", f"/{petition.slug}/")
    before = rows_per_table()
    response = send(old_browser(), path, typed)
    assert response.status_code == 403
    assert response.headers["Cache-Control"] == "no-store"
    # The form is counted, and nothing else is written.
    assert set(rows_written(before)) == {"signatures_ratelimit"}
    sentence = "Did you type it on this site? Then look through it and press the button."
    assert in_language(f"What was typed is still here. {sentence} If not, close this page.", language) in words(
        response
    )
    form = FormReader(response.content.decode())
    assert {name: value.replace("\r\n", "\n") for name, value in form.values.items()} == {
        name: value.replace("\r\n", "\n") for name, value in typed.items() if value
    }


def test_a_form_with_hidden_origin_is_rate_limited_like_any_other_and_keeps_its_input(
    petition: Petition, visitor: Client, settings: Settings
) -> None:
    settings.FORM_RATES = ["3/m"]
    path, form = page_of(petition), factories.sign_form(petition)
    with time_machine.travel(datetime.now(UTC), tick=False):
        assert [send(old_browser(), path, form).status_code for _ in range(5)] == [403, 403, 403, 429, 429]
        with CaptureQueriesContext(connection) as queries:
            last = send(old_browser(), path, form)
        assert send(visitor, path, form).status_code == 429
    # Only the counting uses the database.
    assert [query["sql"] for query in queries.captured_queries if "signatures_ratelimit" not in query["sql"]] == []
    assert int(last.headers["Retry-After"]) > 0
    assert last.headers["Cache-Control"] == "no-store"
    values = FormReader(last.content.decode()).values
    assert values["email"] == form["email"]
    assert "consent" not in values
    assert Attempt.objects.count() == 0


def test_pressing_again_on_our_own_page_signs(petition: Petition, visitor: Client) -> None:
    path = page_of(petition)
    page = send(old_browser(), path, factories.sign_form(petition)).content.decode()
    assert Attempt.objects.count() == 0
    assert send(visitor, path, FormReader(page).values).status_code == 303
    assert Attempt.objects.count() == 1


def test_consent_from_a_form_of_unknown_origin_must_be_given_again(petition: Petition, visitor: Client) -> None:
    path = page_of(petition)
    page = send(old_browser(), path, factories.sign_form(petition, **{HONEYPOT: "a bird"})).content.decode()
    (box,) = re.findall(r"<input[^>]*name=\"consent\"[^>]*>", page)
    assert 'type="checkbox"' in box
    assert "checked" not in box
    assert factories.newest_version(petition).bodies.get(language="en").consent in words(page)
    # The only hidden value sent along is the text version.
    hidden = set(re.findall(r'<input type="hidden" name="(\w+)"', page))
    assert hidden == {"visibility", "country", "version"}
    values = FormReader(page).values
    del values["consent"]
    assert send(visitor, path, values).status_code == 422


def test_an_unknown_petition_asks_for_no_consent(db: None) -> None:
    page = send(old_browser(), "/en/petitions/nowhere/", TYPED).content.decode()
    assert "consent" not in FormReader(page).values
    assert FormReader(page).values["email"] == TYPED["email"]


def test_consent_is_not_resubmitted_without_the_database_either(database_away: None) -> None:
    response = send(old_browser(), "/en/petitions/free/", TYPED)
    assert response.status_code == 403
    assert "consent" not in FormReader(response.content.decode()).values


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "NULL"},
        {"origin": ""},
        {"origin": "null, null"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_a_form_that_surely_came_from_another_site_is_not_shown(petition: Petition, headers: dict[str, str]) -> None:
    response = send(Client(enforce_csrf_checks=True, headers=headers), page_of(petition), TYPED)
    assert response.status_code == 403
    assert b"ales@example.org" not in response.content
    assert b"<form" not in response.content


@pytest.mark.parametrize("path", ["/en/my-signature/token/", "/en/no-mail/token/"])
def test_a_form_without_typed_input_is_not_offered_again(db: None, path: str) -> None:
    response = send(old_browser(), path, {"action": "WITHDRAW"})
    assert response.status_code == 403
    assert b"<form" not in response.content


def test_the_admin_never_redisplays_a_form(db: None) -> None:
    response = send(old_browser(), "/admin/login/", {"username": "organiser", "password": "Zyzzyva"})
    assert response.status_code == 403
    assert b"Zyzzyva" not in response.content


def test_the_page_with_the_form_cannot_be_framed(petition: Petition) -> None:
    response = send(old_browser(), page_of(petition), TYPED)
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("form", [b"", b"\xff\xfe=%zz&&&=;", b"name=a&" * 501])
def test_a_malformed_form_breaks_nothing(database_away: None, visitor: Client, form: bytes) -> None:
    visitor.raise_request_exception = False
    response = visitor.post("/en/petitions/free/", form, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 503


def test_an_organiser_s_form_is_not_shown(database_away: None, visitor: Client) -> None:
    response = send(visitor, "/admin/login/", {"username": "organiser", "password": "Zyzzyva"})
    assert response.status_code in {403, 503}
    assert b"Zyzzyva" not in response.content


def test_redis_that_is_away_keeps_nobody_out(petition: Petition, visitor: Client, settings: Settings) -> None:
    settings.CACHES = settings.CACHES | {
        "ratelimits": {
            "BACKEND": "signatures.safeguarding.redis_counters.RedisCounters",
            "LOCATION": f"redis://127.0.0.1:{free_port()}",
        }
    }
    settings.FORM_RATES = ["1/h"]
    address = f"/en/petitions/{petition.slug}/"
    # What is amiss with the form, and then that there were too many.
    assert [send(visitor, address, TYPED).status_code for _ in range(2)] == [422, 429]


@given(value=st.text(min_size=1, max_size=200))
def test_any_text_is_redisplayed_unchanged(value: str) -> None:
    field = kept_form.KeptField("name", value, "Name")
    page = render_to_string("errors/kept_form.html", {"kept_fields": [field]})
    # Browsers convert line ends and NUL.
    expected = value.replace("\r\n", "\n").replace("\r", "\n")
    assert FormReader(page).values["name"].replace("\r\n", "\n").replace("\r", "\n") == expected
