"""A reverse proxy that does not pass on the visitor's scheme or host is detected and reported."""

from __future__ import annotations

import logging

import pytest
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from petition_site import middleware
from petition_site.middleware import ProxyMiddleware
from signatures.safeguarding.proxy_warnings import WARNINGS, ProxyFault, proxy_faults, proxy_warnings

ADDRESS = {"x-forwarded-for": "198.51.100.77"}
BROWSER = {"sec-fetch-site": "none"}
SITE = "petition.example.org"


@pytest.fixture
def https(settings: Settings) -> Settings:
    """Return the settings of an https site behind one proxy that has the certificate."""
    settings.SITE_ORIGIN = f"https://{SITE}"
    settings.ALLOWED_HOSTS = [SITE]
    settings.TRUSTED_PROXIES = 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_SSL_HOST = SITE
    settings.METRICS_TOKEN = "a token of the tests"
    return settings


def faults(headers: dict[str, str], host: str = SITE, address: str = "127.0.0.1") -> list[ProxyFault]:
    """Return the faults of a request that a proxy passes on."""
    return proxy_faults(RequestFactory().get("/en/", headers=headers | {"host": host}, REMOTE_ADDR=address))


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"x-forwarded-proto": "https"}, []),
        ({"x-forwarded-proto": "https, http"}, []),
        # A visitor who did come over http is redirected to https, as intended.
        ({"x-forwarded-proto": "http"}, []),
        ({}, [ProxyFault.UNSAID]),
        (BROWSER, [ProxyFault.UNSAID]),
        ({"x-forwarded-ssl": "on"}, [ProxyFault.UNSAID]),
        ({"x-forwarded-proto": "HTTPS"}, [ProxyFault.DENIED]),
        ({"x-forwarded-proto": "http", **BROWSER}, [ProxyFault.DENIED]),
        ({"x-forwarded-proto": "", **BROWSER}, [ProxyFault.DENIED]),
        ({"x-forwarded-proto": "http", "x-forwarded-ssl": "on"}, [ProxyFault.DENIED]),
        ({"x-forwarded-proto": "http", "front-end-https": "On"}, [ProxyFault.DENIED]),
        ({"x-forwarded-proto": "http", "forwarded": 'for=192.0.2.1;proto="https", for=10.0.0.1'}, [ProxyFault.DENIED]),
        ({"x-forwarded-proto": "http", "cf-visitor": '{"scheme":"https"}'}, [ProxyFault.DENIED]),
        ({"x-forwarded-proto": "http", "cf-visitor": '["https"]'}, []),
        ({"x-forwarded-proto": "http", "cf-visitor": "https"}, []),
        ({"x-forwarded-proto": "http", "cloudfront-forwarded-proto": "https"}, [ProxyFault.DENIED]),
    ],
)
def test_the_header_of_a_proxy_on_https_is_checked(
    https: Settings, headers: dict[str, str], found: list[ProxyFault]
) -> None:
    assert faults(ADDRESS | headers) == found


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, []),
        (BROWSER, [ProxyFault.UNTRUSTED]),
        ({"x-forwarded-proto": "https"}, [ProxyFault.UNTRUSTED]),
        ({"x-forwarded-proto": "https", **ADDRESS}, [ProxyFault.UNKNOWN, ProxyFault.UNTRUSTED]),
        ({"x-forwarded-proto": "http"}, []),
    ],
)
def test_the_header_of_an_unconfigured_proxy_is_checked_too(
    https: Settings, headers: dict[str, str], found: list[ProxyFault]
) -> None:
    https.TRUSTED_PROXIES, https.SECURE_PROXY_SSL_HEADER = 0, None
    assert faults(headers) == found


def test_a_proxy_that_strips_every_header_gets_all_missing_ones_reported(https: Settings) -> None:
    assert faults({}, host="127.0.0.1:8000") == [ProxyFault.SHORT, ProxyFault.UNSAID, ProxyFault.HOST]


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "web:8000", "[::1]:8000", "10.0.0.7", "web.internal"])
def test_an_internal_host_name_is_attributed_to_the_proxy(https: Settings, host: str) -> None:
    assert faults(ADDRESS | {"x-forwarded-proto": "https"}, host=host) == [ProxyFault.HOST]


@pytest.mark.parametrize("host", ["8.8.8.8", "other.example.net", "", "<script>"])
def test_an_invented_host_name_is_not_attributed_to_the_proxy(https: Settings, host: str) -> None:
    # nginx itself refuses an empty or malformed one.
    expected = [ProxyFault.HOST] if host == "" else []
    assert faults(ADDRESS | {"x-forwarded-proto": "https"}, host=host) == expected or host == "<script>"


def test_the_original_host_is_found_in_the_proxys_header(https: Settings) -> None:
    passed = ADDRESS | {"x-forwarded-proto": "https", "x-forwarded-host": SITE}
    assert faults(passed, host="backend.example.net") == [ProxyFault.HOST]
    https.TRUSTED_PROXIES = 0
    https.SECURE_PROXY_SSL_HEADER = None
    assert ProxyFault.HOST not in faults({"x-forwarded-host": SITE}, host="x.example.net", address="8.8.8.8")


