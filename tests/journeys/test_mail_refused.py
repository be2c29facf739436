"""A mail server that refuses us, as the operator, the organisers and the signers see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from signatures.mailing.relaying import relay_warnings
from signatures.mailing.sending import greet, send_batch
from signatures.mailing.smtp import SmtpTransport
from signatures.models import Attempt, Organiser, OutgoingMail, Petition
from signatures.models.relay import RelayFault
from signatures.publishing.health import queue_warnings
from tests.support import factories
from tests.support.database import query
from tests.support.faults.failing_mail_server import Behaviour, mail_server
from tests.support.page_reading import read, words
from tests.support.readiness import warnings_of

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.django_db]
INTERNATIONAL = "подпись@example.org"
NOT_TAKEN = "We cannot send mail to an address with letters other than a–z before the @."


@pytest.fixture
def behaviour() -> Behaviour:
    """Return what the mail server is told to do, and what it has taken."""
    return Behaviour()


@pytest.fixture
def transport(behaviour: Behaviour, settings: Settings) -> Iterator[SmtpTransport]:
    """Return a way to a running mail server, which the settings name."""
    with mail_server(behaviour) as url:
        settings.EMAIL_URL = url
        with closing(SmtpTransport(url)) as transport:
            yield transport


def sign(petition: Petition, address: str = "a@example.org") -> None:
    """Let a visitor sign."""
    assert factories.sign(Client(), petition, email=address).status_code == 303


def test_the_desk_and_the_readiness_page_say_so_at_once_and_in_our_words(
    petition: Petition,
    behaviour: Behaviour,
    transport: SmtpTransport,
    settings: Settings,
    organiser: Client,
) -> None:
    sign(petition, "quota.sender@example.org")
    behaviour.replies = {"RCPT": "550 5.7.1 <quota.sender@example.org>: no mails from you"}
    send_batch(transport)
    sentence = str(RelayFault.POLICY.label)
    assert sentence in warnings_of(settings)
    page = read(organiser, "/admin/")
    assert sentence in words(page)
    assert "quota.sender" not in page
    # Nobody else is told.
    assert sentence not in read(Client(), "/-/ready")
    behaviour.replies = {}
    query("UPDATE signatures_outgoingmail SET next_attempt_at = now()")
    send_batch(transport)
    assert sentence not in warnings_of(settings)
    assert sentence not in words(read(organiser, "/admin/"))


def test_who_may_see_no_petition_is_told_nothing_and_monitoring_is_told_in_one_language(
    petition: Petition, behaviour: Behaviour, transport: SmtpTransport, organiser_client: Callable[[str], Client]
) -> None:
    sign(petition)
    behaviour.replies = {"RCPT": "550 5.7.1 no mails from you"}
    send_batch(transport)
    sentence = str(RelayFault.POLICY.label)
    client = organiser_client("Auditors")
    assert sentence in words(read(client, "/admin/"))
    # Somebody who may log in, and nothing else yet.
    Organiser.objects.get().groups.clear()
    assert sentence not in words(read(client, "/admin/"))
    with translation.override("ru"):
        assert sentence in queue_warnings()


def test_what_is_logged_names_nobody(
    petition: Petition, behaviour: Behaviour, transport: SmtpTransport, caplog: pytest.LogCaptureFixture
) -> None:
    sign(petition, "quota.sender@example.org")
    behaviour.replies = {"RCPT": "550 5.7.1 <quota.sender@example.org>: no mails from you"}
    send_batch(transport)
    assert "The mail server refused a mail at RCPT: POLICY (550)." in caplog.text
    assert "quota.sender" not in caplog.text


@pytest.mark.parametrize("page", ["", "my-signature/"])
def test_an_address_that_the_server_cannot_send_to_is_refused_in_the_form_and_never_dropped(
    petition: Petition, behaviour: Behaviour, transport: SmtpTransport, page: str
) -> None:
    path = f"/en/petitions/{petition.slug}/{page}"
    form = factories.sign_form(petition, email=INTERNATIONAL) if not page else {"email": INTERNATIONAL}
    # What is not known yet is not promised.
    for speaks in (None, False):
        if speaks is not None:
            behaviour.speaks_utf8 = speaks
            greet(transport)
        response = Client().post(path, form)
        assert response.status_code == 422
        assert NOT_TAKEN in words(response.content.decode())
        assert INTERNATIONAL in response.content.decode()
        assert not OutgoingMail.objects.exists()
        assert not Attempt.objects.exists()
    behaviour.speaks_utf8 = True
    greet(transport)
    assert Client().post(path, form).status_code in {200, 303}
    send_batch(transport)
    assert [mail.recipient for mail in behaviour.mails()] == [INTERNATIONAL]


def test_an_international_domain_needs_nothing_of_the_server(
    petition: Petition, behaviour: Behaviour, transport: SmtpTransport
) -> None:
    behaviour.speaks_utf8 = False
    greet(transport)
    sign(petition, "podpis@почта.рф")
    send_batch(transport)
    assert [mail.recipient for mail in behaviour.mails()] == ["podpis@xn--80a1acny.xn--p1ai"]
    assert relay_warnings() == []
