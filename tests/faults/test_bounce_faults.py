"""Mails that come back are counted and deleted from a real mailbox, whatever breaks, and nothing else is kept."""

from __future__ import annotations

import logging
import subprocess
import sys
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import psycopg2
import pytest
from django.db.models import F
from django.test import Client
from pytest_django import Settings

from signatures.mailing import bounces
from signatures.mailing.bounce_mailbox import Mailbox
from signatures.mailing.bounce_warnings import STRANGERS, bounce_warnings
from signatures.mailing.bounces import delete_old_bounces
from signatures.models import BounceCount, BounceMailbox, Petition
from signatures.worker import Worker
from tests.support import factories
from tests.support.bounce_messages import BOUNCES, HOSTILE, letter, report
from tests.support.database import at_once, query, rows_per_table, rows_written, traces_of
from tests.support.faults.bounce_mailbox_state import counts, look
from tests.support.faults.imap_server import ImapServer, imap_server
from tests.support.journals import environment_of
from tests.support.mailbox import Mailbox as Folder
from tests.support.mailbox import code_in, paths_in, text_of
from tests.support.server.local_site import ROOT
from tests.support.server.web_site import new_database

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.django_db]


def test_what_came_back_is_counted_and_deleted(server: ImapServer) -> None:
    server.put(
        report("one@gmail.com"),
        report("two@googlemail.com"),
        report("three@mail.ru", action="delayed"),
        report("me@my-own-name.by"),
        letter("I am away."),
    )
    before = rows_per_table()
    assert look() == 5
    assert counts() == {
        ("gmail.com", "PERMANENT"): 2,
        ("mail.ru", "TEMPORARY"): 1,
        ("", "PERMANENT"): 1,
        ("", "UNCLEAR"): 1,
    }
    assert server.mails() == []
    assert server.kept_on_disk(b"gmail.com", b"my-own-name.by") == []
    assert rows_written(before) == {"signatures_bouncecount": 4, "signatures_bouncemailbox": 1}
    server.put(report("one@gmail.com"))
    assert look() == 1
    assert look() == 0
    assert counts()["gmail.com", "PERMANENT"] == 3


@pytest.mark.parametrize("capability", ["", "IMAP4rev1 AUTH=PLAIN"])
def test_starttls_and_a_folder_do_as_well_also_where_the_server_can_do_little(
    settings: Settings, capability: str
) -> None:
    with imap_server(capability=capability) as other:
        settings.BOUNCE_ADDRESS, settings.BOUNCE_CA = BOUNCES, other.certificate.read_text()
        settings.BOUNCE_URL = other.url_by_starttls().replace("INBOX", "Came%20back")
        other.put(report("one@gmail.com"), folder='"Came back"')
        assert look() == 1
        assert other.mails('"Came back"') == []
    assert counts() == {("gmail.com", "PERMANENT"): 1}


def test_a_mail_to_somebody_else_is_neither_counted_nor_deleted(server: ImapServer) -> None:
    private = letter("A letter.", to="somebody@example.org")
    by_header = letter("x", to="undisclosed:;", head=f"Delivered-To: {BOUNCES.upper()}\r\n")
    server.put(private, report("one@gmail.com"), private, by_header)
    assert look() == 2
    assert counts() == {("gmail.com", "PERMANENT"): 1, ("", "UNCLEAR"): 1}
    assert server.mails() == [private, private]
    with server.client() as client:
        client.select("INBOX")
        assert client.uid("SEARCH", "SEEN")[1] == [b""]
    assert bounce_warnings() == [STRANGERS.format(amount=2)]


@pytest.fixture
def mail(petition: Petition, visitor: Client, mailbox: Folder) -> EmailMessage:
    """Return the mail that somebody is sent who signs."""
    factories.sign(visitor, petition, email="unforgettable@my-own-name.by")
    (mail,) = mailbox.deliver()
    return mail


