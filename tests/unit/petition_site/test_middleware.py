"""The language of a request, and https."""

from __future__ import annotations

import socket

import pytest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from petition_site.middleware import HttpsMiddleware, LanguageMiddleware, path_language


def in_language(request: HttpRequest) -> HttpResponse:
    """Answer with the active language."""
    return HttpResponse(translation.get_language())


def ok(request: HttpRequest) -> HttpResponse:
    """Answer."""
    return HttpResponse("ok")


def behind_https(request: HttpRequest) -> HttpResponseBase:
    """Send a request through the middleware."""
    response = HttpsMiddleware(ok)(request)
    assert isinstance(response, HttpResponseBase)
    return response


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/en/", "en"), ("/ru/petitions/x/", "ru"), ("/russia/", None), ("/de/", None), ("/", None), ("/ru", None)],
)
def test_the_language_is_the_first_part_of_the_path(path: str, expected: str | None) -> None:
    assert path_language(RequestFactory().get(path)) == expected


@given(st.text(max_size=6))
def test_no_path_breaks_the_language(path: str) -> None:
    request = HttpRequest()
    request.path_info = "/" + path
    assert path_language(request) in {"en", "ru", None}


@pytest.mark.parametrize(("path", "expected"), [("/ru/", "ru"), ("/en/", "en"), ("/", "en"), ("/-/live", "en")])
def test_a_public_page_depends_on_nothing_but_its_path(path: str, expected: str) -> None:
    request = RequestFactory().get(path, headers={"accept-language": "ru", "cookie": "django_language=ru"})
    response = LanguageMiddleware(in_language)(request)
    assert response.content.decode() == expected  # type: ignore[attr-defined]
    assert response.headers["Content-Language"] == expected
    assert "Vary" not in response.headers


def test_the_language_does_not_leak_into_the_next_request() -> None:
    with translation.override("en"):
        LanguageMiddleware(in_language)(RequestFactory().get("/ru/"))
        assert translation.get_language() == "en"


@pytest.fixture
def https(settings: Settings) -> Settings:
    """Configure the site for https."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_SSL_HOST = "petition.example.org"
    settings.SECURE_HSTS_SECONDS = 60
    return settings


def test_http_is_redirected_to_the_host_of_the_settings(https: Settings) -> None:
    response = behind_https(RequestFactory().get("/en/?a=b"))
    assert (response.status_code, response.headers["Location"]) == (301, "https://petition.example.org/en/?a=b")


def test_https_sends_strict_transport_security(https: Settings) -> None:
    response = behind_https(RequestFactory().get("/en/", secure=True))
    assert response.status_code == 200
    assert response.headers["Strict-Transport-Security"].startswith("max-age=60")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"


def test_health_checks_work_without_https(https: Settings) -> None:
    assert behind_https(RequestFactory().get("/-/live")).status_code == 200


def test_an_onion_visitor_is_not_redirected_to_the_clear_web(https: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        https.ONION_LISTENERS = [f"127.0.0.1:{listener.getsockname()[1]}"]
        request = RequestFactory().get("/en/")
        request.META["gunicorn.socket"] = listener
        assert behind_https(request).status_code == 200