def test_visitors_over_https_of_a_site_configured_for_http_are_noticed(settings: Settings) -> None:
    assert settings.SITE_ORIGIN.startswith("http://")
    assert faults({"x-forwarded-proto": "https"}, host="testserver") == [ProxyFault.PLAIN_ORIGIN]
    assert faults({"x-forwarded-proto": "https"}, host="testserver", address="8.8.8.8") == []
    # Browsers send these to localhost over http, too.
    assert faults(BROWSER, host="testserver") == []


def test_direct_requests_of_machines_are_no_fault(https: Settings) -> None:
    assert proxy_faults(RequestFactory().get("/-/ready", headers={"host": "10.0.0.7"})) == []


@pytest.mark.django_db
def test_a_redirect_loop_is_logged_once_and_shown_on_the_readiness_page(
    https: Settings, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            answer = client.get("/en/", headers=ADDRESS | {"host": SITE})
            assert (answer.status_code, answer["Location"]) == (301, f"https://{SITE}/en/")
    token = {"authorization": "Bearer a token of the tests", "host": SITE}
    assert client.get("/-/ready", headers=token).json()["warnings"][0] == WARNINGS[ProxyFault.UNSAID]
    assert [record.getMessage() for record in caplog.records] == [WARNINGS[ProxyFault.UNSAID]]
    assert "198.51.100" not in caplog.text
    # With the suggested header the page is served.
    right = ADDRESS | {"host": SITE, "x-forwarded-proto": "https"}
    assert client.get("/en/", headers=right).status_code == 200


@pytest.mark.django_db
def test_forged_headers_on_a_working_site_are_not_reported(https: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    pretended = {
        ProxyFault.DENIED: ADDRESS | BROWSER | {"host": SITE, "x-forwarded-proto": "http"},
        ProxyFault.HOST: ADDRESS | {"host": "localhost", "x-forwarded-proto": "https"},
    }
    right = RequestFactory().get("/en/", headers=ADDRESS | {"host": SITE, "x-forwarded-proto": "https"})
    for fault, headers in pretended.items():
        layer = ProxyMiddleware(lambda _: HttpResponse("ok"))
        layer(right)
        layer(RequestFactory().get("/en/", headers=headers))
        assert proxy_warnings() == []
        with monkeypatch.context() as patch:
            # Without a correct request for a day the fault is not faked.
            patch.setattr(middleware, "RIGHT_SECONDS", 0.0)
            layer(right)
            caches["ratelimits"].clear()
            layer(RequestFactory().get("/en/", headers=headers))
        assert proxy_warnings() == [WARNINGS[fault]]
        caches["ratelimits"].clear()


PRETENDED = [
    (ProxyFault.HOST, {"host": "localhost", "x-forwarded-proto": "https"}),
    (ProxyFault.HOST, {"host": "10.0.0.1", "x-forwarded-proto": "https"}),
    (ProxyFault.HOST, {"host": "evil.example", "x-forwarded-host": SITE, "x-forwarded-proto": "https"}),
    (ProxyFault.DENIED, {"host": SITE, "x-forwarded-proto": "http", "x-forwarded-ssl": "on"}),
    (ProxyFault.DENIED, {"host": SITE, "x-forwarded-proto": "http", **BROWSER}),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("fault", "pretended"), PRETENDED)
def test_a_fault_refuted_by_one_process_is_dropped_by_all(
    https: Settings, monkeypatch: pytest.MonkeyPatch, fault: ProxyFault, pretended: dict[str, str]
) -> None:
    monkeypatch.setattr(middleware, "REPORT_SECONDS", 0.0)
    right = RequestFactory().get("/en/", headers=ADDRESS | {"host": SITE, "x-forwarded-proto": "https"})
    wrong = RequestFactory().get("/en/", headers=ADDRESS | pretended)
    busy, fresh = (ProxyMiddleware(lambda _: HttpResponse("ok")) for _ in range(2))
    # Before the first correct request the fault is believed.
    fresh(wrong)
    assert proxy_warnings() == [WARNINGS[fault]]
    busy(right)
    assert proxy_warnings() == []
    fresh(wrong)
    assert proxy_warnings() == []
    # Under other settings it is not refuted.
    https.ALLOWED_HOSTS = [*https.ALLOWED_HOSTS, "mirror.example.org"]
    fresh(wrong)
    assert proxy_warnings() == [WARNINGS[fault]]


@pytest.mark.django_db
def test_a_new_process_withdraws_its_own_report(https: Settings) -> None:
    layer = ProxyMiddleware(lambda _: HttpResponse("ok"))
    layer(RequestFactory().get("/en/", headers=ADDRESS | PRETENDED[0][1]))
    assert proxy_warnings() == [WARNINGS[ProxyFault.HOST]]
    layer(RequestFactory().get("/en/", headers=ADDRESS | {"host": SITE, "x-forwarded-proto": "https"}))
    assert proxy_warnings() == []


def test_headers_of_visitors_are_ignored_beside_those_of_the_trusted_proxy(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    for sent in ({"x-forwarded-ssl": "on"}, {"forwarded": "proto=https"}, {"cf-visitor": '{"scheme":"https"}'}):
        assert faults(ADDRESS | sent | {"x-forwarded-proto": "http"}, host="testserver") == []
    assert faults(ADDRESS | {"x-forwarded-proto": "https"}, host="testserver") == [ProxyFault.PLAIN_ORIGIN]
