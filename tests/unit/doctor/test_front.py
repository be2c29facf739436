"""The doctor comes as a visitor, through fronts that are right and through each that is broken in its own way."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from pytest_django import Settings

from signatures.doctor import front
from signatures.doctor.findings import Level
from signatures.doctor.front import check_front
from signatures.safeguarding.proxy_warnings import WARNINGS, ProxyFault
from tests.support.certificates import Authority
from tests.support.doctor import complaints, said
from tests.support.fronts import Habits, front_before, site_in_thread
from tests.support.server.local_site import free_port

pytestmark = pytest.mark.django_db(transaction=True)
HOST = "petition.example.org"
LOOP = "Every page leads to itself for ever: the site does not know that visitors come over https."


@pytest.fixture(autouse=True)
def in_production(settings: Settings) -> None:
    """Run as in production, behind one proxy."""
    settings.SITE_ORIGIN, settings.ALLOWED_HOSTS = f"https://{HOST}", [HOST]
    settings.TRUSTED_PROXIES = 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT, settings.SECURE_SSL_HOST = True, HOST
    settings.SECURE_HSTS_SECONDS = 1000
    caches["ratelimits"].clear()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Return the authority that this machine trusts."""
    authority = Authority()
    trusted = tmp_path / "trusted.pem"
    trusted.write_text(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    return authority


@contextmanager
def fronted(authority: Authority, folder: Path, name: str = HOST, **habits: Any) -> Iterator[str]:
    """Run a site and a front before it, and yield the address of the front."""
    with (
        site_in_thread() as port,
        front_before(replace(Habits(port), **habits), folder / "front", authority, name) as url,
    ):
        yield url


def test_a_front_that_is_right_is_told_so_with_the_days_of_its_certificate(
    authority: Authority, tmp_path: Path
) -> None:
    with fronted(authority, tmp_path) as url:
        assert complaints(check_front, front=url) == []
        assert said(check_front, Level.OK, front=url) == [
            "Visitors reach the site through its front, and it knows who they are.",
            "The certificate is right, and ends in 28 days.",
        ]


def test_behind_a_cdn_it_says_that_the_certificate_is_not_the_servers_own(
    authority: Authority, tmp_path: Path, settings: Settings
) -> None:
    note = "That certificate is the outermost proxy's, a CDN's for instance; --front looks at one behind it."
    with fronted(authority, tmp_path, "127.0.0.1") as url:
        settings.SITE_ORIGIN, settings.ALLOWED_HOSTS = url, ["127.0.0.1"]
        assert note not in said(check_front, Level.OK)
        settings.TRUSTED_PROXIES = 2
        assert note in said(check_front, Level.OK)
        assert note not in said(check_front, Level.OK, front=url)


def test_a_front_that_does_not_say_https_makes_every_page_lead_to_itself(authority: Authority, tmp_path: Path) -> None:
    with fronted(authority, tmp_path, writes={}) as url:
        assert complaints(check_front, front=url) == [LOOP]


def test_a_site_that_trusts_no_proxy_makes_every_page_lead_to_itself(
    authority: Authority, tmp_path: Path, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES, settings.SECURE_PROXY_SSL_HEADER = 0, None
    with fronted(authority, tmp_path) as url:
        assert complaints(check_front, front=url) == [LOOP]


def test_a_front_that_passes_no_host_on_is_told_of(authority: Authority, tmp_path: Path) -> None:
    with fronted(authority, tmp_path, keeps_host=False) as url:
        (found,) = complaints(check_front, front=url)
    assert found.startswith("Every page is answered with 400")


def test_fewer_proxies_than_the_settings_say_are_noticed(
    authority: Authority, tmp_path: Path, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = 2
    with fronted(authority, tmp_path) as url:
        assert complaints(check_front, front=url) == [WARNINGS[ProxyFault.SHORT]]


def test_a_front_that_lets_visitors_choose_their_address_is_noticed(
    authority: Authority, tmp_path: Path, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = 2
    with fronted(authority, tmp_path, appends=True) as url:
        assert WARNINGS[ProxyFault.UNREADABLE] in complaints(check_front, front=url)
    # With as many as there are, what a visitor writes is not read.
    settings.TRUSTED_PROXIES = 1
    with fronted(authority, tmp_path, appends=True) as url:
        assert complaints(check_front, front=url) == []


def test_a_front_that_takes_headers_away_is_told_of(authority: Authority, tmp_path: Path) -> None:
    taken = frozenset({"strict-transport-security", "content-security-policy"})
    with fronted(authority, tmp_path, takes_away=taken) as url:
        assert [sentence.split()[0] for sentence in complaints(check_front, front=url)] == [
            "Strict-Transport-Security",
            "Content-Security-Policy",
        ]


def test_a_front_whose_site_is_away_is_told_of(authority: Authority, tmp_path: Path) -> None:
    habits = Habits(free_port())
    with front_before(habits, tmp_path / "front", authority, HOST) as url:
        assert complaints(check_front, front=url) == ["The web server does not reach the site behind it (502)."]


def test_a_certificate_for_another_host_is_told_of(authority: Authority, tmp_path: Path) -> None:
    with fronted(authority, tmp_path, "www.example.org") as url:
        assert complaints(check_front, front=url) == ["The certificate is for another host than that of SITE_ORIGIN."]


def test_a_certificate_that_nobody_knows_is_told_of(authority: Authority, tmp_path: Path) -> None:
    with fronted(Authority(), tmp_path) as url:
        (found,) = complaints(check_front, front=url)
    assert found.startswith("Browsers do not believe the certificate")


@pytest.mark.parametrize(
    ("days", "level", "sentence"),
    [
        (31, Level.WRONG, "The certificate has expired, or is not valid yet."),
        (26, Level.WRONG, "The certificate ends in 3 days."),
        (20, Level.WARN, "The certificate ends in 9 days."),
    ],
)
def test_a_certificate_that_ends_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, level: Level, sentence: str
) -> None:
    authority = Authority(began=timedelta(days=days))
    trusted = tmp_path / "trusted.pem"
    trusted.write_text(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with fronted(authority, tmp_path) as url:
        assert said(check_front, level, front=url) == [sentence]


def test_a_front_that_nobody_answers_at_is_told_of(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = complaints(check_front, front=f"https://127.0.0.1:{free_port()}")
    assert found == "Nothing answers at SITE_ORIGIN (ConnectionRefusedError)."
    settings.SITE_ORIGIN = "https://nowhere.invalid"
    assert complaints(check_front) == ["The host of SITE_ORIGIN has no address in the DNS."]
    monkeypatch.setattr(front, "TIMEOUT_SECONDS", 0.3)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        (found,) = complaints(check_front, front=f"https://127.0.0.1:{listener.getsockname()[1]}")
    assert found == "Nothing answers at SITE_ORIGIN (TimeoutError)."


def test_a_port_without_tls_is_told_of() -> None:
    with site_in_thread() as port:
        (found,) = complaints(check_front, front=f"https://127.0.0.1:{port}")
    assert found == "The front speaks no TLS at the port of SITE_ORIGIN."
