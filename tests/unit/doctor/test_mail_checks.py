"""The doctor speaks with a mail server, a mailbox and a DNS server, each real, and each broken in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from signatures.doctor.findings import Level
from signatures.doctor.mail import check_bounces, check_mail_server
from signatures.doctor.mail_records import check_mail_records
from signatures.mailing.bounce_reading import BounceReader
from tests.support.certificates import Authority
from tests.support.doctor import Zone, complaints, dns_server, said, silent_port
from tests.support.faults.failing_mail_server import Behaviour, mail_server
from tests.support.faults.imap_server import ImapServer, imap_server

pytestmark = pytest.mark.django_db
DOMAIN = "petition.example.org"
RIGHT: Zone = {
    (DOMAIN, "TXT"): ["other=1", "v=spf1 include:_spf.example.net -all"],
    ("_spf.example.net", "TXT"): "v=spf1 ip4:192.0.2.25 -all",
    (f"s1._domainkey.{DOMAIN}", "TXT"): "v=DKIM1; k=rsa; p=MIIB",
    ("_dmarc.example.org", "TXT"): "v=DMARC1; p=none; rua=mailto:dmarc@example.org",
    (DOMAIN, "MX"): "10 mail.example.org.",
    ("mail.example.org", "A"): "192.0.2.25",
    ("25.2.0.192.in-addr.arpa", "PTR"): "mail.example.org.",
}
MANY = " ".join(f"exists:e{number}.example" for number in range(11))


@pytest.fixture
def domain(settings: Settings) -> str:
    """Return the domain that mails come from and come back to, by a relay on this machine."""
    settings.MAIL_SENDER, settings.BOUNCE_ADDRESS = f"no-reply@{DOMAIN}", f"bounces@{DOMAIN}"
    settings.MAIL_HELO_NAME, settings.EMAIL_URL = "mail.example.org", "smtp://127.0.0.1:25"
    return DOMAIN


def test_records_that_are_all_there_are_right(domain: str) -> None:
    with dns_server(RIGHT) as nameserver:
        assert complaints(check_mail_records, nameserver=nameserver) == []


@pytest.mark.parametrize(
    ("name", "kind", "value", "sentence"),
    [
        (DOMAIN, "TXT", [], "The domain of BOUNCE_ADDRESS has no SPF record"),
        (DOMAIN, "TXT", ["v=spf1 -all", "v=spf1 mx -all"], "The domain of BOUNCE_ADDRESS has several SPF records"),
        (DOMAIN, "TXT", ["v=spf1 +all"], "The SPF record lets every machine send in our name"),
        (DOMAIN, "TXT", ["v=spf1 mx"], "The SPF record ends with neither -all nor ~all"),
        (DOMAIN, "TXT", [f"v=spf1 {MANY} -all"], "The SPF record needs 11 further look-ups"),
        (f"s1._domainkey.{DOMAIN}", "TXT", [], "The domain of MAIL_SENDER has no key for DKIM at all"),
        ("_dmarc.example.org", "TXT", [], "The domain of MAIL_SENDER has no DMARC record"),
        ("_dmarc.example.org", "TXT", ["v=DMARC1; p=none; ruf=mailto:x@example.org"], "The DMARC record asks for"),
        ("_dmarc.example.org", "TXT", ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "There are several DMARC records"),
        (DOMAIN, "MX", [], "The domain of BOUNCE_ADDRESS has no MX"),
        (DOMAIN, "MX", ["0 ."], "The domain of BOUNCE_ADDRESS takes no mails"),
        ("mail.example.org", "A", [], "MAIL_HELO_NAME has no address in the DNS"),
        ("25.2.0.192.in-addr.arpa", "PTR", ["host-25.example.net."], "An address of MAIL_HELO_NAME does not lead back"),
    ],
)
def test_each_record_that_is_missing_or_wrong_is_told_of_alone(
    domain: str, name: str, kind: str, value: list[str], sentence: str
) -> None:
    with dns_server({**RIGHT, (name, kind): value} if value else _without(name, kind)) as nameserver:
        (found,) = complaints(check_mail_records, nameserver=nameserver)
    assert found.startswith(sentence)


def _without(name: str, kind: str) -> Zone:
    return {key: value for key, value in RIGHT.items() if key != (name, kind)}


def test_a_sender_in_another_domain_than_the_bounces_is_told_of(domain: str, settings: Settings) -> None:
    settings.MAIL_SENDER = "no-reply@example.com"
    zone = {
        **RIGHT,
        ("s1._domainkey.example.com", "TXT"): "v=DKIM1",
        ("_dmarc.example.com", "TXT"): "v=DMARC1; p=none",
    }
    with dns_server(zone) as nameserver:
        (found,) = complaints(check_mail_records, nameserver=nameserver)
    assert found.startswith("MAIL_SENDER and BOUNCE_ADDRESS are in domains of different owners")


def test_a_dns_that_does_not_answer_is_told_of_and_nothing_is_claimed(
    domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signatures.doctor.mail_records.TIMEOUT_SECONDS", 0.2)
    with silent_port() as port:
        (found,) = complaints(check_mail_records, nameserver=f"127.0.0.1:{port}")
    assert found.startswith("The DNS does not answer")


def test_a_mail_server_that_takes_a_mail_is_right(settings: Settings) -> None:
    post = Behaviour()
    with mail_server(post) as url:
        settings.EMAIL_URL = url
        assert complaints(check_mail_server) == []
        assert post.mails() == []
        assert complaints(check_mail_server, send_mail="operator@example.org") == []
    (mail,) = post.mails()
    assert mail.recipient == "operator@example.org"
    assert "belarus" not in mail.text.lower()


@pytest.mark.parametrize(
    ("replies", "stage"),
    [
        ({"CONNECT": "554 no"}, "CONNECT"),
        ({"EHLO": "550 your name is strange"}, "EHLO"),
        ({"AUTH": "535 5.7.8 wrong password of site"}, "LOGIN"),
    ],
)
def test_a_mail_server_that_does_not_let_us_in_is_told_of_by_its_stage(
    settings: Settings, replies: dict[str, str], stage: str
) -> None:
    with mail_server(Behaviour(replies=replies, offers_login=True)) as url:
        settings.EMAIL_URL = url.replace("smtp://", "smtp://site:zyzzyva@")
        (found,) = said(check_mail_server)
    assert f"({stage}" in found
    assert "zyzzyva" not in found


def test_a_mail_that_is_refused_is_told_of_without_its_address(settings: Settings) -> None:
    with mail_server(Behaviour(replies={"RCPT": "550 5.7.1 zyzzyva@example.org is blocked by policy"})) as url:
        settings.EMAIL_URL = url
        (found,) = said(check_mail_server, send_mail="zyzzyva@example.org")
    assert "zyzzyva" not in found


def test_a_mail_server_with_a_strange_certificate_is_told_of(settings: Settings, tmp_path: Path) -> None:
    authority = Authority()
    with mail_server(Behaviour(tls=authority.server_context(tmp_path, "127.0.0.1"))) as url:
        settings.EMAIL_URL = url.replace("smtp://", "smtp+tls://")
        (found,) = said(check_mail_server)
        assert "(STARTTLS" in found
        settings.MAIL_CA = authority.pem
        assert complaints(check_mail_server) == []


def test_mails_that_go_through_a_network_unencrypted_are_told_of(settings: Settings) -> None:
    with mail_server(Behaviour()) as url:
        settings.EMAIL_URL = url.replace("127.0.0.1", "127.0.0.2").replace("localhost", "127.0.0.2")
        assert "without encryption" in said(check_mail_server)[0]


def test_a_folder_of_mails_is_told_of(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_URL = tmp_path.as_uri()
    assert said(check_mail_server, Level.WARN) == ["Mails are written into a folder and reach nobody."]


@pytest.fixture
def bounces(settings: Settings) -> Iterator[ImapServer]:
    """Return a mailbox of bounces that the settings name."""
    with imap_server() as server:
        settings.BOUNCE_URL, settings.BOUNCE_CA = server.url(), server.certificate.read_text()
        yield server


def test_a_mailbox_of_bounces_that_opens_is_right_and_one_that_does_not_is_told_of(
    bounces: ImapServer, settings: Settings
) -> None:
    BounceReader().look()
    assert complaints(check_bounces) == []
    settings.BOUNCE_URL = settings.BOUNCE_URL.rpartition("/")[0] + "/Nowhere"
    (found,) = said(check_bounces)
    assert found.startswith("The mailbox of bounces does not open (MailboxRefusedError)")
    settings.BOUNCE_CA = ""
    assert said(check_bounces)[0].startswith("The mailbox of bounces does not open (SSLCertVerificationError)")
    settings.BOUNCE_URL = ""
    assert said(check_bounces, Level.WARN)[0].startswith("BOUNCE_URL is not set")
