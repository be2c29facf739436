"""The headers that protect visitors stand on every kind of answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from django.http import HttpResponse
from django.templatetags.static import static
from django.test import Client
from pytest_django import Settings

from signatures.models import Petition
from tests.support import factories
from tests.support.page_reading import page_of
from tests.support.people import follow, make_link

EXPECTED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def answers(petition: Petition) -> dict[str, tuple[int, HttpResponse]]:
    """Return one answer of each kind with the status that it must have."""
    visitor = Client(headers={"sec-fetch-site": "same-origin"})
    page = page_of(petition)
    foreign = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "cross-site"})
    found = {
        "page": (200, visitor.get(page)),
        "the same page from memory": (200, visitor.get(page)),
        "redirect": (302, visitor.get("/")),
        "form taken": (303, factories.sign(visitor, petition)),
        "form with errors": (422, visitor.post(page, {})),
        "form from elsewhere": (403, foreign.post(page, {})),
        "unknown page": (404, visitor.get("/en/nothing/")),
        "wrong method": (405, visitor.put(page)),
        "form without a reader": (405, foreign.post(page_of(petition, "sent"), {})),
        "too large": (413, visitor.post(page, {"name": "x" * 2_000_000})),
        "wrong host": (400, visitor.get(page, headers={"host": "elsewhere.example"})),
        "API": (200, visitor.get(f"/api/petitions/{petition.slug}.json")),
        "health": (200, visitor.get("/-/live")),
        "desk": (302, visitor.get("/admin/")),
        "login": (200, visitor.get("/admin/login/")),
        "file": (200, visitor.head(static("css/site.css"))),
        "unknown file": (404, visitor.get("/static/nothing.css")),
    }
    return {kind: (status, cast("HttpResponse", answer)) for kind, (status, answer) in found.items()}


def test_every_kind_of_answer_has_the_headers_that_protect_visitors(petition: Petition) -> None:
    for kind, (status, answer) in answers(petition).items():
        assert answer.status_code == status, kind
        for name, value in EXPECTED.items():
            wanted = "cross-origin" if (kind, name) == ("API", "Cross-Origin-Resource-Policy") else value
            assert answer.headers[name] == wanted, (kind, name)
        assert "geolocation=()" in answer.headers["Permissions-Policy"], kind
        # Passkeys need it; browsers allow it to the site's own pages alone.
        assert "publickey-credentials" not in answer.headers["Permissions-Policy"], kind
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, kind
        assert "frame-ancestors 'none'" in policy, kind
        assert "unsafe" not in policy, kind


def test_over_https_browsers_are_told_to_stay_there(petition: Petition, settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS = 63_072_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    client = Client()
    answers = [
        client.head(path, secure=True)
        for path in (page_of(petition), "/", "/en/nothing/", "/admin/", static("css/site.css"))
    ]
    answers.append(client.put(page_of(petition), secure=True))
    answers.append(client.post(page_of(petition), {"name": "x" * 2_000_000}, secure=True))
    assert [answer.status_code for answer in answers] == [200, 302, 404, 302, 200, 405, 413]
    for answer in answers:
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000; includeSubDomains")


@pytest.mark.parametrize("path", ["/admin/", "/admin/signatures/petition/"])
def test_the_cookies_of_the_desk_are_for_the_desk_alone(organiser_client: Callable[..., Client], path: str) -> None:
    organiser = factories.make_organiser()
    client = Client()
    client.get("/admin/login/")
    client.post("/admin/login/", {"username": organiser.username, "password": factories.PASSWORD, "next": path})
    assert set(client.cookies) == {"session", "csrf", "device"}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert (cookie["samesite"], cookie["path"]) == ("Strict", "/admin/")
        assert not cookie["secure"]  # a plain-http start; the settings' tests have the other


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        ("short-but-fine", False),
        ("correct horse battery staple", True),
        ("длинный пароль по-русски 123", True),
        ("correct horse battery staple " * 4 + "and a kettle", True),
        ("passwordpassword", False),
        ("person-23person-23person-23", False),
    ],
)
def test_passwords_follow_the_nist_rules(db: None, password: str, *, is_taken: bool) -> None:
    account = factories.make_organiser("Editors", username="person-23")
    answer = follow(Client(), make_link(account), password)
    assert (answer.status_code == 302) == is_taken
