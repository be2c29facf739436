"""Error pages: the visitor's language where the path names one, else both, and never kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from petition_site import errors

LogIn = Callable[[str], Client]


@pytest.fixture
def visitor() -> Client:
    """Return a client that gets our error pages."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("path", ["/", "/api/petitions/free.json"])
def test_without_the_database_a_path_without_language_gets_an_error_in_both_languages(
    database_away: None, visitor: Client, path: str
) -> None:
    response = visitor.get(path)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "30"
    assert response.headers["Cache-Control"] == "no-store"
    text = response.content.decode()
    assert 'lang="en"' in text
    assert 'lang="ru"' in text


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_without_the_database_a_petition_is_a_503_in_its_language(
    database_away: None, visitor: Client, language: str, method: str
) -> None:
    response = getattr(visitor, method)(f"/{language}/petitions/free/")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "30"
    assert response.headers["Content-Language"] == language
    assert f'<html lang="{language}"' in response.content.decode()


def test_without_the_database_the_admin_is_a_503(database_away: None, visitor: Client) -> None:
    visitor.cookies["session"] = "x" * 32
    assert visitor.get("/admin/").status_code == 503


def test_without_the_database_the_process_is_live_but_not_ready(
    database_away: None, visitor: Client, settings: Settings
) -> None:
    assert visitor.get("/-/live").status_code == 200
    response = visitor.get("/-/ready")
    assert (response.status_code, response.json()) == (503, {"ready": False})
    settings.METRICS_TOKEN = "a token of the tests"
    response = visitor.get("/-/ready", headers={"authorization": "Bearer a token of the tests"})
    asked_of_it = ["database", "migrations", "writing", "pooling", "secrets", "limits", "journal"]
    checks = {**dict.fromkeys(asked_of_it, False), "static": True}
    assert (response.status_code, response.json()) == (503, {"ready": False, "checks": checks, "warnings": []})


def test_an_exception_is_a_500() -> None:
    try:
        int("Zyzzyva-7QK2")
    except ValueError:
        response = errors.server_error(RequestFactory().get("/en/"))
    assert response.status_code == 500
    assert "Retry-After" not in response.headers
    assert "Zyzzyva-7QK2" not in response.content.decode()


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 413, 429, 500, 503])
@pytest.mark.parametrize("path", ["/en/x/", "/ru/x/", "/x/"])
def test_every_status_has_an_uncached_page(status: int, path: str) -> None:
    response = errors.error_page(RequestFactory().get(path), status)
    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"
    assert response.content


def test_an_unknown_page_is_a_404_in_the_language_of_its_path(client: Client) -> None:
    response = client.get("/ru/nowhere/")
    assert response.status_code == 404
    assert response.headers["Content-Language"] == "ru"
    assert '<html lang="ru"' in response.content.decode()
    assert not response.cookies


def test_a_wrong_host_is_a_400_that_does_not_repeat_it(client: Client) -> None:
    response = client.get("/en/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert b"evil" not in response.content


def test_a_form_from_another_site_is_a_403(client: Client) -> None:
    visitor = Client(enforce_csrf_checks=True)
    response = visitor.post("/en/confirm/", {"code": "x"}, headers={"origin": "https://evil.example"})
    assert response.status_code == 403
    assert b"evil" not in response.content
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
@pytest.mark.parametrize(("path", "language"), [("/ru/confirm/", "ru"), ("/en/confirm/", "en"), ("/", "en")])
def test_a_wrong_method_is_a_405_in_the_visitors_language(
    visitor: Client, path: str, language: str, method: str
) -> None:
    response = getattr(visitor, method)(path)
    assert response.status_code == 405
    assert response.headers["Allow"].startswith("GET, HEAD")
    assert response.headers["Cache-Control"] == "no-store"
    page = response.content.decode()
    assert f'<html lang="{language}"' in page
    assert ('class="other-language"' in page) == (path == "/")


@pytest.mark.django_db
@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin"])
def test_a_form_sent_to_a_page_without_one_is_a_405_whatever_its_origin(site: str) -> None:
    visitor = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": site})
    pages = ("sent/", "thanks/", "signers/", "updates/", "ledger/", "ledger.json", "text/1/", "qr.png", "card.png")
    added = ("feed.atom", "badge.png")
    for path in (
        *(f"/ru/petitions/free/{page}" for page in (*pages, *added)),
        "/ru/privacy/",
        "/robots.txt",
        "/-/ready",
        "/",
    ):
        response = visitor.post(path, {"a": "b"})
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD"), path


def test_a_wrong_method_in_the_admin_is_a_405_in_the_organisers_language(organiser_client: LogIn) -> None:
    response = organiser_client("").put("/admin/signatures/petition/1/publish/", headers={"accept-language": "ru"})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, POST, OPTIONS")
    assert response.headers["Content-Language"] == "ru"
    assert '<html lang="ru"' in response.content.decode()
