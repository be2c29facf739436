"""Who gets to which page of the desk, and how logging in is guarded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver

from signatures.models import Organiser, Petition
from signatures.models.choices import PetitionStatus
from tests.support import desk, factories
from tests.support.page_reading import page_of, read, words

LogIn = Callable[[str], Client]
LOGIN = "/admin/login/"
# Whoever was sent a link has no password yet.
LINK = "/admin/set-password/1/"
pytestmark = pytest.mark.django_db


def addresses(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    """Return an example of every address below a prefix."""
    for pattern in patterns:
        route = re.sub(r"\(\?P<url>[^)]*\)", "nowhere", str(pattern.pattern))
        route = re.sub(r"\(\?P<app_label>([^)|]*)[^)]*\)", r"\1", route)
        path = prefix + re.sub(r"<[^>]*>", "1", route).strip("^$").removesuffix("\\Z")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, path)
        else:
            yield path


ADDRESSES = list(dict.fromkeys(addresses(admin.site.urls[0], "/admin/")))


def test_the_addresses_that_are_tried_are_those_that_are_there() -> None:
    assert len(ADDRESSES) > 25
    assert {LOGIN, "/admin/", "/admin/signatures/petition/1/export/", "/admin/signatures/"} <= set(ADDRESSES)
    assert not [path for path in ADDRESSES if re.search(r"[<(?\\^$]", path)]


def test_without_a_session_every_address_leads_to_the_login() -> None:
    for path in ADDRESSES:
        if path not in {LOGIN, "/admin/logout/", LINK}:
            response = Client().get(path)
            assert response.status_code in {301, 302}, path
            assert response["Location"].split("?")[0] in {LOGIN, f"{path}/"}, path
            assert response.content == b"", path


def test_without_a_token_no_form_is_taken_even_from_an_administrator() -> None:
    nobody, administrator = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    administrator.force_login(factories.make_organiser())
    for path in ADDRESSES:
        assert nobody.post(path).status_code == 403, path
        for headers in ({}, {"sec-fetch-site": "same-origin"}, {"origin": "https://evil.example"}):
            assert administrator.post(path, headers=headers).status_code == 403, path


@pytest.mark.parametrize("role", ["Editors", "Moderators", "Auditors"])
def test_nothing_is_published_without_the_permission(organiser_client: LogIn, role: str) -> None:
    draft = factories.make_petition(publish=False)
    assert organiser_client(role).post(f"/admin/signatures/petition/{draft.pk}/publish/").status_code == 403
    assert not draft.text_versions.exists()
    assert draft.status == PetitionStatus.DRAFT


def test_an_auditor_changes_nothing(petition: Petition, organiser_client: LogIn) -> None:
    client = organiser_client("Auditors")
    path = f"/admin/signatures/petition/{petition.pk}/change/"
    assert 'name="_save"' not in read(client, path)
    assert client.post(path, {"title_en": "Changed"}).status_code == 403


@pytest.mark.parametrize("values", [{"is_staff": False}, {"is_active": False}])
def test_an_account_that_is_not_for_the_desk_or_was_closed_gets_nowhere(values: dict[str, bool]) -> None:
    organiser = factories.make_organiser()
    client = Client()
    client.force_login(organiser)
    Organiser.objects.filter(pk=organiser.pk).update(**values)
    assert client.get("/admin/").status_code == 302
    answer = Client().post(LOGIN, {"username": organiser.username, "password": factories.PASSWORD})
    assert answer.status_code == 200
    assert "Please enter the correct username and password" in words(answer.content.decode())


def test_an_organiser_logs_in_and_out_and_the_cookies_are_for_the_desk_alone() -> None:
    organiser = factories.make_organiser("Organisers")
    client = Client()
    read(client, LOGIN)
    answer = client.post(f"{LOGIN}?next=/admin/", {"username": organiser.username, "password": factories.PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    for cookie in answer.cookies.values():
        assert (cookie["path"], cookie["samesite"], bool(cookie["httponly"])) == ("/admin/", "Strict", True)
    assert {"session", "csrf", "device"} == set(client.cookies)
    assert "Campaigns" in words(read(client, "/admin/"))
    client.post("/admin/logout/")
    assert client.get("/admin/").status_code == 302


def test_a_message_is_kept_in_the_session_and_adds_no_cookie(petition: Petition) -> None:
    organiser = factories.make_organiser()
    client = Client()
    read(client, LOGIN)
    client.post(LOGIN, {"username": organiser.username, "password": factories.PASSWORD})
    path = desk.change_path(petition)
    answer = client.post(path, desk.shown_form(client, path))
    assert answer.status_code == 302
    assert set(client.cookies) == {"session", "csrf", "device"}
    assert {cookie["path"] for cookie in client.cookies.values()} == {"/admin/"}
    page = client.get(answer["Location"])
    assert "The changes to the petition “" in words(page.content.decode())
    assert not page.cookies.keys() - {"session", "csrf"}


def test_nobody_is_led_away_after_logging_in() -> None:
    organiser = factories.make_organiser()
    form = {"username": organiser.username, "password": factories.PASSWORD, "next": "https://evil.example/"}
    assert Client().post(LOGIN, form)["Location"] == "/admin/"


def test_the_sixth_attempt_in_a_minute_is_refused_before_the_password_is_looked_at() -> None:
    organiser = factories.make_organiser()
    right = {"username": organiser.username, "password": factories.PASSWORD}
    client = Client(REMOTE_ADDR="192.0.2.1")
    with time_machine.travel(datetime.now(UTC), tick=False):
        for _ in range(5):
            assert client.post(LOGIN, right | {"password": "wrong"}).status_code == 200
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(LOGIN, right)
        assert answer.status_code == 429
        assert 1 <= int(answer["Retry-After"]) <= 61
        assert "too many attempts to log in with this name or from your network" in words(answer.content.decode())
        assert "signatures_organiser" not in str(queries.captured_queries)
        assert "session" not in client.cookies
        assert "no-store" in answer["Cache-Control"]
        assert client.get(LOGIN).status_code == 200
        forged = {"x-forwarded-for": "198.51.100.7"}
        assert client.post(LOGIN, right, headers=forged).status_code == 429
        assert Client(REMOTE_ADDR="192.0.2.2").post(LOGIN, right).status_code == 302


def test_five_wrong_attempts_by_others_do_not_shut_an_organiser_out_for_longer_than_a_minute() -> None:
    organiser = factories.make_organiser()
    right = {"username": organiser.username, "password": factories.PASSWORD}
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False) as clock:
        answers = [Client().post(LOGIN, {"username": "x", "password": "x"}) for _ in range(6)]
        wait = int(answers[-1]["Retry-After"])
        clock.shift(wait)
        assert Client().post(LOGIN, right).status_code == 302


@pytest.mark.parametrize(("account", "browser", "expected"), [("ru", "en", "ru"), ("en", "ru", "en"), ("", "ru", "ru")])
def test_the_desk_speaks_the_accounts_language_else_the_browsers(account: str, browser: str, expected: str) -> None:
    client = Client(headers={"accept-language": browser})
    client.force_login(factories.make_organiser(language=account))
    response = client.get("/admin/")
    assert response["Content-Language"] == expected
    assert f'<html lang="{expected}"' in response.content.decode()


def test_roles_have_names_in_the_organisers_language(organiser_client: LogIn) -> None:
    account = factories.make_organiser("Editors", language="ru")
    client = organiser_client("")
    for path in ("/admin/signatures/organiser/", f"/admin/signatures/organiser/{account.pk}/change/"):
        page = client.get(path, headers={"accept-language": "ru"}).content.decode()
        assert "Редакторы" in page
        assert "Editors" not in page


def test_a_session_of_the_desk_changes_nothing_on_public_pages(petition: Petition, organiser_client: LogIn) -> None:
    path = page_of(petition)
    mine = organiser_client("").get(path, headers={"accept-language": "ru"})
    theirs = Client().get(path)
    assert mine.content == theirs.content
    assert dict(mine.items()) == dict(theirs.items())
    assert not theirs.cookies
