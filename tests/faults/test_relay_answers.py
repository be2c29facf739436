"""Whatever a mail server answers: only what speaks of one mailbox loses its mail, and none holds up the others."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing
from typing import cast

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.mailing import smtp
from signatures.mailing.relaying import relay_warnings
from signatures.mailing.sending import send_batch
from signatures.mailing.smtp import SmtpTransport
from signatures.models import OutgoingMail, Petition, Relay
from signatures.models.relay import RelayFault
from signatures.signing.my_signature import request_my_signature
from tests.support import factories
from tests.support.certificates import Authority
from tests.support.database import query
from tests.support.faults.failing_mail_server import SILENCE, Behaviour, MailServer
from tests.support.faults.relay_answers import ANSWERS, Answer, Fate
from tests.support.mail_counts import highest_count
from tests.support.server.local_site import free_port

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.django_db]
FIRST, REFUSED, LAST = (f"{name}@example.org" for name in ("first", "refused", "last"))
PATIENCE_SECONDS = 0.3


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """Return what a server encrypts with, and the authority that vouches for it."""
    authority = Authority()
    return authority.server_context(tmp_path_factory.mktemp("tls"), "127.0.0.1"), authority.pem


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    """Run one mail server for all answers."""
    server = MailServer(Behaviour(), free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def behaviour(server: MailServer, tls: tuple[ssl.SSLContext, str], answer: Answer) -> Behaviour:
    """Return what the mail server is told to do from now on, and what it has taken."""
    server.handler = Behaviour(offers_login=answer.stage == "AUTH", tls=tls[0] if answer.stage == "STARTTLS" else None)
    return cast("Behaviour", server.handler)


@pytest.fixture
def transport(
    server: MailServer,
    tls: tuple[ssl.SSLContext, str],
    answer: Answer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[SmtpTransport]:
    """Return a way to the mail server on which one encrypts or logs in where the test is about that."""
    if answer.reply == SILENCE:
        monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", PATIENCE_SECONDS)
        monkeypatch.setattr(smtp, "END_SECONDS", PATIENCE_SECONDS)
    settings.MAIL_CA = tls[1]
    scheme = {"STARTTLS": "smtp+tls://", "AUTH": "smtp://user:password@"}.get(answer.stage, "smtp://")
    settings.EMAIL_URL = f"{scheme}127.0.0.1:{server.port}"
    with closing(SmtpTransport(settings.EMAIL_URL)) as transport:
        yield transport


def ask(petition: Petition, address: str) -> None:
    """Queue one more mail."""
    request_my_signature(petition=petition, language="en", address=address, sender="000")


def let_time_pass() -> None:
    """Let an hour pass in which the mail server took some other mail."""
    query(
        "UPDATE signatures_outgoingmail SET next_attempt_at = now(), doubted_at = doubted_at - interval '1 hour',"
        " created_at = created_at - interval '1 hour'"
    )
    query("UPDATE signatures_relay SET retry_at = NULL")


def taken(behaviour: Behaviour) -> list[str]:
    """Return whose mails were taken."""
    return [mail.recipient for mail in behaviour.mails()]


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_a_mail_is_lost_only_by_what_speaks_of_its_mailbox_alone(
    petition: Petition, behaviour: Behaviour, transport: SmtpTransport, answer: Answer
) -> None:
    ask(petition, FIRST)
    assert factories.sign(Client(), petition, email=REFUSED).status_code == 303
    ask(petition, LAST)
    behaviour.replies = {answer.stage: answer.reply}
    behaviour.only = "" if answer.is_of_all else REFUSED
    outcome = send_batch(transport)
    is_gone = answer.fate == Fate.GONE
    # No mailbox holds up the others.
    assert taken(behaviour) == ([] if answer.is_of_all else [FIRST, LAST])
    assert outcome.dropped == is_gone
    # It takes no place of a later one, and is shown at once, in our words.
    assert highest_count() == (3 if is_gone else 0 if answer.is_of_all else 2)
    assert relay_warnings() == ([str(answer.fault.label)] if answer.fault else [])
    # However long it lasts, it waits until the server takes it, or is believed.
    for number in range(2 if answer.fate == Fate.THIRD else 4):
        let_time_pass()
        ask(petition, f"{number}@example.org")
        send_batch(transport)
        query("UPDATE signatures_outgoingmail SET created_at = now()")
    is_lost = answer.fate in {Fate.GONE, Fate.THIRD}
    behaviour.replies = {}
    let_time_pass()
    send_batch(transport)
    assert (REFUSED in taken(behaviour)) != is_lost
    assert not OutgoingMail.objects.exists()
    assert not Relay.objects.exclude(fault="").exists()
    assert Relay.objects.get().refused_in_row == 0
    assert relay_warnings() == []


def test_there_are_more_than_sixty_answers_and_no_two_alike() -> None:
    assert len({(answer.stage, answer.reply) for answer in ANSWERS}) == len(ANSWERS) > 60
    tested_elsewhere = {RelayFault.UNREACHABLE, RelayFault.INTERNATIONAL}
    assert {answer.fault for answer in ANSWERS if answer.fault} == set(RelayFault) - tested_elsewhere
