"""The settings for outgoing mails, whose problems are reported at the start."""

from __future__ import annotations

import pytest

from petition_site.mail_server import MailServer, is_helo_name, read_mail_server
from tests.support.certificates import LIFETIME, Authority
from tests.support.production import reader

ORIGIN = "https://petition.example.org"
URL = "smtp+tls://mail.example.org"
SENDER = "no-reply@example.org"


def read_from(
    *, origin: str = ORIGIN, url: str = URL, sender: str = SENDER, **values: str
) -> tuple[MailServer, list[str]]:
    """Return the settings for outgoing mails, and their problems."""
    read = reader(EMAIL_URL=url, MAIL_SENDER=sender, **values)
    return read_mail_server(read, origin), read.problems


@pytest.mark.parametrize(
    "name",
    [
        "mail.example.org",
        "MAIL.Example.ORG",
        "a.b",
        "mail-1.example.org",
        "1and1.example.org",
        "xn--80a1acny.xn--p1ai",
        "[192.0.2.1]",
        "[IPv6:2001:db8::1]",
        "[ipv6:::1]",
        f"{'a' * 63}.example.org",
    ],
)
def test_a_fully_qualified_name_or_an_ip_address_is_a_valid_ehlo_name(name: str) -> None:
    assert is_helo_name(name)
    assert read_from(MAIL_HELO_NAME=name) == (MailServer(URL, SENDER, name, ""), [])


@pytest.mark.parametrize(
    "name",
    [
        "mail",
        "localhost",
        "host.localdomain",
        "localhost.localdomain",
        "web.localhost",
        "192.0.2.1",
        "::1",
        "[2001:db8::1]",
        "[IPv6:192.0.2.1]",
        "[999.0.2.1]",
        "[mail.example.org]",
        "mail_1.example.org",
        "-mail.example.org",
        "mail-.example.org",
        "mail..example.org",
        ".example.org",
        "mail.example.org.",
        "почта.рф",
        "mail.example.org:25",
        "https://mail.example.org",
        "mail.example.org extra.example.org",
        f"{'a' * 64}.example.org",
        f"{'a.' * 130}org",
    ],
)
def test_a_name_that_mail_servers_refuse_stops_the_start(name: str) -> None:
    assert not is_helo_name(name)
    (problem,) = read_from(MAIL_HELO_NAME=name)[1]
    assert problem.startswith("MAIL_HELO_NAME must be this machine's full host name, such as mail.example.org")


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (ORIGIN, "petition.example.org"),
        ("https://petition.example.org:8443", "petition.example.org"),
        ("http://127.0.0.1:8000", "[127.0.0.1]"),
        ("http://[::1]:8000", "[IPv6:::1]"),
        ("http://localhost:8000", "[127.0.0.1]"),
        ("http://testserver", "[127.0.0.1]"),
        ("", "[127.0.0.1]"),
    ],
)
def test_the_name_defaults_to_that_of_the_site(origin: str, expected: str) -> None:
    found, problems = read_from(origin=origin)
    assert (found.helo_name, problems) == (expected, [])


@pytest.mark.parametrize(
    "sender", ["подпись@example.org", "no-reply@почта.рф", "Petition <a@example.org>", "a@b@c", "a"]
)
def test_the_sender_must_be_acceptable_to_every_server(sender: str) -> None:
    (problem,) = read_from(sender=sender)[1]
    assert problem.startswith("MAIL_SENDER must be an address such as no-reply@example.org")


def test_certificate_authorities_are_accepted_unchanged() -> None:
    both = Authority().pem + Authority(began=2 * LIFETIME).pem
    found, problems = read_from(MAIL_CA=both)
    assert (found.authorities, problems) == (both.strip(), [])


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("/etc/ssl/authority.pem", "MAIL_CA_FILE"),
        ("-----BEGIN CERTIFICATE-----\nno base64\n-----END CERTIFICATE-----", "MAIL_CA_FILE"),
        ("-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----", "private key"),
        (Authority(began=2 * LIFETIME).pem, "have expired"),
    ],
)
def test_a_file_without_a_certificate_authority_stops_the_start(value: str, hint: str) -> None:
    (problem,) = read_from(MAIL_CA=value)[1]
    assert problem.startswith("MAIL_CA ")
    assert hint in problem


@pytest.mark.parametrize("url", ["smtp://mail.example.org", "file:///var/mails"])
def test_a_certificate_authority_requires_encryption(url: str) -> None:
    (problem,) = read_from(url=url, MAIL_CA=Authority().pem)[1]
    assert problem.startswith("MAIL_CA vouches for nobody, since EMAIL_URL asks for no encryption")