def test_a_bounce_that_brings_the_mail_along_leaves_nothing_of_it(
    server: ImapServer, mail: EmailMessage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    hostile = [message for message in HOSTILE.values() if f"To: {BOUNCES}".encode() in message and b"\0" not in message]
    assert len(hostile) > 8
    server.put(report("unforgettable@my-own-name.by", quoted=text_of(mail)), *hostile)
    while look():
        pass
    assert counts()["", "PERMANENT"] >= 1
    secrets = ["unforgettable", "my-own-name", code_in(mail), code_in(mail).replace("-", ""), paths_in(mail)[0]]
    assert traces_of(*secrets) == []
    told = caplog.text + "".join(capfd.readouterr())
    assert not [secret for secret in [*secrets, "p@ss", BOUNCES] if secret in told]


def test_a_worker_that_is_killed_between_counting_and_deleting_counts_nothing_twice(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(self: Mailbox, numbers: object) -> None:
        raise KeyboardInterrupt

    server.put(report("one@gmail.com"), report("two@mail.ru"))
    with monkeypatch.context() as patch:
        patch.setattr(Mailbox, "delete", die)
        with pytest.raises(KeyboardInterrupt):
            look()
    assert len(server.mails()) == 2
    server.put(report("three@gmail.com"))
    assert look() == 3
    assert counts() == {("gmail.com", "PERMANENT"): 2, ("mail.ru", "PERMANENT"): 1}
    assert server.mails() == []


def test_a_worker_that_is_killed_while_deleting_leaves_nothing_behind(server: ImapServer) -> None:
    server.put(report("one@gmail.com"))
    with server.client() as client:
        client.select("INBOX")
        client.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")
    assert look() == 1
    assert server.mails() == []


# Stands still between counting and deleting.
STANDING_STILL = """
import django, time
django.setup()
from signatures.mailing.bounce_mailbox import Mailbox
from signatures.mailing.bounce_reading import BounceReader
Mailbox.delete = lambda *_: (print("counted", flush=True), time.sleep(60))
BounceReader().look()
"""


def test_a_process_that_is_killed_there_counts_nothing_twice_and_keeps_no_lock(
    server: ImapServer, loaded_database: str, tmp_path: Path
) -> None:
    server.put(report("one@gmail.com"))
    with new_database(loaded_database) as (_, url):
        env = {
            **environment_of(url),
            "EMAIL_URL": tmp_path.as_uri(),
            "BOUNCE_URL": server.url(),
            "BOUNCE_CA_FILE": str(server.certificate),
            "BOUNCE_ADDRESS": BOUNCES,
        }
        with subprocess.Popen([sys.executable, "-c", STANDING_STILL], cwd=ROOT, env=env, stdout=subprocess.PIPE) as it:
            assert it.stdout is not None
            assert it.stdout.readline() == b"counted\n"
            it.kill()
        assert len(server.mails()) == 1
        server.put(report("two@gmail.com"))
        done = subprocess.run(
            [sys.executable, "manage.py", "work", "--once"], cwd=ROOT, env=env, check=True, timeout=60
        )
        assert done.returncode == 0
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT provider, amount FROM signatures_bouncecount")
            assert cursor.fetchall() == [("gmail.com", 2)]
    assert server.mails() == []


def test_several_workers_count_each_mail_once(server: ImapServer, transactional_db: None) -> None:
    server.put(*(report(f"{number}@gmail.com") for number in range(10)))
    assert sorted(at_once(look, look, look)) == [0, 0, 10]
    assert counts() == {("gmail.com", "PERMANENT"): 10}


def test_a_mailbox_that_begins_anew_is_counted_anew(server: ImapServer) -> None:
    server.put(report("one@gmail.com"))
    look()
    BounceMailbox.objects.update(uidvalidity=F("uidvalidity") + 1, last_uid=1_000_000, last_cleared_uid=1_000_000)
    server.put(report("two@gmail.com"))
    assert look() == 1
    assert counts() == {("gmail.com", "PERMANENT"): 2}


def test_where_messages_cannot_be_read_here_none_is_deleted(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(report("one@gmail.com"))
    with monkeypatch.context() as patch:
        patch.setattr(bounces, "CHILD", ["/no/such/program"])
        assert look() == 0
    assert len(server.mails()) == 1
    assert look() == 1


def test_the_worker_reads_the_mailbox_and_a_site_without_one_asks_nobody(
    server: ImapServer, settings: Settings, mailbox: Folder
) -> None:
    server.put(report("one@gmail.com"))
    with closing(Worker().transport):
        pass
    worker = Worker()
    worker.round()
    worker.transport.close()
    assert counts() == {("gmail.com", "PERMANENT"): 1}
    settings.BOUNCE_URL = ""
    assert look() == 0
    assert bounce_warnings() == []


def test_counts_are_deleted_after_ninety_days() -> None:
    BounceCount.objects.create(kind="PERMANENT", amount=1)
    query("UPDATE signatures_bouncecount SET day = day - 90")
    assert delete_old_bounces() == 0
    query("UPDATE signatures_bouncecount SET day = day - 1")
    assert delete_old_bounces() == 1
