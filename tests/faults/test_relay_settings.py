"""Where the mail server is, who vouches for it, how we log in, by which name: as the settings say, or told of."""

from __future__ import annotations

import ssl
from contextlib import closing
from pathlib import Path

import pytest
from pytest_django import Settings

from signatures.mailing.relaying import relay_warnings
from signatures.mailing.sending import Outcome, send_batch
from signatures.mailing.smtp import SmtpTransport
from signatures.models import Petition
from signatures.models.relay import RelayFault
from tests.support.certificates import Authority
from tests.support.faults.failing_mail_server import Behaviour
from tests.support.faults.fake_relays import ask, serving

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.django_db]


def test_a_server_that_cannot_be_reached_shows(petition: Petition, settings: Settings) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    ask(petition, 2)
    with closing(SmtpTransport(settings.EMAIL_URL)) as transport:
        assert send_batch(transport) == Outcome(postponed=1)
    assert relay_warnings() == [str(RelayFault.UNREACHABLE.label)]


@pytest.mark.parametrize("password", ["пароль", "%D0%BF"])
def test_a_password_that_cannot_be_sent_is_a_matter_of_logging_in(
    petition: Petition, settings: Settings, password: str
) -> None:
    ask(petition, 2)
    with serving(Behaviour(offers_login=True), settings, f"smtp://user:{password}@") as transport:
        assert send_batch(transport) == Outcome(postponed=1)
    assert relay_warnings() == [str(RelayFault.LOGIN.label)]


def test_we_introduce_ourselves_by_the_name_in_the_settings(petition: Petition, settings: Settings) -> None:
    behaviour = Behaviour()
    for name in ("mail.example.org", "[192.0.2.1]"):
        settings.MAIL_HELO_NAME = name
        with serving(behaviour, settings) as transport:
            ask(petition, 1)
            assert send_batch(transport) == Outcome(sent=1)
    assert behaviour.names == ["mail.example.org", "[192.0.2.1]"]


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Return whoever vouches for the mail server."""
    return Authority()


@pytest.fixture
def certificate(authority: Authority, tmp_path: Path) -> ssl.SSLContext:
    """Return what the mail server encrypts with."""
    return authority.server_context(tmp_path, "127.0.0.1")


@pytest.mark.parametrize("scheme", ["smtp+tls://", "smtp+ssl://"])
def test_a_server_is_trusted_whose_authority_the_settings_name_and_no_other(
    scheme: str, petition: Petition, settings: Settings, authority: Authority, certificate: ssl.SSLContext
) -> None:
    ask(petition, 2)
    behaviour = Behaviour(tls=certificate, is_encrypted=scheme == "smtp+ssl://")
    for trusted in ("", Authority().pem):
        settings.MAIL_CA = trusted
        with serving(behaviour, settings, scheme) as transport:
            assert send_batch(transport) == Outcome(postponed=1)
        assert relay_warnings() == [str(RelayFault.TLS.label)]
    settings.MAIL_CA = authority.pem
    with serving(behaviour, settings, scheme) as transport:
        assert send_batch(transport) == Outcome(sent=2)
