"""The mail server fails in every way, and no mail is lost: a repeated one has its first Message-ID."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from django.test import Client

from signatures.mailing import sending, smtp
from signatures.mailing.sending import Outcome, send_batch
from signatures.mailing.smtp import SmtpTransport
from signatures.models import OutgoingMail, Petition
from tests.support import factories
from tests.support.database import let_mails_grow_old, query
from tests.support.faults.failing_mail_server import Behaviour, mail_server
from tests.support.server.local_site import free_port

pytestmark = pytest.mark.xdist_group("faults")

SIGNERS = [f"signer-{number}@example.org" for number in range(3)]
PATIENCE_SECONDS = 0.5


@pytest.fixture
def behaviour() -> Behaviour:
    """Return what the mail server is told to do, and what it has taken."""
    return Behaviour()


@pytest.fixture
def transport(behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpTransport]:
    """Return an open way to a running mail server, less patient than in production."""
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(smtp, "END_SECONDS", PATIENCE_SECONDS)
    with mail_server(behaviour) as url, closing(SmtpTransport(url)) as transport:
        yield transport


@pytest.fixture
def signed(petition: Petition, visitor: Client) -> None:
    """Let three visitors sign, so that three mails wait."""
    for address in SIGNERS:
        assert factories.sign(visitor, petition, email=address).status_code == 303


def send_later(transport: SmtpTransport) -> Outcome:
    """Send what is due after the longest wait between two attempts."""
    query("UPDATE signatures_outgoingmail SET next_attempt_at = now()")
    query("UPDATE signatures_relay SET retry_at = now() WHERE retry_at IS NOT NULL")
    return send_batch(transport)


def send_later_once(transport: SmtpTransport) -> None:
    """Send what is due, as if the mail server had been left alone for long enough."""
    query("UPDATE signatures_relay SET retry_at = now() WHERE retry_at IS NOT NULL")
    send_batch(transport)


def waiting() -> list[tuple[int, bool, bool]]:
    """Return of each mail that waits how often it was tried, whether it waits for later, and whether it is claimed."""
    rows = query(
        "SELECT attempts_made, next_attempt_at > now(), claimed_until IS NOT NULL FROM signatures_outgoingmail"
    )
    return [(int(tried), later, claimed) for tried, later, claimed in rows]


def assert_each_was_delivered_once(behaviour: Behaviour) -> None:
    """Assert that every signer has one mail, and that none waits."""
    assert sorted(mail.recipient for mail in behaviour.mails()) == SIGNERS
    assert len({mail.message_id for mail in behaviour.mails()}) == len(SIGNERS)
    assert not OutgoingMail.objects.exists()


def test_a_server_that_is_down_gets_the_mails_when_it_is_back(signed: None, behaviour: Behaviour) -> None:
    port = free_port()
    with closing(SmtpTransport(f"smtp://127.0.0.1:{port}")) as transport:
        # One mail finds out; the others need not be tried, and none of them waits longer for it.
        assert send_batch(transport) == Outcome(postponed=1)
        assert waiting() == [(0, False, False)] * 3
        # Nothing is tried yet.
        assert send_batch(transport) == Outcome()
        with mail_server(behaviour, port):
            assert send_later(transport) == Outcome(sent=3)
            assert_each_was_delivered_once(behaviour)


def test_a_server_that_restarts_between_two_mails_is_connected_to_again(
    signed: None, behaviour: Behaviour, petition: Petition, visitor: Client
) -> None:
    port = free_port()
    with closing(SmtpTransport(f"smtp://127.0.0.1:{port}")) as transport:
        with mail_server(behaviour, port):
            assert send_batch(transport) == Outcome(sent=3)
        with mail_server(behaviour, port):
            factories.sign(visitor, petition, email="late@example.org")
            assert send_batch(transport) == Outcome(sent=1)
    assert behaviour.mails()[-1].recipient == "late@example.org"


def test_a_slow_server_is_waited_for(signed: None, behaviour: Behaviour, transport: SmtpTransport) -> None:
    behaviour.seconds = PATIENCE_SECONDS / 3
    assert send_batch(transport) == Outcome(sent=3)
    assert_each_was_delivered_once(behaviour)


def test_a_server_that_takes_a_mail_and_never_says_so_gets_it_again_under_the_same_message_id(
    signed: None, behaviour: Behaviour, transport: SmtpTransport
) -> None:
    behaviour.seconds = PATIENCE_SECONDS * 3
    assert send_batch(transport) == Outcome(postponed=3)
    behaviour.seconds = 0.0
    # One finds out for the others.
    assert send_later(transport) == Outcome(sent=1)
    assert send_later(transport) == Outcome(sent=2)
    by_recipient = {(mail.recipient, mail.message_id) for mail in behaviour.mails()}
    assert len(behaviour.mails()) == 6
    assert sorted(recipient for recipient, _ in by_recipient) == SIGNERS


def test_a_server_that_says_nothing_at_all_is_given_up_for_now(signed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(smtp, "END_SECONDS", PATIENCE_SECONDS)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transport = SmtpTransport(f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        with closing(transport):
            assert send_batch(transport) == Outcome(postponed=1)
    assert waiting() == [(0, False, False)] * 3


@pytest.mark.parametrize(("stage", "reply"), [("RCPT", "550 5.1.1 no such user"), ("DATA", "550 5.1.1 no such user")])
def test_a_mail_that_is_refused_for_good_goes_and_takes_its_address_along(
    signed: None, behaviour: Behaviour, transport: SmtpTransport, stage: str, reply: str
) -> None:
    behaviour.replies, behaviour.only = {stage: reply}, SIGNERS[1]
    assert send_batch(transport) == Outcome(sent=2, dropped=1)
    assert not OutgoingMail.objects.exists()
    assert {mail.recipient for mail in behaviour.mails()} == {SIGNERS[0], SIGNERS[2]}


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("RCPT", "450 4.2.1 later"),
        ("RCPT", "421 4.3.2 closing"),
        ("DATA", "451 4.3.0 later"),
        ("DATA", "452 full"),
        # Neither is a fault of the mail's: all would be lost by an operator's mistake.
        ("RCPT", "554 5.7.1 relay access denied"),
        ("DATA", "550 5.7.1 not from you"),
        ("DATA", "554 5.6.0 not this"),
    ],
)
def test_a_mail_that_is_refused_for_now_waits_and_the_others_go(
    signed: None, behaviour: Behaviour, transport: SmtpTransport, stage: str, reply: str
) -> None:
    behaviour.replies, behaviour.only = {stage: reply}, SIGNERS[1]
    assert send_batch(transport) == Outcome(sent=2, postponed=1)
    assert waiting() == [(1, True, False)]
    behaviour.replies = {}
    assert send_later(transport) == Outcome(sent=1)
    assert_each_was_delivered_once(behaviour)


@pytest.mark.parametrize("reply", ["553 5.1.8 no such sender", "530 5.7.0 authentication required"])
def test_where_our_sender_is_refused_no_mail_is_any_worse_off(
    signed: None, behaviour: Behaviour, transport: SmtpTransport, reply: str
) -> None:
    behaviour.replies = {"MAIL": reply}
    assert send_batch(transport) == Outcome(postponed=1)
    assert waiting() == [(0, False, False)] * 3
    behaviour.replies = {}
    assert send_later(transport) == Outcome(sent=3)
    assert_each_was_delivered_once(behaviour)


@pytest.mark.parametrize("scheme", ["smtp+tls://", "smtp://user:password@", "smtp+tls://user:password@"])
def test_a_server_without_what_the_settings_ask_for_loses_no_mail(
    signed: None, behaviour: Behaviour, scheme: str
) -> None:
    with mail_server(behaviour) as url, closing(SmtpTransport(url.replace("smtp://", scheme))) as transport:
        assert send_batch(transport) == Outcome(postponed=1)
        assert transport.connection is None
    assert waiting() == [(0, False, False)] * 3
    assert not behaviour.mails()


def test_a_server_that_lets_nobody_in_loses_no_mail(signed: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_door:
        transport = SmtpTransport(f"smtp://127.0.0.1:{closed_door.getsockname()[1]}")

        def refuse() -> None:
            visitor, _address = closed_door.accept()
            with visitor:
                visitor.sendall(b"554 5.3.2 no service\r\n")
                visitor.recv(100)

        thread = threading.Thread(target=refuse)
        thread.start()
        with closing(transport):
            assert send_batch(transport) == Outcome(postponed=1)
        thread.join()
    assert waiting() == [(0, False, False)] * 3


def test_a_server_that_dies_inside_a_message_gets_it_again(
    signed: None, behaviour: Behaviour, transport: SmtpTransport
) -> None:
    behaviour.dies = 1
    # The first mail opens the connection; the next one will find a new one.
    assert send_batch(transport) == Outcome(sent=2, postponed=1)
    assert send_later(transport) == Outcome(sent=1)
    assert_each_was_delivered_once(behaviour)


def test_a_connection_that_dies_inside_a_later_message_is_made_again_at_once(
    signed: None, behaviour: Behaviour, transport: SmtpTransport, petition: Petition, visitor: Client
) -> None:
    assert send_batch(transport) == Outcome(sent=3)
    behaviour.dies = 1
    factories.sign(visitor, petition, email="late@example.org")
    assert send_batch(transport) == Outcome(sent=1)
    assert behaviour.mails()[-1].recipient == "late@example.org"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("450 4.2.1 later", [1, 2, 4, 8, 16, 32, 64, 120, 120]),
        # What may be our fault somebody is mending.
        ("550 5.7.1 not from you", [1, 2, 4, 8, 15, 15, 15, 15, 15]),
    ],
)
def test_waits_grow_and_a_mail_is_given_up_after_two_days(
    signed: None, behaviour: Behaviour, transport: SmtpTransport, reply: str, expected: list[int]
) -> None:
    behaviour.replies = {"RCPT": reply}
    waits = []
    for _ in range(9):
        # As many as stop the queue.
        for _mail in SIGNERS:
            send_later_once(transport)
        waits.append(query("SELECT max(next_attempt_at - now()) FROM signatures_outgoingmail")[0][0])
        query("UPDATE signatures_outgoingmail SET next_attempt_at = now()")
    assert [wait.total_seconds() / 60 for wait in waits] == pytest.approx(expected, abs=0.1)
    let_mails_grow_old(sending.GIVE_UP_AFTER - timedelta(minutes=1))
    assert sending.delete_given_up() == 0
    let_mails_grow_old(timedelta(minutes=1))
    assert sending.delete_given_up() == 3
