"""A reverse proxy that does not match the settings is detected without storing any address."""

from __future__ import annotations

import logging
import socket

import pytest
from django.core.cache import caches
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from petition_site.middleware import ProxyMiddleware
from signatures.safeguarding.proxy_warnings import WARNINGS, ProxyFault, proxy_fault, proxy_warnings, report_proxy
from signatures.safeguarding.redis_counters import AWAY, RedisCounters
from tests.support.server.local_site import free_port

FORWARDED = {"x-forwarded-for": "198.51.100.77"}


def request_from(address: str, headers: dict[str, str] = FORWARDED) -> HttpRequest:
    """Return a request as it would arrive from an address."""
    return RequestFactory().get("/en/", headers=headers, REMOTE_ADDR=address)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.17.0.1", "192.168.1.9", "100.64.0.1", "::1", "fd00::2", "::ffff:10.0.0.1", ""],
)
def test_a_neighbour_that_forwards_is_an_unknown_proxy(address: str) -> None:
    assert proxy_fault(request_from(address)) == ProxyFault.UNKNOWN
    assert proxy_fault(request_from(address, {})) is None


@pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450::5", "::ffff:8.8.8.8"])
def test_a_remote_visitor_who_sends_the_header_is_no_proxy(address: str) -> None:
    assert proxy_fault(request_from(address)) is None


def test_a_trusted_proxy_is_no_unknown_proxy(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    assert proxy_fault(request_from("127.0.0.1")) is None


def test_an_onion_visitor_who_sends_the_header_is_no_proxy(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.ONION_LISTENERS = [f"127.0.0.1:{listener.getsockname()[1]}"]
        request = request_from("127.0.0.1")
        request.META["gunicorn.socket"] = listener
        assert proxy_fault(request) is None
        settings.TRUSTED_PROXIES = 2
        assert proxy_fault(request) is None


@pytest.mark.django_db
def test_a_process_writes_at_most_once_a_minute() -> None:
    layer = ProxyMiddleware(lambda _: HttpResponse("ok"))
    with CaptureQueriesContext(connection) as queries:
        for _ in range(10):
            assert layer(request_from("127.0.0.1")).status_code == 200
    assert len(queries) == 2


@pytest.mark.parametrize(
    ("proxies", "header", "fault"),
    [
        (1, "198.51.100.9:4000", None),
        (1, "[2001:db8::1]:4711", None),
        (1, '"[2001:db8::1]"', None),
        (1, "unknown", ProxyFault.UNREADABLE),
        (1, "198.51.100.9,", ProxyFault.UNREADABLE),
        (1, "no address, 198.51.100.9", None),
        (2, "no address, 10.0.0.1", ProxyFault.UNREADABLE),
        (2, "198.51.100.9", ProxyFault.SHORT),
        (1, "", ProxyFault.SHORT),
    ],
)
def test_the_header_of_a_trusted_proxy_is_checked(
    settings: Settings, proxies: int, header: str, fault: ProxyFault | None
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = request_from("10.0.0.9", {"x-forwarded-for": header} if header else {})
    assert proxy_fault(request) == fault


def test_direct_requests_of_machines_are_no_fault(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    assert proxy_fault(RequestFactory().get("/-/ready")) is None


@pytest.mark.django_db
@pytest.mark.parametrize(("proxies", "fault"), [(0, ProxyFault.UNKNOWN), (2, ProxyFault.SHORT)])
def test_a_warning_is_shown_until_the_settings_change_and_logged_once(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture, proxies: int, fault: ProxyFault
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert proxy_warnings() == []
    with caplog.at_level(logging.WARNING):
        client.get("/en/", headers=FORWARDED)
        report_proxy(fault)
    assert proxy_warnings() == [WARNINGS[fault]]
    assert "TRUSTED_PROXIES" in WARNINGS[fault]
    assert [record.getMessage() for record in caplog.records] == [WARNINGS[fault]]
    settings.TRUSTED_PROXIES = 1
    assert proxy_warnings() == []


@pytest.mark.django_db
def test_a_warning_expires_after_an_hour() -> None:
    report_proxy(ProxyFault.UNKNOWN)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE signatures_ratelimit SET expires_at = expires_at - interval '1 hour'")
    assert proxy_warnings() == []


def test_an_outage_of_redis_is_reported_and_breaks_no_page(db: None, client: Client, settings: Settings) -> None:
    settings.CACHES = settings.CACHES | {
        "ratelimits": {
            "BACKEND": "signatures.safeguarding.redis_counters.RedisCounters",
            "LOCATION": f"redis://127.0.0.1:{free_port()}",
        }
    }
    assert isinstance(caches["ratelimits"], RedisCounters)
    settings.METRICS_TOKEN = "a token of the tests"
    assert client.get("/en/", headers=FORWARDED).status_code == 200
    # What was noticed is kept in PostgreSQL, as the limits are, so that forms are accepted.
    response = client.get("/-/ready", headers={"authorization": "Bearer a token of the tests"})
    assert response.status_code == 200
    assert {WARNINGS[ProxyFault.UNKNOWN], AWAY} <= set(response.json()["warnings"])
