"""Floods, mails that nobody can read, and addresses that contain ours: real bounces are read all the same."""

from __future__ import annotations

import imaplib
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.postgres.functions import TransactionNow

from signatures.mailing import bounce_reading
from signatures.mailing.bounce_reading import TRIES_PER_MAIL, BounceReader
from signatures.mailing.bounce_warnings import STRANGERS, UNREAD, WAITING, bounce_warnings
from signatures.models import BounceMailbox
from tests.support.bounce_messages import BOUNCES, ENDLESS_LINE, letter, report
from tests.support.faults.bounce_mailbox_state import counts, look
from tests.support.faults.imap_server import ImapServer

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.django_db]
UNREADABLE = "unreadable"


def test_a_mailbox_that_is_not_read_to_its_end_is_not_taken_for_read(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(*(report(f"{number}@gmail.com") for number in range(3)))
    with monkeypatch.context() as patch:
        patch.setattr(bounce_reading, "LOOK_SECONDS_MAX", 0.001)
        assert look() == 1
        assert bounce_warnings() == [WAITING.format(amount=2)]
        BounceMailbox.objects.update(read_at=TransactionNow() - timedelta(minutes=61))
        assert look() == 1
        assert bounce_warnings() == [UNREAD, WAITING.format(amount=1)]
    assert look() == 1
    assert bounce_warnings() == []


def test_of_a_flood_the_newest_are_read_and_the_rest_is_deleted_unread(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounce_reading, "READ_MAX", 2)
    monkeypatch.setattr(bounce_reading, "CLEAR_BATCH_SIZE", 7)
    private = letter("A letter.", to="somebody@example.org")
    server.put(*[ENDLESS_LINE] * 10, private, *[ENDLESS_LINE] * 10, report("one@gmail.com"))
    assert look() == 21
    assert server.mails() == [private]
    assert counts() == {("", "UNCLEAR"): 20, ("gmail.com", "PERMANENT"): 1}
    assert bounce_warnings() == [STRANGERS.format(amount=1)]
    # Nobody looks at what is somebody else's again, however much that is.
    state = BounceMailbox.objects.get()
    assert state.last_cleared_uid == state.last_uid > 0
    server.put(*[private] * 5, report("two@gmail.com"))
    assert look() == 1
    assert counts()["gmail.com", "PERMANENT"] == 2
    assert bounce_warnings() == [STRANGERS.format(amount=6)]


def test_a_flood_that_one_visit_cannot_clear_is_cleared_by_the_next_and_counted_once(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounce_reading, "READ_MAX", 1)
    monkeypatch.setattr(bounce_reading, "CLEAR_BATCH_SIZE", 2)
    server.put(*[letter("x")] * 6, report("one@gmail.com"))
    with monkeypatch.context() as patch:
        patch.setattr(bounce_reading, "CLEAR_SECONDS_MAX", 0.001)
        assert look() == 2
        assert bounce_warnings() == [WAITING.format(amount=5)]
    assert look() == 5
    assert counts() == {("", "UNCLEAR"): 6, ("gmail.com", "PERMANENT"): 1}


@pytest.mark.parametrize(
    "to",
    [
        f"not-{BOUNCES}",
        f"{BOUNCES}.example.com",
        f'"please never write to {BOUNCES}" <boss@example.org>',
        f"boss@example.org ({BOUNCES})",
        f"<{BOUNCES}@example.com>",
        "(" * 8000 + BOUNCES,
    ],
)
def test_an_address_that_contains_ours_is_somebody_elses(server: ImapServer, to: str) -> None:
    theirs = letter("A letter to somebody else.", to=to)
    server.put(theirs, report("one@gmail.com"))
    assert look() == 1
    assert server.mails() == [theirs]
    assert counts() == {("gmail.com", "PERMANENT"): 1}


@pytest.mark.parametrize(
    "head",
    [
        f"Delivered-To: {BOUNCES}\r\n",
        f"X-Original-To: <{BOUNCES}>\r\n",
        f"envelope-to: {BOUNCES.upper()}\r\n",
        f"To: A\r\n B <{BOUNCES}>\r\n",
        f"To: Somebody <x@example.org>,\r\n\t{BOUNCES}\r\n",
        f"Delivered-To: {BOUNCES}\r\nTo: {'(' * 8000}\r\n",
    ],
)
def test_a_mail_is_ours_whichever_line_says_so(server: ImapServer, head: str) -> None:
    server.put(letter("x", to="undisclosed:;", head=head))
    assert look() == 1
    assert server.mails() == []


@pytest.mark.parametrize("what", ["HEADER", "BODY.PEEK[]"])
@pytest.mark.parametrize("refusal", ["NO", "BAD"])
def test_a_mail_that_the_server_refuses_to_give_keeps_no_other_from_being_read(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch, what: str, refusal: str
) -> None:
    ask = imaplib.IMAP4.uid

    def refuse(self: imaplib.IMAP4, command: str, *args: str) -> tuple[Any, list[Any]]:
        if command == "FETCH" and what in args[1] and bad in args[0].split(","):
            if refusal == "BAD":
                raise imaplib.IMAP4.error
            return "NO", [b"[SERVERBUG] me@example.org"]
        return ask(self, command, *args)

    server.put(report("one@gmail.com"), report("two@mail.ru"), report("three@gmail.com"))
    with server.client() as client:
        client.select("INBOX", readonly=True)
        bad = client.uid("SEARCH", "ALL")[1][0].decode().split()[1]
    monkeypatch.setattr(imaplib.IMAP4, "uid", refuse)
    look()
    assert counts()["gmail.com", "PERMANENT"] == 2
    # Where nobody knows whose it is, it stays; where it is ours, it goes.
    assert len(server.mails()) == (1 if what == "HEADER" else 0)
    assert bounce_warnings() == ([STRANGERS.format(amount=1)] if what == "HEADER" else [])


def test_a_server_that_gives_no_mail_at_all_is_at_fault_and_none_is_passed_over(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(report("one@gmail.com"))
    ask = imaplib.IMAP4.uid

    def refuse(self: imaplib.IMAP4, command: str, *args: str) -> tuple[Any, list[Any]]:
        return ("NO", [b"busy"]) if command == "FETCH" else ask(self, command, *args)

    with monkeypatch.context() as patch:
        patch.setattr(imaplib.IMAP4, "uid", refuse)
        assert look() == 0
    assert look() == 1


def test_a_mail_at_which_the_server_hangs_up_is_left_after_some_visits(server: ImapServer) -> None:
    server.put(report("one@gmail.com"), report(f"{UNREADABLE}@mail.ru"), report("two@gmail.com"))
    (file,) = (path for path in server.files() if UNREADABLE.encode() in path.read_bytes())
    reader = BounceReader()
    file.chmod(0)
    try:
        for _ in range(TRIES_PER_MAIL + 1):
            assert reader.look() == 0
            reader.not_before = 0.0
        assert reader.look() > 0
    finally:
        # The server has moved it meanwhile.
        for path in server.files():
            path.chmod(0o600)
    assert counts() == {("gmail.com", "PERMANENT"): 2}
    assert len(server.mails()) == 1
    assert bounce_warnings() == [STRANGERS.format(amount=1)]


def test_what_somebody_else_has_marked_for_deletion_is_not_deleted_by_us(server: ImapServer) -> None:
    theirs = letter("A letter.", to="somebody@example.org")
    server.put(theirs, report("one@gmail.com"))
    with server.client() as client:
        client.select("INBOX")
        client.store("1", "+FLAGS.SILENT", r"(\Deleted)")
    assert look() == 1
    assert server.mails() == [theirs]
