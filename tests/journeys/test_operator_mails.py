"""The operator is sent a mail about what is amiss, at most one a day for each kind, and one when it is over."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core.cache import caches
from pytest_django import Settings

from signatures.mailing.relay_alerts import watch_mail_server
from signatures.mailing.sending import delete_given_up, send_batch
from signatures.models import OutgoingMail, Petition, Relay, Trouble
from signatures.models.operating import TroubleKind
from signatures.models.switch import SwitchName
from signatures.operating.places import GIB, Disk, is_nearly_full
from signatures.operating.telling import tell_operator
from signatures.operating.troubles import find_troubles, is_in_trouble, note_troubles
from signatures.operating.watching import OperatorWatch
from signatures.publishing.health import queue_warnings
from tests.support import factories
from tests.support.database import let_mails_grow_old, query
from tests.support.faults.failing_mail_server import Behaviour
from tests.support.faults.fake_relays import queue, serving
from tests.support.mailbox import Mailbox, text_of
from tests.support.switches import turned

pytestmark = pytest.mark.django_db
ADDRESS = "operator@example.org"
LATE = "Mails wait for long"


@pytest.fixture(autouse=True)
def operator(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be an operator who wants mails, and disks with room."""
    settings.OPERATOR_EMAIL = ADDRESS
    # Where the contacts of the tests are as good as any.
    settings.LOCAL_START, settings.PLAIN_HTTP = True, False
    monkeypatch.setattr("signatures.operating.troubles.disks", lambda: {"site": Disk(100 * GIB, 200 * GIB)})


def let_pass(**time_: float) -> None:
    """Let what is stored of troubles be longer ago."""
    query(
        "UPDATE signatures_trouble SET began_at = began_at - %(t)s, ended_at = ended_at - %(t)s,"
        " told_at = told_at - %(t)s, try_at = try_at - %(t)s",
        {"t": timedelta(**time_)},  # type: ignore[arg-type] # by name
    )


def look(mailbox: Mailbox, times: int = 1, minutes: int = 1) -> list[EmailMessage]:
    """Let the worker look some times, so many minutes apart, and return what the operator was sent meanwhile."""
    before = len(mailbox.messages())
    for _ in range(times):
        OperatorWatch().look(mailbox.transport)
        let_pass(minutes=minutes)
    return mailbox.messages()[before:]


def make_late(petition: Petition) -> None:
    """Let a mail wait that nobody sends."""
    queue(petition, "signer@example.org")
    let_mails_grow_old(timedelta(minutes=20))


