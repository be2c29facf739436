"""Broken, slow, false and hostile: what keeps the worker from reading the mailbox that mails come back to."""

from __future__ import annotations

import socket
import time
from datetime import timedelta

import pytest
from django.db.models import F
from pytest_django import Settings

from signatures.mailing import bounce_mailbox, bounce_reading, bounces
from signatures.mailing.bounce_reading import BounceReader
from signatures.mailing.bounce_warnings import UNREAD, bounce_warnings
from signatures.models import BounceMailbox
from tests.support.bounce_messages import ENDLESS_LINE, report
from tests.support.faults.bounce_mailbox_state import counts, look
from tests.support.faults.imap_server import ImapServer, broken_server

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.django_db]
PATIENCE_SECONDS = 0.5


def test_hostile_mails_hold_no_worker_up_for_long_and_wait_for_their_turn(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounce_reading, "LOOK_SECONDS_MAX", 1.5)
    server.put(*[ENDLESS_LINE] * 6)
    begin = time.monotonic()
    first = look()
    assert 1 <= first < 6
    assert time.monotonic() - begin < 1.5 + bounces.READING_SECONDS_MAX + 1
    while look():
        pass
    assert counts() == {("", "UNCLEAR"): 6}


def silent(visitor: socket.socket) -> None:
    """Say nothing."""
    visitor.recv(1)


def dripping(visitor: socket.socket) -> None:
    """Greet, and then say one letter at a time for ever."""
    visitor.sendall(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")
    while True:
        visitor.sendall(b"*")
        time.sleep(PATIENCE_SECONDS / 5)


def without_encryption(visitor: socket.socket) -> None:
    """Let nobody encrypt, and listen for a password."""
    visitor.sendall(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n")
    heard = b""
    while piece := visitor.recv(1000):
        heard += piece
        tag = piece.split(b" ")[0]
        visitor.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")
        assert b"cGFzc3dvcmQ" not in heard
        assert b"password" not in heard


def unfriendly(visitor: socket.socket) -> None:
    """Let nobody in, and say so with an address."""
    visitor.sendall(b"* BYE unforgettable@example.org is not welcome here\r\n")


@pytest.mark.parametrize("behave", [silent, dripping, without_encryption, unfriendly])
def test_a_broken_server_is_left_alone_for_some_minutes_and_the_worker_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, behave: object
) -> None:
    monkeypatch.setattr(bounce_mailbox, "TIMEOUT_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(bounce_mailbox, "VISIT_SECONDS_MAX", PATIENCE_SECONDS * 3)
    reader = BounceReader()
    with broken_server(behave) as port:  # type: ignore[arg-type]
        settings.BOUNCE_URL = f"imap+tls://user:password@127.0.0.1:{port}/INBOX"
        begin = time.monotonic()
        assert reader.look() == 0
        assert time.monotonic() - begin < 5
        assert "could not be read" in caplog.text
        assert "unforgettable" not in caplog.text
        # It is not asked again at once.
        caplog.clear()
        assert reader.look() == 0
        assert caplog.text == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (":p%40ss%2Fw%C3%B6rd@", ":wrong@"),
        ("/INBOX", "/Nowhere"),
        ("imaps://", "imap+tls://"),
        ("127.0.0.1", "localhost"),
    ],
)
def test_a_mailbox_that_cannot_be_opened_loses_nothing_and_the_operator_is_told(
    server: ImapServer, settings: Settings, caplog: pytest.LogCaptureFixture, old: str, new: str
) -> None:
    server.put(report("one@gmail.com"))
    settings.BOUNCE_URL = server.url().replace(old, new)
    assert look() == 0
    assert counts() == {}
    assert "could not be read" in caplog.text
    assert "wrong" not in caplog.text
    assert bounce_warnings() == []
    BounceMailbox.objects.update(read_at=F("read_at") - timedelta(minutes=61))
    assert bounce_warnings() == [UNREAD]
    settings.BOUNCE_URL = server.url()
    assert look() == 1
    assert bounce_warnings() == []


def test_a_server_whose_certificate_nobody_has_signed_is_not_spoken_to(server: ImapServer, settings: Settings) -> None:
    server.put(report("one@gmail.com"))
    settings.BOUNCE_CA = ""
    assert look() == 0
    assert len(server.mails()) == 1
