"""A reverse proxy that the settings know nothing of is noticed, and nobody's address is kept for it."""

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

from petition_site.middleware import UnknownProxyMiddleware
from signatures.models import WorkerBeat
from signatures.safeguarding.forwarding import came_through_unknown_proxy, report_unknown_proxy
from tests.server.local_site import free_port

FORWARDED = {"x-forwarded-for": "198.51.100.77"}


def request_from(address: str, headers: dict[str, str] = FORWARDED) -> HttpRequest:
    """Return a request as it would arrive from an address."""
    return RequestFactory().get("/en/", headers=headers, REMOTE_ADDR=address)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.17.0.1", "192.168.1.9", "100.64.0.1", "::1", "fd00::2", "::ffff:10.0.0.1", ""],
)
def test_a_neighbour_that_forwards_is_an_unknown_proxy(address: str) -> None:
    assert came_through_unknown_proxy(request_from(address))
    assert not came_through_unknown_proxy(request_from(address, {}))


@pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450::5", "::ffff:8.8.8.8"])
def test_a_visitor_from_afar_who_writes_the_header_is_none(address: str) -> None:
    assert not came_through_unknown_proxy(request_from(address))


def test_a_trusted_proxy_is_none(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    assert not came_through_unknown_proxy(request_from("127.0.0.1"))


def test_an_onion_visitor_who_writes_the_header_is_none(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.ONION_LISTENERS = [f"127.0.0.1:{listener.getsockname()[1]}"]
        request = request_from("127.0.0.1")
        request.META["gunicorn.socket"] = listener
        assert not came_through_unknown_proxy(request)


@pytest.mark.django_db
def test_a_process_writes_at_most_once_a_minute() -> None:
    layer = UnknownProxyMiddleware(lambda _: HttpResponse("ok"))
    with CaptureQueriesContext(connection) as queries:
        for _ in range(10):
            assert layer(request_from("127.0.0.1")).status_code == 200
    assert len(queries) == 2


@pytest.mark.django_db
def test_it_is_shown_until_the_settings_know_of_it_and_logged_once(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    WorkerBeat.objects.create(worker="00000000-0000-0000-0000-000000000001")
    assert client.get("/-/ready").json()["warnings"] == []
    with caplog.at_level(logging.WARNING):
        client.get("/en/", headers=FORWARDED)
        report_unknown_proxy()
    response = client.get("/-/ready")
    assert response.status_code == 200
    (warning,) = response.json()["warnings"]
    assert "TRUSTED_PROXIES" in warning
    assert [record.getMessage() for record in caplog.records] == [warning]
    settings.TRUSTED_PROXIES = 1
    assert client.get("/-/ready").json()["warnings"] == []


@pytest.mark.django_db
def test_it_is_forgotten_after_an_hour(client: Client) -> None:
    report_unknown_proxy()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE signatures_ratelimit SET expires_at = expires_at - interval '1 hour'")
    assert client.get("/-/ready").json()["warnings"] == []


def test_redis_that_is_away_is_said_and_breaks_no_page(db: None, client: Client, settings: Settings) -> None:
    settings.CACHES = settings.CACHES | {
        "ratelimits": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}",
        }
    }
    assert caches["ratelimits"].__class__.__name__ == "RedisCache"
    WorkerBeat.objects.create(worker="00000000-0000-0000-0000-000000000001")
    assert client.get("/en/", headers=FORWARDED).status_code == 200
    # No form is taken, so that the site is not ready.
    response = client.get("/-/ready")
    assert response.status_code == 503
    assert [name for name, passed in response.json()["checks"].items() if not passed] == ["limits"]