def test_where_nothing_is_amiss_or_nobody_wants_to_know_nothing_is_sent(
    petition: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    assert look(mailbox, 10) == []
    settings.OPERATOR_EMAIL = ""
    make_late(petition)
    assert look(mailbox, 10) == []
    assert Trouble.objects.get().kind == TroubleKind.LATE


def test_trouble_that_lasts_is_told_once_a_day_and_its_end_once(petition: Petition, mailbox: Mailbox) -> None:
    make_late(petition)
    assert look(mailbox, 5) == []
    (mail,) = look(mailbox, 2)
    assert (mail["To"], mail["Subject"]) == (ADDRESS, f"Site: {LATE}")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "a quarter of an hour: 1." in text_of(mail)
    assert look(mailbox, 6, minutes=10) == []
    let_pass(hours=22)
    assert look(mailbox, 6, minutes=5) == []
    let_pass(minutes=40)
    (again,) = look(mailbox)
    assert again["Subject"] == mail["Subject"]
    OutgoingMail.objects.all().delete()
    assert look(mailbox, 5) == []
    (over,) = look(mailbox, 2)
    assert over["Subject"] == f"Over: {LATE}"
    assert look(mailbox, 6, minutes=10) == []
    let_pass(days=2)
    assert look(mailbox) == []
    assert not Trouble.objects.exists()


def test_trouble_that_comes_and_goes_is_told_once_a_day(petition: Petition, mailbox: Mailbox) -> None:
    told = []
    for _ in range(10):
        make_late(petition)
        told += look(mailbox, 3, minutes=15)
        OutgoingMail.objects.all().delete()
        told += look(mailbox, 3, minutes=15)
    assert [mail["Subject"] for mail in told] == [f"Site: {LATE}", f"Over: {LATE}"]


def test_a_short_pause_is_no_end(petition: Petition, mailbox: Mailbox) -> None:
    make_late(petition)
    assert len(look(mailbox, 10)) == 1
    OutgoingMail.objects.all().delete()
    look(mailbox, 3)
    make_late(petition)
    assert look(mailbox, 6, minutes=5) == []
    OutgoingMail.objects.all().delete()
    (over,) = look(mailbox, 10)
    assert over["Subject"] == f"Over: {LATE}"


@pytest.mark.parametrize("name", [SwitchName.READ_ONLY, SwitchName.CLOSED])
def test_mails_that_a_switch_holds_are_not_told_of_and_a_switch_that_was_forgotten_is(
    petition: Petition, mailbox: Mailbox, name: SwitchName
) -> None:
    make_late(petition)
    turned(name)
    assert look(mailbox, 10) == []
    assert not queue_warnings()[:-1]
    query("UPDATE signatures_switch SET on_since = on_since - interval '6 hours'")
    (mail,) = look(mailbox, 10)
    assert mail["Subject"] == "Site: An emergency switch is still on"
    assert f"The emergency switch {name.value} has been on since 2" in text_of(mail)
    assert "48 hours" in text_of(mail)
    # Nothing that the sign of life must tell of.
    assert not is_in_trouble()
    turned(name, on=False)
    (mail,) = look(mailbox, 10)
    assert f"{LATE}, since" in text_of(mail)


def test_names_that_are_hidden_for_long_are_told_of_and_hold_no_mail(petition: Petition, mailbox: Mailbox) -> None:
    turned(SwitchName.HIDE_NAMES)
    query("UPDATE signatures_switch SET on_since = on_since - interval '7 hours'")
    make_late(petition)
    (mail,) = look(mailbox, 10)
    assert "HIDE_NAMES" in text_of(mail)
    assert "48 hours" not in text_of(mail)
    assert LATE in text_of(mail)


def test_several_kinds_come_in_one_mail(petition: Petition, mailbox: Mailbox, settings: Settings) -> None:
    settings.BACKUP_FOLDER = str(mailbox.transport.folder)
    make_late(petition)
    (mail,) = look(mailbox, 10)
    assert mail["Subject"] == "Site: 2 things to see to"
    text = text_of(mail)
    assert "No backup has been made yet" in text
    assert LATE in text
    assert petition.slug not in str(mail)
    assert "signer" not in text


def test_two_workers_send_one_mail(petition: Petition, mailbox: Mailbox) -> None:
    make_late(petition)
    note_troubles(find_troubles())
    let_pass(minutes=10)
    assert [tell_operator(find_troubles(), mailbox.transport) for _ in range(2)] == [1, 0]


def test_a_mail_that_is_refused_is_tried_again_soon(petition: Petition, settings: Settings) -> None:
    make_late(petition)
    note_troubles(find_troubles())
    let_pass(minutes=10)
    behaviour = Behaviour(replies={"RCPT": "450 4.2.0 greylisted"})
    with serving(behaviour, settings) as transport:
        assert tell_operator(find_troubles(), transport) == 0
        behaviour.replies.clear()
        assert tell_operator(find_troubles(), transport) == 0
        let_pass(minutes=6)
        assert tell_operator(find_troubles(), transport) == 1
    assert [mail.recipient for mail in behaviour.mails()] == [ADDRESS]
    # It says nothing about the mail server that signers' mails would have to wait for.
    assert not Relay.objects.exclude(fault="").exists()


def test_an_outage_of_the_mail_server_is_told_when_it_is_over(petition: Petition, settings: Settings) -> None:
    behaviour = Behaviour(replies={"CONNECT": "554 5.7.1 go away"})
    queue(petition, "signer@example.com")
    with serving(behaviour, settings) as transport:
        send_batch(transport)
        watch_mail_server()
        query("UPDATE signatures_relay SET refuses_since = now() - interval '20 min'")
        for _ in range(10):
            OperatorWatch().look(transport)
            let_pass(minutes=1)
        assert behaviour.seen <= 1
        assert list(Trouble.objects.all().lasting().values_list("kind", flat=True)) == [TroubleKind.RELAY]
        behaviour.replies.clear()
        query("UPDATE signatures_relay SET retry_at = now()")
        assert send_batch(transport).sent == 1
        watch_mail_server()
        for _ in range(10):
            OperatorWatch().look(transport)
            let_pass(minutes=1)
    signer, mail = behaviour.mails()
    assert signer.recipient == "signer@example.com"
    assert (mail.recipient, "The mail server refuses all mails: from " in mail.text) == (ADDRESS, True)


def test_mails_that_are_given_up_are_told_of(petition: Petition, mailbox: Mailbox) -> None:
    queue(petition, "signer@example.org")
    let_mails_grow_old(timedelta(hours=49))
    assert delete_given_up() == 1
    (mail,) = look(mailbox, 10)
    assert "could not be sent within 48 hours and were given up" in text_of(mail)
    query("UPDATE signatures_mailoutcome SET at = now() - interval '25 hours'")
    (over,) = look(mailbox, 10)
    assert over["Subject"] == "Over: Mails were given up"


def test_a_backup_is_late_after_a_day_and_a_half(mailbox: Mailbox, settings: Settings, tmp_path: Path) -> None:
    settings.BACKUP_FOLDER = str(tmp_path)
    file = tmp_path / "last-good"
    file.write_text("{}")
    for hours, is_late in ((35, False), (37, True)):
        os.utime(file, (time.time() - hours * 3600,) * 2)
        assert (TroubleKind.BACKUP in find_troubles()) is is_late
    assert find_troubles()[TroubleKind.BACKUP] == [
        "The last good backup is 37 hours old. Look at the log of the backup, and at the disk."
    ]


@pytest.mark.parametrize(
    ("free", "size", "is_full"),
    [(1, 10, True), (3, 10, False), (3, 40, True), (5, 40, False), (19, 2000, True), (21, 2000, False)],
)
def test_a_disk_is_nearly_full_by_its_size(free: int, size: int, is_full: bool) -> None:
    assert is_nearly_full(Disk(free * GIB, size * GIB)) is is_full


def test_a_full_disk_and_a_placeholder_are_found(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.LOCAL_START = False
    assert find_troubles() == {}
    petition = factories.make_petition(contact="contact@example.org")
    monkeypatch.setattr("signatures.operating.troubles.disks", lambda: {"site": Disk(GIB, 200 * GIB)})
    found = find_troubles()
    assert set(found) == {TroubleKind.DISK, TroubleKind.CONTACT}
    assert "1.0 GiB free of 200.0 GiB" in found[TroubleKind.DISK][0]
    assert petition.slug not in str(found)


def test_proxies_that_do_not_fit_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from signatures.safeguarding import proxy_warnings  # noqa: PLC0415

    caches["ratelimits"].set(proxy_warnings._key(proxy_warnings.ProxyFault.SHORT, "seen"), 1, 60)
    assert set(find_troubles()) == {TroubleKind.PROXIES}
